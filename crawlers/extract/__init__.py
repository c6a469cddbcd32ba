"""Bytes to text: character sets, the block structure of a page, printed dates."""
