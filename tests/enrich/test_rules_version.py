"""The rules' version is raised whenever a result can change (contract): the digest of all fixture results is tied to it.

When this fails after a change of rules: raise `rules_version` in enrich/knowledge/rules.yaml by one and write the line
that the failure prints into rules_digest.yaml (only the last line counts; earlier ones stay as history).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import yaml

from enrich import classify, load_knowledge
from netdocket.records import encode
from tests.enrich.bulletins import bulletin_of, names

DIGESTS = Path(__file__).parent / "rules_digest.yaml"


def digest() -> str:
    """SHA-256 over the records of all texts, without the version that they carry."""
    knowledge = load_knowledge()
    carried = f'"rules_version":{knowledge.rules_version}'.encode()
    results = hashlib.sha256()
    for name in names():
        results.update(encode(classify(bulletin_of(name), knowledge)).replace(carried, b'"rules_version":0'))
    return results.hexdigest()


def test_a_changed_result_comes_with_a_raised_version() -> None:
    version = load_knowledge().rules_version
    known = yaml.safe_load(DIGESTS.read_text(encoding="utf-8"))
    now = digest()
    assert version == max(known), f"rules_version is {version}, the last digest noted is of {max(known)}"
    assert known[version] == now, f"results have changed: raise rules_version and note\n{version + 1}: {now}"
