"""Documents that pages link to, as text: paragraphs a line each, tables row by row with tabs between cells."""
