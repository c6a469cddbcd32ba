"""TLS, API keys and the roles of deploy/elasticsearch, on a node with security on."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import elasticsearch as es
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from index.elastic import ElasticStore
from index.elastic.client import Caller, connect
from index.elastic.indices import setup
from index.elastic.migrate import Migration
from index.elastic.names import Names
from index.mappings import load_mappings
from index.store import Write
from netdocket.engines import ElasticsearchServer, Engines, Security
from netdocket.errors import StoreError, StoreUnavailable
from netdocket.settings import Settings, load_settings

ROLES = json.loads((Path(__file__).parents[2] / "deploy" / "elasticsearch" / "roles.json").read_text("utf-8"))
MAPPINGS = {"penalties": load_mappings()["penalties"]}
NAMES = Names.of("netdocket", "live")


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _certificate(name: str, key: Any, issuer: str, signer: Any, *, authority: bool) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([here]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _authority(folder: Path, name: str) -> tuple[Path, Any]:
    key = _key()
    path = folder / f"{name}.pem"
    path.write_bytes(
        _certificate(name, key, name, key, authority=True).public_bytes(serialization.Encoding.PEM)
    )
    return path, key


@pytest.fixture(scope="module")
def secured(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ElasticsearchServer]:
    folder = tmp_path_factory.mktemp("tls")
    ca, signer = _authority(folder, "authority")
    key = _key()
    certificate, pem = folder / "node.pem", folder / "node.key"
    signed = _certificate("node", key, "authority", signer, authority=False)
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ElasticsearchServer(
        engines.folder / "secured",
        engines.elasticsearch.home,
        heap_mb=512,
        security=Security(ca, certificate, pem),
    )
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def keys(secured: ElasticsearchServer) -> dict[str, Settings]:
    """Settings with an API key for each role."""
    security = secured.security
    assert security is not None
    made: dict[str, Settings] = {}
    with es.Elasticsearch(
        secured.address, ca_certs=str(security.ca), basic_auth=(security.user, security.password)
    ) as client:
        for role, rights in ROLES.items():
            client.security.put_role(name=role, **rights)
            answer = client.security.create_api_key(name=role, role_descriptors={role: rights})
            made[role] = load_settings(
                es_url=secured.address, es_api_key=answer.body["encoded"], es_ca=security.ca
            )
        client.indices.create(index="somebody-elses")
    return made


@pytest.fixture(scope="module")
def prepared(keys: dict[str, Settings]) -> None:
    with connect(keys["netdocket-operator"]) as client:
        assert len(list(setup(client, Caller(60), NAMES, MAPPINGS, "live"))) == 1


def store(settings: Settings) -> ElasticStore:
    return ElasticStore(connect(settings), family="live", patience=30, mappings=MAPPINGS)


@pytest.mark.usefixtures("prepared")
def test_each_role_can_do_its_work_and_no_more(keys: dict[str, Settings]) -> None:
    write = Write("penalties", "a", 1, {"penalty_id": "a", "amount": 1})
    with store(keys["netdocket-worker"]) as worker:
        assert worker.bulk([write, Write("penalties", "b", 1, None)])[0].result == "created"
        created = worker.create("penalties", "c", {"penalty_id": "c"})
        assert created is not None
        assert worker.drop("penalties", "c", seq_no=created.seq_no)
        worker.refresh()
        with pytest.raises(es.AuthorizationException):
            worker.client.indices.delete(index=NAMES.physical("penalties", 1))
        with pytest.raises(es.AuthorizationException):
            worker.client.indices.create(index="netdocket-more")
    with store(keys["netdocket-reader"]) as reader:
        answers = reader.msearch([("penalties", {"size": 1}), ("penalties", {"size": 0})])
        assert [answer["hits"]["total"]["value"] for answer in answers] == [1, 1]
        assert [hit["_id"] for hit in reader.scan("penalties")] == ["a"]
        assert reader.count("penalties") == 1
        assert reader.generation() == reader.generation()
        for forbidden in (
            lambda: reader.bulk([write]),
            lambda: reader.create("penalties", "d", {"penalty_id": "d"}),
        ):
            with pytest.raises(StoreError, match="does not allow it"):
                forbidden()
    for settings in keys.values():
        with connect(settings) as client, pytest.raises(es.AuthorizationException):
            client.search(index="somebody-elses")


@pytest.mark.usefixtures("prepared")
def test_the_operator_migrates_and_rolls_back(keys: dict[str, Settings]) -> None:
    with connect(keys["netdocket-operator"]) as client:
        done = Migration(client, Caller(60), NAMES, MAPPINGS["penalties"]).migrate(
            "live", shards=1, replicas=0
        )
        assert done.target == NAMES.physical("penalties", 2)
        assert Migration(client, Caller(60), NAMES, MAPPINGS["penalties"]).roll_back().target == done.source
        assert Migration(client, Caller(60), NAMES, MAPPINGS["penalties"]).clean_up() == [done.target]


@pytest.mark.usefixtures("prepared")
def test_a_wrong_key_and_a_wrong_authority_are_said_so(keys: dict[str, Settings], tmp_path: Path) -> None:
    settings = keys["netdocket-reader"]
    wrong = load_settings(es_url=settings.es_url, es_ca=settings.es_ca, es_api_key="d3Jvbmc6d3Jvbmc=")
    with pytest.raises(StoreError, match="does not allow it"):
        store(wrong)
    stranger, _ = _authority(tmp_path, "stranger")
    untrusted = settings.model_copy(update={"es_ca": stranger})
    with pytest.raises(StoreUnavailable, match="certificate verify failed"):
        ElasticStore(connect(untrusted), family="live", patience=1, mappings=MAPPINGS)


def test_the_key_is_not_shown(keys: dict[str, Settings]) -> None:
    settings = keys["netdocket-worker"]
    assert settings.es_api_key is not None
    assert (
        settings.es_api_key.get_secret_value() not in f"{settings} {settings!r} {settings.model_dump_json()}"
    )
