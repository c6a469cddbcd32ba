"""Kinds of bulletins: each module writes one or a few of them. A writer fills the draft and gives the name of whoever
published it, None where that is the site itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from netdocket.generator.drafts import Draft
from netdocket.generator.genres import (
    applists,
    batches,
    court,
    digests,
    explainers,
    incidents,
    monthlies,
    notices,
    regulatory,
    reports,
    rollups,
    tables,
)

GENRES: Final[Mapping[str, Callable[[Draft], str | None]]] = {
    "notice": notices.notice,
    "batch": batches.batch_zh,
    "app_list": applists.app_list,
    "pboc": tables.pboc,
    "nfra": tables.nfra,
    "rollup": rollups.rollup,
    "regulatory": regulatory.news,
    "incident": incidents.incident,
    "report": reports.report,
    "explainer": explainers.explainer,
    "court": court.judgment,
    "digest": digests.digest_zh,
    "monthly": monthlies.monthly,
    "round_up": monthlies.round_up,
}
