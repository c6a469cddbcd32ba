"""What a panel is: one declaration, from which search body, table, chart and (later) Kibana object are compiled.

A panel asks one index for measures in buckets. It uses nothing that Kibana's Lens has not: terms, months, ranges,
and counts, sums, percentiles, maxima, unique counts, each over a filter where it needs one.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

Chart = Literal["figures", "columns", "bars", "heat", "table", "documents"]
Value = str | bool
Where = dict[str, Value | list[Value]]
"""Field -> the value it must have, or any one of a list."""


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wording in both languages of the page."""

    en: str
    zh: str

    def in_(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class Dimension(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way of putting documents into buckets.

    `terms`: the `size` most frequent values of `field`, labelled from the vocabulary `group`. `months`: calendar
    months of `field`, of the documents whose month is known (`month_field` present). `ranges`: half-open ranges
    between the numbers of `bounds`, open at both ends. `provisions`: articles of amended laws, the old and the new number
    of a provision in one bucket, of those that occur. `filter`: the address filter that choosing a bucket sets.
    """

    kind: Literal["terms", "months", "ranges", "provisions"] = "terms"
    field: str
    title: Text
    group: str | None = None
    filter: str | None = None
    size: int = 10
    bounds: tuple[int | float, ...] = ()
    month_field: str = "event_month"
    unknown: Text | None = None
    """How documents without a value are spoken of below the panel; None: they are not counted there."""

    @property
    def presence(self) -> str:
        """The field whose absence makes a document unknown here."""
        return self.month_field if self.kind == "months" else self.field


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number for each bucket. `only` narrows what it counts; `lacks` counts the documents without a value of that
    field. `beside`: the measure whose number this one explains (how many are known, how many are not). `of_text`, in panels
    of provisions: the text of the law before or after its amendment; which versions that are, the catalogue says."""

    id: str
    kind: Literal["count", "value_count", "unique", "sum", "max", "median", "percentile"] = "count"
    field: str | None = None
    percent: float = 50.0
    unit: Literal["count", "yuan"] = "count"
    title: Text
    only: Where = {}
    of_text: Literal["old", "new"] | None = None
    lacks: str | None = None
    beside: str | None = None


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column of documents: `field` of the document, read as `form`: title (a link to the record), date, codes,
    places, money, number, plain. `group`: the vocabulary of its codes."""

    field: str
    title: Text
    form: str = "plain"
    group: str | None = None


class Panel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`by`: buckets, the outer first. `counts` says in a sentence what one unit is and what is left out. `columns`,
    `sort`, `order` and `size`: of a panel that shows documents themselves; with `upcoming`, a date field, those whose
    date is today or later, the next first. `change`: the page sets its figures beside those of the period before.
    `see`: the dashboard that tells more. `scoped` False: the filters of the page leave it as it is, since its index
    does not know them."""

    id: str
    title: Text
    counts: Text
    index: str
    chart: Chart
    where: Where = {}
    by: tuple[Dimension, ...] = ()
    measures: tuple[Measure, ...] = ()
    columns: tuple[Column, ...] = ()
    sort: str | None = None
    order: Literal["asc", "desc"] = "desc"
    upcoming: str | None = None
    change: bool = False
    see: str | None = None
    size: int = 10
    wide: bool = False
    scoped: bool = True


class Dashboard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`index`: the records that it speaks about, whose facets `filters` stand beside it. `leaves_out`: what its figures
    do not count."""

    id: str
    title: Text
    index: str
    filters: tuple[str, ...]
    leaves_out: Text
    panels: tuple[Panel, ...]
