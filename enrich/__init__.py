"""Classification: pure functions from a bulletin to its records."""

from enrich.catalogue import Knowledge, Label, load_knowledge
from enrich.pipeline import classify

__all__ = ["Knowledge", "Label", "classify", "load_knowledge"]
