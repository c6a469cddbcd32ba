"""Classification: pure functions from a bulletin to its records."""
