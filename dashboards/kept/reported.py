"""Records that a reader says are wrong. They are kept here and sent nowhere; nothing is corrected by them."""

from __future__ import annotations

import secrets

import msgspec

from dashboards.kept.views import keeper
from dashboards.panels.errors import FilterError
from index.store import Kept, Store

KIND = "reported_records"
LONGEST = 2000
MOST = 5000


class Reported(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was wrong with which version of a record. `value`: the value that is meant, as it was shown, None: the
    record; `rule`: what had read it. `said`: in the reader's words. `at`: UTC."""

    record_id: str
    index: str
    bulletin_id: str
    revision: int
    rules_version: int
    title: str
    said: str
    at: str
    url: str | None = None
    value: str | None = None
    rule: str | None = None


def reported_records(store: Store) -> Kept[Reported]:
    return keeper(store).user_state(KIND, Reported)


def keep(store: Store, report: Reported) -> str:
    """Its key; keys sort by time. Raises FilterError for what says nothing or too much."""
    if not 1 <= len(report.said) <= LONGEST:
        raise FilterError(
            f"say in 1 to {LONGEST} characters what is wrong",
            f"请用 1 至 {LONGEST} 个字符说明问题",
            where="said",
        )
    kept = reported_records(store)
    if len(kept.all()) >= MOST:
        raise FilterError(
            f"{MOST} reports are kept; drop some", f"已有 {MOST} 条报告，请先清理", where="said"
        )
    key = f"{report.at}-{secrets.token_hex(4)}"
    kept.put(key, report)
    return key


def state_of(store: Store, report: Reported) -> str:
    """`there`: the record is as it was reported; `read_again`: other rules or another revision since; `gone`."""
    stored = store.get(report.index, report.record_id)
    if stored is None:
        return "gone"
    now = (stored.source.get("revision"), stored.source.get("rules_version"))
    return "there" if now == (report.revision, report.rules_version) else "read_again"
