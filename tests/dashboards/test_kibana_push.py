"""Bringing the saved objects to a Kibana that keeps Kibana's rules of import."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

pytest.importorskip(
    "kibana_api", reason="the package kibana-api, which carries the requests, is not installed"
)

from dashboards.kibana.carrier import Carrier, KibanaError, KibanaUnavailableError
from dashboards.kibana.compiled import COMPILED
from dashboards.kibana.push import alert_requests, diff, objects_of, push, push_alerts
from index.mappings import load_mappings
from netdocket.cli.dashboards import command
from netdocket.records import utc_now
from tests.dashboards.fake_kibana import FakeKibana, fake_kibana
from tests.streams.conftest import Plant
from tests.streams.toy_rules import bulletin

TEXT = COMPILED.read_text(encoding="utf-8")
COUNT = TEXT.count("\n")


@pytest.fixture
def fake() -> Iterator[FakeKibana]:
    with fake_kibana() as kibana:
        yield kibana


@pytest.fixture
def kibana(fake: FakeKibana) -> Carrier:
    return Carrier(fake.base, patience=5, sleep=lambda seconds: None)


@pytest.mark.parametrize("migrates", [False, True])
def test_a_second_push_changes_nothing(fake: FakeKibana, kibana: Carrier, migrates: bool) -> None:
    fake.migrates = migrates
    first = push(kibana, "docket", TEXT)
    assert {found.what for found in first} == {"missing"}
    assert len(first) == COUNT == len(fake.objects["docket"])
    assert fake.settings == {"docket": {"dateFormat:tz": "UTC"}}
    imports = [path for _, path, _ in fake.requests].count("/s/docket/api/saved_objects/_import")
    assert push(kibana, "docket", TEXT) == []
    assert diff(kibana, "docket", TEXT) == []
    assert [path for _, path, _ in fake.requests].count("/s/docket/api/saved_objects/_import") == imports == 1


def test_differences_are_named_and_mended(fake: FakeKibana, kibana: Carrier) -> None:
    fake.migrates = False
    push(kibana, "docket", TEXT)
    held = fake.objects["docket"]
    held["dashboard", "netdocket-penalties"]["attributes"]["title"] = "My own"
    del held["search", "netdocket-first-seen"]
    held["dashboard", "netdocket-old"] = {**held["dashboard", "netdocket-overview"], "id": "netdocket-old"}
    found = {(d.key, d.what) for d in diff(kibana, "docket", TEXT)}
    assert found == {
        ("dashboard:netdocket-penalties", "changed"),
        ("search:netdocket-first-seen", "missing"),
        ("dashboard:netdocket-old", "not ours"),
    }
    assert len(push(kibana, "docket", TEXT)) == 2
    assert {d.what for d in diff(kibana, "docket", TEXT)} == {"not ours"}


def test_other_contents_are_noticed_where_kibana_has_rewritten_the_objects(
    fake: FakeKibana, kibana: Carrier
) -> None:
    push(kibana, "docket", TEXT)
    other = TEXT.replace("http://127.0.0.1:8321", "https://docket.example")
    changed = {found.key for found in push(kibana, "docket", other)}
    assert {"index-pattern:netdocket-cases", "dashboard:netdocket-overview", "tag:netdocket"} <= changed
    assert push(kibana, "docket", other) == []


def test_every_error_of_an_answer_of_200_is_reported(fake: FakeKibana, kibana: Carrier) -> None:
    fake.refuse = {"netdocket-overview", "netdocket-latest-cases"}
    with pytest.raises(KibanaError) as caught:
        push(kibana, "docket", TEXT)
    for id in ("dashboard:netdocket-overview", "search:netdocket-latest-cases"):
        assert f"{id}: unknown refused for the test" in str(caught.value)


def test_what_the_import_refuses(fake: FakeKibana, kibana: Carrier) -> None:
    lines = TEXT.splitlines()
    with pytest.raises(KibanaError, match="Non-unique import objects"):
        push(kibana, "docket", "\n".join([*lines, lines[-1]]) + "\n")
    without = [
        line for line in lines if json.loads(line)["id"] != "netdocket-penalties" or "dashboard" in line
    ]
    without = [line for line in lines if '"title": "netdocket-penalties"' not in line]
    assert len(without) == len(lines) - 1
    with pytest.raises(KibanaError, match="missing_references index-pattern:netdocket-penalties"):
        push(kibana, "docket", "\n".join(without) + "\n")
    newer = [
        line.replace('"typeMigrationVersion": "8.9.0"', '"typeMigrationVersion": "11.0.0"') for line in lines
    ]
    with pytest.raises(KibanaError, match="more recent version"):
        push(kibana, "other", "\n".join(newer) + "\n")


def test_it_waits_while_kibana_starts(fake: FakeKibana, kibana: Carrier) -> None:
    fake.starting = 4
    assert len(push(kibana, "docket", TEXT)) == COUNT
    assert [status for _, _, status in fake.requests][:5] == [503, 503, 503, 503, 200]


def test_it_gives_up_on_a_kibana_that_is_not_there(fake: FakeKibana) -> None:
    fake.starting = 1_000_000
    with pytest.raises(KibanaUnavailableError, match="503"):
        Carrier(fake.base, patience=0, sleep=lambda seconds: None).wait()
    with pytest.raises(KibanaUnavailableError, match="does not answer"):
        Carrier("http://127.0.0.1:9", patience=0, sleep=lambda seconds: None).wait()


def test_an_address_that_waiting_cannot_mend_is_said_at_once() -> None:
    slept: list[float] = []
    for address in ("htp://127.0.0.1:9", "127.0.0.1:9/x", "http://"):
        with pytest.raises(KibanaError, match="cannot be asked"):
            Carrier(address, patience=60, sleep=slept.append).wait()
    assert slept == []


def test_no_password_of_an_address_is_told() -> None:
    with pytest.raises(KibanaUnavailableError, match="refused") as caught:
        Carrier("http://elastic:s3cret@127.0.0.1:9", patience=0, sleep=lambda seconds: None).wait()
    assert "s3cret" not in str(caught.value)
    assert "127.0.0.1:9" in str(caught.value)


def test_settings_of_an_older_kibana(fake: FakeKibana, kibana: Carrier) -> None:
    fake.old_settings = True
    push(kibana, "docket", TEXT)
    assert fake.settings == {"docket": {"dateFormat:tz": "UTC"}}


def test_connectors_and_rule_are_made_once_and_put_right_where_they_differ(
    fake: FakeKibana, kibana: Carrier
) -> None:
    push(kibana, "docket", TEXT)
    first, second = (push_alerts(kibana, "docket", prefix="netdocket") for _ in range(2))
    assert [line.rsplit(": ", 1)[1] for line in first] == ["created"] * 3
    assert second == []
    assert "PUT" not in {method for method, _, _ in fake.requests}  # a rule keeps its API key
    (rule,) = (made for path, made in fake.made.items() if "/rule/" in path)
    wanted = rule["params"]["threshold"]
    rule["params"]["threshold"] = [wanted[0] + 5]
    assert push_alerts(kibana, "docket", prefix="netdocket") == ["netdocket: a new kind of penalty: updated"]
    (rule,) = (made for path, made in fake.made.items() if "/rule/" in path)
    assert rule["params"]["threshold"] == wanted
    assert push_alerts(kibana, "docket", prefix="netdocket") == []
    assert len(push_alerts(kibana, "docket", prefix="netdocket-demo")) == 2  # other indices, the same log


def test_the_rule_reads_fields_that_the_registry_has() -> None:
    rule = alert_requests("netdocket")[-1]["body"]["params"]
    assert rule["index"] == ["netdocket-penalty-types"]
    fields = load_mappings()["penalty-types"].fields
    assert fields[rule["timeField"]] == "date"
    asked = json.loads(rule["esQuery"])["query"]["bool"]["must_not"]
    assert {field for clause in asked for field in clause["term"]} <= set(fields)


def test_a_kind_that_had_to_wait_is_within_the_window_and_an_heir_is_not_new(plant: Plant) -> None:
    """Harvested years ago, stored now; then its record goes, and another that was harvested later inherits."""
    rule = alert_requests("netdocket")[-1]["body"]["params"]
    assert (rule["timeWindowSize"], rule["timeWindowUnit"], rule["termField"]) == (1, "d", "thing")

    def at() -> str:
        entry = plant.store.get("penalty-types", "FINE")
        assert entry is not None
        return str(entry.source[rule["timeField"]])

    began = utc_now()
    plant.submit(bulletin("a", 0, "FINE", fetched_at="2020-03-01T00:00:00Z"))
    plant.drain()
    entered = at()
    assert entered >= began
    entry = plant.store.get("penalty-types", "FINE")
    assert entry is not None
    earlier = {**entry.source, rule["timeField"]: "2026-03-01T00:00:00Z"}
    plant.store.swap("penalty-types", "FINE", earlier, seq_no=entry.seq_no)
    plant.submit(bulletin("b", 0, "FINE"), bulletin("a", 0, "WARNING"))
    plant.drain()
    entry = plant.store.get("penalty-types", "FINE")
    assert entry is not None
    assert (entry.source["bulletin_id"], at()) == ("b", "2026-03-01T00:00:00Z")


def test_the_command(fake: FakeKibana) -> None:
    run = CliRunner()
    arguments = ["--url", fake.base, "--patience", "5"]
    assert run.invoke(command, ["diff", *arguments]).exit_code == 1
    first = run.invoke(command, ["push", *arguments])
    assert first.exit_code == 0, first.output
    assert f"{COUNT} saved objects brought to netdocket" in first.output
    second = run.invoke(command, ["push", *arguments])
    assert second.output.strip() == "nothing changed"
    assert run.invoke(command, ["diff", *arguments]).output.strip() == "nothing differs"


def test_the_indices_are_those_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETDOCKET_INDEX_PREFIX", "watch")
    told = CliRunner().invoke(command, ["export"]).output
    assert '"watch-cases"' in told
    assert '"netdocket-cases"' not in told.replace('"id": "netdocket-cases"', "")
    assert '"other-cases"' in CliRunner().invoke(command, ["export", "--prefix", "other"]).output


def test_the_digest_is_of_all_objects() -> None:
    tag = next(o for o in objects_of(TEXT) if o["type"] == "tag")
    other = next(o for o in objects_of(TEXT + "\n") if o["type"] == "tag")
    assert tag["attributes"]["description"] != other["attributes"]["description"]
