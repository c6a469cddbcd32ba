"""One Elasticsearch node. What is started is its launcher, which starts the server and stops it when it is stopped."""

from __future__ import annotations

import base64
import dataclasses
import http.client
import os
import pwd
import ssl
import subprocess
from pathlib import Path
from typing import Final

import msgspec

from netdocket.engines.processes import Process
from netdocket.engines.server import Identity, Server
from netdocket.engines.tools import SERVER_USER
from netdocket.errors import EngineError

# A full disk on a developer's machine must not turn the node read-only in the middle of a test.
SETTINGS: Final = """\
cluster.name: netdocket
node.name: netdocket
path.data: {folder}/data
path.logs: {folder}/logs
http.port: {http}
transport.port: {transport}
network.host: 127.0.0.1
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
action.auto_create_index: false
xpack.ml.enabled: false
xpack.security.enabled: {secured}
"""
TLS: Final = """\
xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.key: tls/key.pem
xpack.security.http.ssl.certificate: tls/certificate.pem
xpack.security.http.ssl.certificate_authorities: [tls/ca.pem]
"""
COPIED: Final = ("log4j2.properties", "jvm.options", "users", "users_roles", "roles.yml")
USERS_LIBRARIES: Final = "modules/x-pack-core,modules/x-pack-security,lib/tools/security-cli"


@dataclasses.dataclass(frozen=True)
class Security:
    """Switches security and TLS on: PEM files, and a superuser who may make API keys."""

    ca: Path
    certificate: Path
    key: Path
    user: str = "operator"
    password: str = "for tests only"  # noqa: S105


class Ports(msgspec.Struct, frozen=True):
    http: int
    transport: int


class ElasticsearchServer(Server[Ports]):
    """`home`: the unpacked archive. Run by root, the server runs as `nobody`, who must be able to enter the folder."""

    name = "elasticsearch"
    start_seconds = 400.0  # 15 on a machine that does nothing else, but over 90 were seen on a busy one

    def __init__(
        self, folder: Path, home: Path, *, heap_mb: int = 1024, security: Security | None = None
    ) -> None:
        super().__init__(folder, Ports)
        self.home = home
        self.heap_mb = heap_mb
        self.security = security
        self._user = _server_user()

    @property
    def address(self) -> str:
        return f"{'https' if self.security else 'http'}://127.0.0.1:{self.ports.http}"

    @property
    def pid_file(self) -> Path:
        return self.folder / "tmp" / "server.pid"

    def prepare(self) -> None:
        config = self.folder / "config"
        for folder in (config, *(self.folder / name for name in ("data", "logs", "tmp"))):
            self._folder(folder)
        self.pid_file.unlink(missing_ok=True)
        self._kept.unlink(missing_ok=True)
        for name in COPIED:
            if (self.home / "config" / name).exists() and not os.path.lexists(config / name):
                self._write(config / name, (self.home / "config" / name).read_bytes())
        settings = SETTINGS.format(
            folder=self.folder,
            http=self.ports.http,
            transport=self.ports.transport,
            secured="true" if self.security else "false",
        )
        if self.security:
            settings += TLS
            self._keep_certificates(self.security, config / "tls")
        self._write(config / "elasticsearch.yml", settings.encode())
        if self.security:
            self._add_user(self.security)

    def command(self) -> list[str]:
        return [*self._launcher("server", "lib/tools/server-cli"), "-p", str(self.pid_file)]

    def environment(self) -> dict[str, str]:
        heap = f"-Xms{self.heap_mb}m -Xmx{self.heap_mb}m"
        ours = {
            "ES_HOME": str(self.home),
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "tmp"),
            "ES_JAVA_OPTS": heap,
        }
        return {**os.environ, **ours}

    def working_folder(self) -> Path:
        return self.home

    def identity(self) -> Identity:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def start(self) -> None:
        super().start()
        server = self._announced()
        if server is not None:
            self._kept.write_bytes(msgspec.json.encode(server))

    @property
    def _kept(self) -> Path:
        """Which process serves, noted while its launcher was ours: the server's user can write its own pid file, and a
        number left there after a power cut is somebody else's by now."""
        return self.folder / "server.json"

    def server_process(self) -> Process | None:
        try:
            kept = msgspec.json.decode(self._kept.read_bytes(), type=Process)
        except (OSError, msgspec.MsgspecError):
            return self._announced()
        return kept if kept.alive() else None

    def _announced(self) -> Process | None:
        """The process of the pid file, where it is one of the session that our launcher began."""
        launcher = self.process()
        try:
            number = int(self.pid_file.read_text())
            ours = launcher is not None and os.getsid(number) == launcher.pid
        except (OSError, ValueError):
            return None
        return Process.of(number) if ours else None

    def answers(self, said: bytes) -> bool:
        try:
            return self._ask("/_cluster/health?wait_for_status=yellow&timeout=5s") == http.client.OK
        except OSError:
            return False

    def _ask(self, path: str) -> int:
        connection: http.client.HTTPConnection
        headers = {}
        if self.security:
            context = ssl.create_default_context(cafile=str(self.security.ca))
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self.ports.http, timeout=10, context=context
            )
            word = f"{self.security.user}:{self.security.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(word).decode()
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.ports.http, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def _launcher(self, name: str, libraries: str) -> list[str]:
        return [
            "java", "-Xms4m", "-Xmx64m", "-XX:+UseSerialGC", f"-Dcli.name={name}",
            f"-Dcli.script={self.home}/bin/elasticsearch", f"-Dcli.libs={libraries}", f"-Des.path.home={self.home}",
            f"-Des.path.conf={self.folder / 'config'}", "-Des.distribution.type=tar", "-cp",
            f"{self.home}/lib/*:{self.home}/lib/cli-launcher/*", "org.elasticsearch.launcher.CliToolLauncher",
        ]  # fmt: skip

    def _keep_certificates(self, security: Security, folder: Path) -> None:
        self._folder(folder)
        for name, path in (("ca", security.ca), ("certificate", security.certificate), ("key", security.key)):
            self._write(folder / f"{name}.pem", path.read_bytes())

    def _add_user(self, security: Security) -> None:
        if security.user in (self.folder / "config" / "users").read_text("utf-8"):
            return
        done = subprocess.run(  # noqa: S603
            [*self._launcher("users", USERS_LIBRARIES), "useradd", security.user, "-p", security.password, "-r", "superuser"],
            cwd=self.home,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            **self.identity(),
        )  # fmt: skip
        if done.returncode:
            raise EngineError(f"cannot add its user: {done.stderr.strip()[-300:]}", where=str(self.folder))

    def _folder(self, folder: Path) -> None:
        """Raises EngineError for a link: what lies in the server's folders its user may have laid there."""
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():
            raise EngineError("is a link", where=str(folder))
        if self._user is not None:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)

    def _write(self, path: Path, content: bytes) -> None:
        """Makes the file anew: never through a link that the server's user may have laid there."""
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o660)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            if self._user is not None:
                os.fchown(handle, self._user.pw_uid, self._user.pw_gid)


def _server_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SERVER_USER)
    except KeyError as error:
        raise EngineError(
            f"Elasticsearch does not run as root, and there is no user {SERVER_USER}", where="elasticsearch"
        ) from error
