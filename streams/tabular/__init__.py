"""Documents as rows of a table, for spreadsheets and data frames: CSV, XLSX, Parquet, JSON Lines."""
