"""Bulletins and records: the messages and documents that every room shares.

Frozen msgspec Structs; unknown fields are refused; `schema` (name and version) travels in every message.
Spans are half-open ranges of Unicode characters in the bulletin's `text`. Money is in fen (1/100 yuan).
Codes are those of the taxonomy in `enrich/knowledge`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Literal, TypeVar

import msgspec
from msgspec import field

from netdocket.errors import RecordError

MAX_TEXT_BYTES: Final = 12_000_000

Kind = Literal[
    "ENFORCEMENT_CASE", "COURT_CASE", "APP_LIST", "CAMPAIGN_STATS", "INDUSTRY_REPORT",
    "REGULATORY_DEV", "INCIDENT", "EXPLAINER", "CONTAINER",
]  # fmt: skip
CASE_KINDS: Final = frozenset({"ENFORCEMENT_CASE", "COURT_CASE", "APP_LIST"})
REPORT_KINDS: Final = frozenset({"CAMPAIGN_STATS", "INDUSTRY_REPORT"})

Language = Literal["zh", "en"]
Origin = Literal["live", "intake", "replica", "generated"]
DEMO_ORIGINS: Final = frozenset({"replica", "generated"})
SourceRole = Literal["official", "secondary"]
Precision = Literal["day", "month", "year", "recent"]
Target = Literal["entity", "individual"]
Role = Literal["violated", "basis", "mentioned"]
CaseStatus = Literal["open", "decided", "appealed", "final"]
RegulatoryStatus = Literal["planned", "draft", "issued", "in_force", "amended", "repealed"]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A value inside a message."""


class Message(Part, frozen=True, kw_only=True, tag_field="schema"):
    """What is sent or stored by itself; `schema` names its shape and version."""


class Span(Part, frozen=True, kw_only=True):
    start: int
    end: int


# --- bulletins ---------------------------------------------------------------------------------------


class Archive(Part, frozen=True, kw_only=True):
    """Where the bytes as fetched lie: a WARC file of the archive folder, and the record's offset in it."""

    file: str
    offset: int


class Attachment(Part, frozen=True, kw_only=True):
    """An attachment that was read into the text, and the part of the text that it fills."""

    name: str
    span: Span


class Bulletin(Message, frozen=True, kw_only=True, tag="netdocket.bulletin/1"):
    """One published page (or hand-given text), as harvested and not masked.

    `published` is an ISO date, YYYY-MM or YYYY; `fetched_at` an ISO time in UTC ending in Z. `revision`, its
    `ordinal` (for people, from 1) and `content_digest` are given by the spool; 0, 0 and "" before. `quiet`: teach
    alerts without firing.
    """

    bulletin_id: str
    source: str
    url: str | None = None
    title: str
    text: str
    language: Language
    publisher: str | None = None
    published: str | None = None
    fetched_at: str
    archive: Archive | None = None
    attachments: tuple[Attachment, ...] = ()
    content_digest: str = ""
    revision: int = 0
    ordinal: int = 0
    origin: Origin = "live"
    quiet: bool = False


class SourceState(Message, frozen=True, kw_only=True, tag="netdocket.source-state/1"):
    """What a crawl found a source to be. Goes through the spool, since crawlers know no index.

    `state` is `ok`, `nothing_new` or the state of an error (netdocket.errors.HarvestError).
    """

    source: str
    state: str
    since: str
    at: str
    last_good: str | None = None
    reason: str | None = None
    where: str | None = None
    found: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    requests: int = 0
    run_id: str
    origin: Origin = "live"


# --- values taken from a text ------------------------------------------------------------------------


class Found(Part, frozen=True, kw_only=True):
    """A value with its warrant: the span of the words it was read from and the rule that read them, or, for a
    value that stands nowhere in the text, what it was `derived` from."""

    evidence: Span | None = None
    rule: str | None = None
    derived: str | None = None


class Stated(Found, frozen=True, kw_only=True):
    """A code or a string."""

    value: str


class DateValue(Found, frozen=True, kw_only=True):
    """`value`: ISO date, YYYY-MM or YYYY, in Asia/Shanghai. `recent` (近日) has the anchor's date as value."""

    value: str
    precision: Precision


class EventDate(Part, frozen=True, kw_only=True):
    """The time axis of every panel: decision, else published, else found or conduct, else the bulletin's."""

    value: str
    precision: Precision
    from_: str = field(name="from")


class Division(Part, frozen=True, kw_only=True):
    """An administrative division: code of GB/T 2260 and its names."""

    code: str
    zh: str
    en: str


class Place(Found, frozen=True, kw_only=True):
    province: Division | None = None
    prefecture: Division | None = None
    county: Division | None = None

    @property
    def export(self) -> str | None:
        """Export form: `Jiangsu/Nanjing`; municipalities stand alone."""
        return "/".join(d.en for d in (self.province, self.prefecture, self.county) if d) or None


class Authority(Found, frozen=True, kw_only=True):
    """`type`: code of authority_types; `name` as printed."""

    name: str
    type: str
    place: Place | None = None


class Violation(Found, frozen=True, kw_only=True):
    code: str
    confidence: float


class Subject(Found, frozen=True, kw_only=True):
    """Who a case is about; a natural person's name is masked at the same length. `count`: how many alike.
    `sector_found`: the warrant of `sector`."""

    name: str
    kind: str
    sector: str | None = None
    sector_found: Found | None = None
    place: Place | None = None
    count: int | None = None


class Penalty(Found, frozen=True, kw_only=True):
    """One measure imposed. `amount` (fen) is each one's where `count` is over 1; `combined`: one sum for several
    subjects, or for fine and confiscation; `shared`: one sum for several grounds. `total` (fen): amount x count,
    of a combined one the amount, None outside CNY or where unknown."""

    id: str
    type: str
    phrase: str
    target: Target
    amount: int | None = None
    currency: str | None = None
    approximate: bool = False
    count: int | None = None
    combined: bool = False
    shared: bool = False
    total: int | None = None
    confidence: float = 1.0


class Citation(Found, frozen=True, kw_only=True):
    """`law`: id of the catalogue, else the printed name. `article` None: the instrument as a whole.

    `version_found` says how the version was arrived at; `exists` is False where the cited version has no such
    article (checked, never corrected)."""

    id: str
    law: str
    role: Role
    printed: str
    version: str | None = None
    version_found: Found | None = None
    article: str | None = None
    paragraph: str | None = None
    item: str | None = None
    exists: bool | None = None
    confidence: float = 1.0

    @property
    def article_string(self) -> str | None:
        """`21`, `21(1)`, `21[5]`, `21(1)[3]`, `253-1`: round brackets a paragraph, square brackets an item."""
        if self.article is None:
            return None
        paragraph = f"({self.paragraph})" if self.paragraph else ""
        return f"{self.article}{paragraph}{f'[{self.item}]' if self.item else ''}"


class Figure(Found, frozen=True, kw_only=True):
    """A number of a campaign or a report. Sums in CNY (yuan), percent as printed, a decline negative."""

    id: str
    metric: str
    value: float
    unit: str | None = None
    approximate: bool = False
    place: Place | None = None
    period: Period | None = None
    campaign: str | None = None
    phrase: str = ""


class Period(Part, frozen=True, kw_only=True):
    start: str | None = None
    end: str | None = None


class AppRow(Found, frozen=True, kw_only=True):
    id: str
    name: str
    developer: str | None = None
    version: str | None = None
    store: str | None = None
    filing_number: str | None = None
    problems: tuple[str, ...] = ()


# --- what a record holds besides the common fields ---------------------------------------------------


class CaseDates(Part, frozen=True, kw_only=True):
    conduct: DateValue | None = None
    found: DateValue | None = None
    decision: DateValue | None = None


class Case(Part, frozen=True, kw_only=True):
    subjects: tuple[Subject, ...] = ()
    document_number: Stated | None = None
    dates: CaseDates = CaseDates()
    penalties: tuple[Penalty, ...] = ()
    citations: tuple[Citation, ...] = ()
    status: Stated | None = None
    apps: tuple[AppRow, ...] = ()


class Report(Part, frozen=True, kw_only=True):
    figures: tuple[Figure, ...] = ()
    citations: tuple[Citation, ...] = ()
    campaign: str | None = None
    campaign_found: Found | None = None
    period: Period | None = None
    period_found: Found | None = None
    dates: CaseDates = CaseDates()


class Regulatory(Part, frozen=True, kw_only=True):
    """A regulatory development. Issuers are the record's `authorities`, repeated here as the contract lists them."""

    instrument: Stated | None = None
    issuers: tuple[Authority, ...] = ()
    co_issuer_count: int | None = None
    co_issuers_found: Found | None = None
    bodies_named: tuple[Stated, ...] = ()
    status: Stated | None = None
    published: DateValue | None = None
    effective: DateValue | None = None
    consultation_until: DateValue | None = None
    replaces: Stated | None = None
    duty_bearers: tuple[Stated, ...] = ()
    citations: tuple[Citation, ...] = ()

    @property
    def issuer_types(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(a.type for a in self.issuers))


class Product(Found, frozen=True, kw_only=True):
    vendor: str | None = None
    name: str
    versions: tuple[str, ...] = ()


class Scale(Found, frozen=True, kw_only=True):
    what: str
    value: float | None = None
    unit: str | None = None
    approximate: bool = False
    claimed: bool = False


class Severity(Found, frozen=True, kw_only=True):
    scale: str
    value: str


class IncidentDates(Part, frozen=True, kw_only=True):
    occurred: DateValue | None = None
    discovered: DateValue | None = None
    published: DateValue | None = None


class Incident(Part, frozen=True, kw_only=True):
    notice_class: Stated | None = None
    types: tuple[Stated, ...] = ()
    severity: Severity | None = None
    subject: Stated | None = None
    products: tuple[Product, ...] = ()
    identifiers: tuple[Stated, ...] = ()
    scale: tuple[Scale, ...] = ()
    dates: IncidentDates = IncidentDates()
    actor: Stated | None = None
    state: Stated | None = None


class Record(Message, frozen=True, kw_only=True, tag="netdocket.record/1"):
    """One case, report, regulatory development or incident. Exactly the section of its kind is filled;
    an EXPLAINER has a span and a title only."""

    record_id: str
    bulletin_id: str
    revision: int
    rules_version: int
    kind: Kind
    kind_found: Found = Found()
    span: Span
    title: str
    title_found: Found = Found()
    source: str
    source_role: SourceRole
    url: str | None = None
    language: Language
    jurisdiction: str = "CN"
    jurisdiction_found: Found | None = None
    authorities: tuple[Authority, ...] = ()
    place: Place | None = None
    sector: Stated | None = None
    violations: tuple[Violation, ...] = ()
    published: DateValue | None = None
    event_date: EventDate | None = None
    confidence: float = 1.0
    origin: Origin = "live"
    quiet: bool = False
    fetched_at: str
    archive: Archive | None = None
    case: Case | None = None
    report: Report | None = None
    regulatory: Regulatory | None = None
    incident: Incident | None = None


class Classified(Message, frozen=True, kw_only=True, tag="netdocket.classified/1"):
    """A bulletin's records, and its text as it may be shown: persons masked, every span still valid."""

    bulletin_id: str
    revision: int
    rules_version: int
    masked_title: str
    masked_text: str
    source_role: SourceRole
    publisher: Authority | None = None
    published: DateValue | None = None
    records: tuple[Record, ...] = ()


class BulletinRecords(Message, frozen=True, kw_only=True, tag="netdocket.bulletin-records/1"):
    """All records of one bulletin, as announced on the topic of records once they are stored.

    Whoever reads it ignores a lower `version` than one seen before of this bulletin, and holds a record against the
    store before acting on it: the bulletin may have been removed since. `again`: newer rules over a bulletin that was
    announced before, or one that is back; no news."""

    bulletin_id: str
    version: int
    revision: int
    rules_version: int
    again: bool = False
    records: tuple[Record, ...] = ()


class Manifest(Message, frozen=True, kw_only=True, tag="netdocket.manifest/1"):
    """Which documents are derived from one bulletin (index, id), at which external version.

    `to_delete`: former documents not yet deleted. `removed`: taken out on request, later messages are dropped."""

    bulletin_id: str
    version: int
    documents: tuple[tuple[str, str], ...] = ()
    to_delete: tuple[tuple[str, str], ...] = ()
    removed: bool = False
    why: str | None = None


class DeadLetter(Message, frozen=True, kw_only=True, tag="netdocket.dead-letter/1"):
    """What could not be processed: the step, the reason, the bytes (base64 in JSON), and where they came from.

    `key` makes a redelivery the same letter: (topic, partition, offset, digest of the bytes), or bulletin and step.
    `topic`: the queue that it came from and goes back to; none of a page that never became a bulletin.
    """

    key: str
    step: str
    reason: str
    error: str
    payload: bytes
    at: str
    bulletin_id: str | None = None
    source: str | None = None
    url: str | None = None
    archive: Archive | None = None
    attempts: int = 1
    topic: str | None = None


Messages = Bulletin | SourceState | Record | Classified | BulletinRecords | Manifest | DeadLetter

M = TypeVar("M", bound=Message)

_encoder = msgspec.json.Encoder(order="deterministic")


def encode(message: Message) -> bytes:
    """JSON bytes of a message, keys in a fixed order."""
    return _encoder.encode(message)


def decode(data: bytes | str, kind: type[M]) -> M:
    """The message in `data`. Raises RecordError naming the field that does not fit."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(str(error), where=kind.__name__) from error


def json_schema(kind: type[Message]) -> dict[str, Any]:
    """JSON Schema (2020-12) of a message."""
    schema = msgspec.json.schema(kind)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def utc_now() -> str:
    """The time now, ISO 8601 in UTC to the second, ending in Z."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
