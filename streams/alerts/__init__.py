"""Alerts: what is new is noticed once, kept as a document, and delivered at least once."""
