"""What tells the documents of an index apart."""

from __future__ import annotations

from typing import Final

OWN_KEY: Final = {
    "apps": "app_id",
    "bulletins": "bulletin_id",
    "cases": "record_id",
    "citations": "citation_id",
    "developments": "record_id",
    "figures": "figure_id",
    "incidents": "record_id",
    "instruments": "instrument",
    "manifests": "bulletin_id",
    "penalties": "penalty_id",
    "penalty-types": "thing",
    "reports": "record_id",
    "sources": "source",
}
"""The field by which a document of the index is told from all others: what pages are cut by."""
