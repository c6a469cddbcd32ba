"""Panels, the local page, and (later) briefings."""
