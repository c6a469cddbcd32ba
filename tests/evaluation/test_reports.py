"""What the reports say of a small set of our own: the reason behind each error, and no document in the published page."""

from __future__ import annotations

from msgspec.json import decode, encode
from msgspec.structs import replace

from netdocket.evaluation import (
    Document,
    Evaluation,
    Label,
    evaluate,
    html_report,
    markdown_report,
    text_report,
)
from netdocket.evaluation.labels import ArticleLabel, PenaltyLabel
from netdocket.evidence import Quote

Labelled = tuple[list[Label], list[Document]]


def changed(labelled: Labelled, doc: str, **fields: object) -> Evaluation:
    """The evaluation with the first label of a document changed: as if the classifier were wrong."""
    labels, documents = labelled
    at = next(n for n, label in enumerate(labels) if label.doc == doc)
    return evaluate([*labels[:at], replace(labels[at], **fields), *labels[at + 1 :]], documents)


def slips(evaluation: Evaluation, doc: str) -> list[tuple[str, str, str, Quote | None]]:
    found = next(d for d in evaluation.worst if d.doc == doc)
    return [(slip.figure, slip.wanted, slip.cause, slip.quote) for slip in found.slips]


def test_a_missed_penalty_shows_the_sentence_that_was_read_and_why_it_was_lost(labelled: Labelled) -> None:
    asked = (
        PenaltyLabel(type="warning"),
        PenaltyLabel(type="fine", amount_cny=20000),
        PenaltyLabel(type="interview"),
        PenaltyLabel(type="suspend_business"),
    )
    found = {
        wanted: (cause, quote)
        for _, wanted, cause, quote in slips(changed(labelled, "002", penalties=asked), "002")
    }
    cause, quote = found["interview entity"]
    assert cause == "read and lost: tells of an earlier measure"
    assert quote == Quote("此前，该公司曾因同类问题被", "约谈", "。")
    cause, quote = found["suspend_business entity"]
    assert cause == "read and lost: stands in an appeal, a reminder or a statute quoted below the case"
    assert quote is not None and quote.words == "责令停业"


def test_an_invented_value_shows_its_evidence_and_its_rule(labelled: Labelled) -> None:
    evaluation = changed(labelled, "002", penalties=(PenaltyLabel(type="warning"),))
    found = next(d for d in evaluation.worst if d.doc == "002")
    (slip,) = [slip for slip in found.slips if slip.figure == "penalty_entries"]
    assert (slip.outcome, slip.given, slip.rule) == ("invented", "fine entity 20,000", "penalties.FINE")
    assert slip.quote is not None and "罚款" in slip.quote.words and slip.quote.before.startswith("警方依据")


def test_near_misses_are_told_from_blindness(labelled: Labelled) -> None:
    asked = (PenaltyLabel(type="warning"), PenaltyLabel(type="fine", amount_cny=30000))
    causes = {
        wanted: cause for _, wanted, cause, _ in slips(changed(labelled, "002", penalties=asked), "002")
    }
    assert causes["fine entity 30,000"] == "read with another amount"
    cited = (
        ArticleLabel(law="CSL", article="21", role="violated"),
        ArticleLabel(law="DSL", article="59", role="basis"),
    )
    causes = {wanted: cause for _, wanted, cause, _ in slips(changed(labelled, "002", articles=cited), "002")}
    assert causes["CSL 21 violated"] == "read in another role"
    assert causes["DSL 59 basis"] == "read of another law"


def test_labels_not_told_apart_and_items_cut_apart_are_named(labelled: Labelled) -> None:
    labels, documents = labelled
    (one,) = [label for label in labels if label.doc == "002"]
    middle = (one.char_start + one.char_end) // 2
    halves = [replace(one, char_end=middle), replace(one, item=2, char_start=middle)]
    found = evaluate(halves, documents)
    assert ("items", "the record over it answers another label (items not told apart)") in {
        (row.figure, row.cause) for row in found.causes
    }
    whole = replace(one, kind="other", violation_types=(), penalties=(), articles=())
    causes = {row.figure: row.cause for row in evaluate([whole], documents).causes}
    assert causes["no_penalty_invented"] == "a record over it carries a penalty"
    kinds = [
        (row.wanted, row.given)
        for row in evaluate([whole], documents).confusions
        if row.figure == "kind_accuracy"
    ]
    assert kinds == [("other", "enforcement_case")]


def test_the_published_page_has_both_halves_and_quotes_no_document(labelled: Labelled) -> None:
    labels, documents = labelled
    evaluation = changed(labelled, "002", penalties=())
    page = markdown_report(evaluation)
    assert "| Figure | goal | all | even numbers | odd numbers | Chinese | English | 95 % |" in page
    assert "read, and not labelled" in page
    for document in documents:
        for start in range(0, len(document.text) - 12, 6):
            assert document.text[start : start + 12] not in page, (document.name, start)
    assert all(label.span_start_text not in page for label in labels)


def test_the_page_escapes_what_documents_hold(labelled: Labelled) -> None:
    labels, documents = labelled
    text = "<script>alert(1)</script>"
    hostile = [replace_text(d, text) if d.name == "002" else d for d in documents]
    shown = evaluate([replace(one, penalties=()) for one in labels], hostile)
    page = html_report(shown)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def replace_text(document: Document, text: str) -> Document:
    from dataclasses import replace as with_fields

    return with_fields(document, title=text, text=text * 20)


def test_json_holds_all_of_it_and_the_text_names_each_figure(labelled: Labelled) -> None:
    labels, documents = labelled
    evaluation = evaluate(labels, documents)
    assert decode(encode(evaluation), type=Evaluation) == evaluation
    shown = text_report(evaluation)
    for title in ("Items found", "Penalties with target and amount", "Foreign items kept out"):
        assert title in shown
