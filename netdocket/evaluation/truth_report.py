"""How the classifier read the generator's bulletins, as Markdown: the page `docs/quality-generated.md`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from netdocket.evaluation.against_truth import GROUPS, Compared
from netdocket.evaluation.intervals import Tally

TOTALS_ONLY: Final = frozenset({"role"})
"""Groups of so many codes that only their sum says anything."""
HEAD: Final = """\
# Against the generator's truth

How the classifier reads invented bulletins whose content is known exactly. Written by `make truth`; do not edit.

{bulletins:,} bulletins (seed {seed}) with {wanted:,} records, rules version {version}: {given:,} records were given, {paired:,} of them \
answer one of the truth by their spans, and in {exact:,} of those every code below is right.

No mark is set. At least a third of the generator's sentences on violations and penalties avoid every cue that the
taxonomy lists, so that it is no mirror of the rules; how such a sentence is worded is the generator's choice, and real
bulletins choose otherwise ([quality.md](quality.md) measures those). What this shows is which codes are not reached, over more
cases than anybody labels by hand. A code counts once a record; what stands in a record that was not found counts as
missed, what stands in one without a counterpart as invented.
"""


def markdown(compared: Compared, *, seed: int, rules_version: int) -> str:
    """The page."""
    return "\n".join(_lines(compared, seed, rules_version)) + "\n"


def as_json(compared: Compared, *, seed: int, rules_version: int) -> dict[str, Any]:
    """All counts."""
    return {
        "bulletins": compared.bulletins, "seed": seed, "rules_version": rules_version, "records": compared.wanted,
        "given": compared.given, "paired": compared.paired, "exact": compared.exact,
        "codes": {
            group: {
                code: {"right": tally.right, "missed": tally.missed, "invented": tally.invented}
                for code, tally in sorted(compared.codes[group].items())
            }
            for group in GROUPS
        },
    }  # fmt: skip


def _lines(compared: Compared, seed: int, rules_version: int) -> Iterator[str]:
    yield HEAD.format(
        bulletins=compared.bulletins, seed=seed, wanted=compared.wanted, version=rules_version, given=compared.given,
        paired=compared.paired, exact=compared.exact,
    )  # fmt: skip
    yield "| | in the truth | precision | recall | F1 |"
    yield "|---|---|---|---|---|"
    yield from (_row(name, compared.total(group)) for group, name in GROUPS.items())
    for group, name in GROUPS.items():
        if group in TOTALS_ONLY:
            continue
        yield f"\n## {name}\n"
        yield "| code | in the truth | precision | recall | F1 |"
        yield "|---|---|---|---|---|"
        codes = sorted(compared.codes[group].items(), key=lambda item: (-item[1].labelled, item[0]))
        yield from (_row(code, tally) for code, tally in codes)


def _row(name: str, tally: Tally) -> str:
    """A share of nothing is none."""
    precision = f"{tally.precision:.3f}" if tally.right + tally.invented else "–"
    recall = f"{tally.recall:.3f}" if tally.labelled else "–"
    f1 = f"{tally.f1:.3f}" if tally.labelled else "–"
    return f"| {name} | {tally.labelled:,} | {precision} | {recall} | {f1} |"
