"""A briefing on a period: figures, tables, notable cases, each number with the search that it can be checked by."""
