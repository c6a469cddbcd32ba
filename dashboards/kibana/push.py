"""Bringing the saved objects into a space of a Kibana, and comparing them with what is there."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from dashboards.kibana.carrier import Carrier, KibanaError, payload

Json = dict[str, Any]
TYPES = ("dashboard", "index-pattern", "search", "tag")
ALERTS = Path(__file__).parent / "alerts.yaml"
TIME_ZONE = "UTC"
"""Dates are days in China kept as UTC midnights: any other zone would move the first of a month into the one before."""
CONFLICT = 409
NOT_FOUND = 404
WRITE_ONLY = frozenset({"secrets"})
"""Parts of a connector that Kibana never gives out."""


@dataclasses.dataclass(frozen=True)
class Difference:
    """`what`: missing, changed, or not ours."""

    key: str
    what: str


def objects_of(text: str) -> list[Json]:
    """The objects of an NDJSON file, the tag with the digest of them all: by it a Kibana that has rewritten them in
    a newer form can still be asked whether they are these."""
    objects = [json.loads(line) for line in text.split("\n") if line.strip()]
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    for found in objects:
        if found["type"] == "tag":
            found["attributes"]["description"] += f" ({digest})"
    return objects


def diff(kibana: Carrier, space: str, text: str) -> list[Difference]:
    """What a push would change. Objects that this Kibana has rewritten in a newer form are compared by the digest of
    the last push: an edit by hand in one of them is not noticed."""
    ours = {_key(found): found for found in objects_of(text)}
    theirs = {_key(found): found for found in _exported(kibana, space)}
    same_push = any(
        key in theirs and theirs[key]["attributes"].get("description") == found["attributes"]["description"]
        for key, found in ours.items()
        if found["type"] == "tag"
    )
    found = [Difference(key, "missing") for key in ours if key not in theirs]
    for key, own in ours.items():
        other = theirs.get(key)
        if other is None:
            continue
        rewritten = other.get("typeMigrationVersion") != own["typeMigrationVersion"]
        if not same_push if rewritten else not _equal(own, other):
            found.append(Difference(key, "changed"))
    found += [
        Difference(key, "not ours")
        for key, other in theirs.items()
        if key not in ours and other.get("managed")
    ]
    return sorted(found, key=lambda d: (d.what, d.key))


def push(kibana: Carrier, space: str, text: str) -> list[Difference]:
    """Makes the space, fixes its time zone, and imports everything that is not there as it should be; what differed.
    Raises KibanaError with every error of the import's answer."""
    kibana.wait()
    ensure_space(kibana, space)
    differences = [found for found in diff(kibana, space, text) if found.what != "not ours"]
    if differences:
        lines = "".join(json.dumps(found, ensure_ascii=False) + "\n" for found in objects_of(text))
        _, answer = kibana.ask(
            "post",
            f"s/{space}/api/saved_objects/_import",
            params={"overwrite": "true"},
            files={"file": ("netdocket.ndjson", lines.encode(), "application/ndjson")},
        )
        check_import(answer)
    return differences


def check_import(answer: Any) -> None:
    """An answer of status 200 can say that it failed. Raises KibanaError naming each object."""
    if isinstance(answer, dict) and answer.get("success") is True and not answer.get("errors"):
        return
    errors = answer.get("errors", []) if isinstance(answer, dict) else []
    lines = [f"{error.get('type')}:{error.get('id')}: {_reason(error.get('error', {}))}" for error in errors]
    raise KibanaError("; ".join(lines) or f"the import failed: {answer}", where="_import")


def _reason(error: Json) -> str:
    kind = str(error.get("type", "unknown"))
    missing = ", ".join(f"{ref['type']}:{ref['id']}" for ref in error.get("references", []))
    return f"{kind} {missing or error.get('message', '')}".strip()


def ensure_space(kibana: Carrier, space: str) -> None:
    status, _ = kibana.ask("get", f"api/spaces/space/{space}", allowed=(NOT_FOUND,))
    if status == NOT_FOUND:
        body = {"id": space, "name": "netdocket", "description": "What regulators and police do about data"}
        kibana.ask("post", "api/spaces/space", data=payload(body), allowed=(CONFLICT,))
    changes = payload({"changes": {"dateFormat:tz": TIME_ZONE}})
    internal = {"elasticInternalOrigin": "true"}
    status, _ = kibana.ask(
        "post", f"s/{space}/internal/kibana/settings", params=internal, data=changes, allowed=(NOT_FOUND,)
    )
    if status == NOT_FOUND:  # its address before 8.10
        kibana.ask("post", f"s/{space}/api/kibana/settings", data=changes)


def push_alerts(kibana: Carrier, space: str, *, prefix: str) -> list[str]:
    """Creates the connectors and the rule, and updates what is not as it should be: a line for each that was not.

    An update gives a rule a new API key, so one that is as it should be is left alone."""
    done = []
    for wanted in alert_requests(prefix):
        path = f"s/{space}/{wanted['path']}/{wanted['id']}"
        body = wanted["body"]
        status, there = kibana.ask("get", path, allowed=(NOT_FOUND,))
        if status == NOT_FOUND:
            kibana.ask("post", path, data=payload({**wanted["create"], **body}))
        elif _has(_plain(there), _plain({k: v for k, v in body.items() if k not in WRITE_ONLY})):
            continue
        else:
            kibana.ask("put", path, data=payload(body))
        done.append(f"{body['name']}: {'created' if status == NOT_FOUND else 'updated'}")
    return done


def _has(there: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there; what Kibana adds of its own is no difference, and nothing is as good as null."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(_has(there.get(key), one) for key, one in wanted.items())
    if isinstance(wanted, list):
        same = isinstance(there, list) and len(there) == len(wanted)
        return same and all(_has(one, other) for one, other in zip(there, wanted, strict=True))
    return bool(there == wanted)


def alert_requests(prefix: str) -> list[Json]:
    """The requests of alerts.yaml for these index names; Kibana wants the query as a string."""
    text = ALERTS.read_text(encoding="utf-8").replace("{prefix}", prefix)
    requests: list[Json] = yaml.safe_load(text)
    for wanted in requests:
        params = wanted["body"].get("params")
        if params:
            params["esQuery"] = json.dumps(params["esQuery"])
    return requests


def _exported(kibana: Carrier, space: str) -> list[Json]:
    """Everything of our types in the space; nothing where it does not exist."""
    body = {"type": list(TYPES), "excludeExportDetails": True, "includeReferencesDeep": False}
    status, answer = kibana.ask(
        "post", f"s/{space}/api/saved_objects/_export", data=payload(body), allowed=(NOT_FOUND, 400)
    )
    if status == 400 and "No objects" not in json.dumps(answer):
        raise KibanaError(f"400: {answer}", where="_export")
    if status != 200:
        return []
    if isinstance(answer, dict):  # one line of NDJSON is JSON
        return [answer]
    return [json.loads(line) for line in str(answer).split("\n") if line.strip()]


def _key(found: Json) -> str:
    return f"{found['type']}:{found['id']}"


def _equal(own: Json, other: Json) -> bool:
    return _plain(own["attributes"]) == _plain(
        {key: value for key, value in other["attributes"].items() if key in own["attributes"]}
    ) and _references(own) == _references(other)


def _references(found: Json) -> set[tuple[str, str, str]]:
    return {(ref["type"], ref["id"], ref["name"]) for ref in found["references"]}


def _plain(value: Any) -> Any:
    """With the JSON inside strings read, so that the order of keys does not matter."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return _plain(json.loads(value))
        except ValueError:
            return value
    return value
