"""Measuring the classifier on labelled documents.

labels = read_labels([Path("labels.jsonl")], load_vocabulary())
evaluation = evaluate(labels, documents)
print(text_report(evaluation))
"""

from netdocket.evaluation.answers import Answer, Document, classified, read_records
from netdocket.evaluation.evaluation import evaluate, in_half
from netdocket.evaluation.labels import Label, LabelError, check_spans, read_labels
from netdocket.evaluation.report_html import html_report
from netdocket.evaluation.report_markdown import markdown_report
from netdocket.evaluation.report_text import text_report
from netdocket.evaluation.results import Evaluation, Half
from netdocket.evaluation.vocabulary import load_vocabulary

__all__ = [
    "Answer",
    "Document",
    "Evaluation",
    "Half",
    "Label",
    "LabelError",
    "check_spans",
    "classified",
    "evaluate",
    "html_report",
    "in_half",
    "load_vocabulary",
    "markdown_report",
    "read_labels",
    "read_records",
    "text_report",
]
