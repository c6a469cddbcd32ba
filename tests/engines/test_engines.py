"""Our own Kafka and Elasticsearch: they keep ports and data through stops and kills, and nobody else's process dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import TopicAlreadyExistsError

from netdocket.cli.engines import command as engines_group
from netdocket.engines import Engines
from netdocket.engines.elasticsearch import ElasticsearchServer
from netdocket.engines.kafka import KafkaServer
from netdocket.engines.pair import OWNER, reap
from netdocket.engines.processes import Process
from netdocket.errors import EngineError

TOPIC = "netdocket-engines-test"


def _produced(address: str, count: int) -> None:
    producer = KafkaProducer(bootstrap_servers=address, acks="all")
    for sent in [producer.send(TOPIC, str(n).encode()) for n in range(count)]:
        sent.get(30)
    producer.close()


def _consumed(address: str) -> int:
    consumer = KafkaConsumer(bootstrap_servers=address, enable_auto_commit=False)
    partition = TopicPartition(TOPIC, 0)
    consumer.assign([partition])
    end = int(consumer.end_offsets([partition])[partition])
    consumer.close()
    return end


def test_kafka_keeps_ports_and_messages_through_kill_and_restart(kafka_server: KafkaServer) -> None:
    address = kafka_server.address
    admin = KafkaAdminClient(bootstrap_servers=address)
    with pytest.raises(TopicAlreadyExistsError):
        for _ in range(2):
            admin.create_topics(
                {TOPIC: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True
            )
    admin.close()
    _produced(address, 100)
    kafka_server.kill()
    assert not kafka_server.running()
    kafka_server.start()
    _produced(address, 10)
    kafka_server.restart()
    assert kafka_server.address == address
    assert _consumed(address) == 110


def test_a_topic_is_not_made_by_asking_for_it(kafka: str) -> None:
    consumer = KafkaConsumer(bootstrap_servers=kafka)
    assert not consumer.partitions_for_topic("nobody-made-this")
    assert "nobody-made-this" not in consumer.topics()
    consumer.close()


def test_a_number_given_to_another_process_is_not_ours() -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        ours = Process(bystander.pid, "born at another time")
        assert not ours.alive()
        ours.send(signal.SIGKILL)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_number_left_in_the_pid_file_is_nobody_to_kill(tmp_path: Path) -> None:
    """As a power cut leaves it, or as the user may write it as whom the server runs."""
    server = ElasticsearchServer(tmp_path / "es", tmp_path / "home")
    server.pid_file.parent.mkdir(parents=True)
    bystander = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True
    )
    try:
        server.pid_file.write_text(str(bystander.pid))
        server.kill()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_no_link_is_followed_in_what_belongs_to_the_server(tmp_path: Path) -> None:
    home, precious = tmp_path / "home", tmp_path / "precious"
    (home / "config").mkdir(parents=True)
    (home / "config" / "jvm.options").write_text("-Xss1m")
    precious.write_text("untouched")
    owner = precious.stat().st_uid
    server = ElasticsearchServer(tmp_path / "es", home)
    (server.folder / "config").mkdir(parents=True)
    (server.folder / "data").mkdir()
    (server.folder / "config" / "elasticsearch.yml").symlink_to(precious)
    (server.folder / "data" / "link").symlink_to(precious)
    server.prepare()
    assert (precious.read_text(), precious.stat().st_uid) == ("untouched", owner)
    assert not (server.folder / "config" / "elasticsearch.yml").is_symlink()
    (server.folder / "tmp").rmdir()
    (server.folder / "tmp").symlink_to(home)
    with pytest.raises(EngineError, match="is a link"):
        server.prepare()


def test_engines_of_a_dead_owner_are_stopped_by_the_next(engines: Engines, tmp_path: Path) -> None:
    folder = engines.cache / "tests" / f"orphan-{os.getpid()}"
    script = (
        "import sys, time; from pathlib import Path; from netdocket.engines import Engines\n"
        "engines = Engines(Path(sys.argv[1]), Path(sys.argv[2])); engines.own(); engines.kafka.start()\n"
        "print('up', flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script, str(folder), str(engines.cache)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "up\n"
    orphan = KafkaServer(folder / "kafka", engines.kafka.jars).process()
    assert orphan is not None
    assert reap(folder.parent) == 0
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert orphan.alive()
    assert (folder / OWNER).exists()
    assert reap(folder.parent) == 1
    assert not orphan.alive()
    assert not folder.exists()


def test_a_server_that_cannot_start_says_its_last_words(engines: Engines, tmp_path: Path) -> None:
    server = KafkaServer(tmp_path, engines.kafka.jars)
    server.prepare()
    (tmp_path / "data" / "meta.properties").write_text("version=9\n")
    with pytest.raises(EngineError, match="ended as it started"):
        server.start()
    assert not server.running()


def test_without_java_and_maven_one_line_says_so(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": str(tmp_path), "NETDOCKET_ENGINES_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "netdocket", "engines", "up"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "netdocket: engines: Java 17 or newer and Maven missing on this machine (Debian: apt-get install "
        "default-jre-headless maven)"
    ]
    said = subprocess.run(
        [sys.executable, "-m", "netdocket", "engines", "status", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 3
    assert {name: one["running"] for name, one in json.loads(said.stdout).items()} == {
        "kafka": False,
        "elasticsearch": False,
    }
    assert list(tmp_path.iterdir()) == [], "looking makes nothing"


def test_data_go_only_when_asked_for_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETDOCKET_ENGINES_DIR", str(tmp_path))
    data = tmp_path / "up" / "kafka" / "data"
    data.mkdir(parents=True)
    assert CliRunner().invoke(engines_group, ["down", "--delete"], input="n\n").exit_code == 1
    assert data.exists()
    assert CliRunner().invoke(engines_group, ["down", "--delete", "--yes"]).exit_code == 0
    assert not data.exists()


def test_stopped_cleanly_in_good_time(kafka_server: KafkaServer) -> None:
    process = kafka_server.process()
    assert process is not None
    began = time.monotonic()
    kafka_server.stop()
    print(f"\nKafka stopped in {time.monotonic() - began:.1f} s")
    assert not process.alive()
    assert b"shut down completed" in kafka_server.log.read_bytes()


@pytest.mark.timeout(900)
def test_two_who_start_it_at_the_same_time_start_one(kafka_server: KafkaServer) -> None:
    """As two `engines up` do; whoever comes second must not go on before it answers."""
    kafka_server.stop()
    second = KafkaServer(kafka_server.folder, kafka_server.jars)
    with ThreadPoolExecutor(2) as threads:
        for started in [threads.submit(server.start) for server in (kafka_server, second)]:
            started.result(400)
    assert kafka_server.process() == second.process()
    assert _consumed(second.address) >= 0
