"""Kinds of bulletins: each module writes one or a few of them."""
