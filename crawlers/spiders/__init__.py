"""Spiders. There is one: it does what a card says."""
