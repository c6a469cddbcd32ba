"""A Kibana as far as importing goes: an HTTP server that keeps its rules for saved objects, spaces, settings,
connectors and rules. Written from the descriptions of Kibana's API; it shows that our requests keep those rules, not
that any Kibana draws what was imported."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
NEWEST = {"dashboard": "10.3.0", "index-pattern": "8.0.0", "search": "10.9.0", "tag": "8.0.0"}
COMPARABLE = {"typeMigrationVersion", "attributes", "references"}


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


class FakeKibana:
    """`starting`: how many requests are answered with 503 first. `migrates`: dashboards and searches are kept in the
    newest form. `refuse`: ids whose import fails."""

    def __init__(self) -> None:
        self.spaces: dict[str, Json] = {"default": {"id": "default"}}
        self.objects: dict[str, dict[tuple[str, str], Json]] = {}
        self.settings: dict[str, Json] = {}
        self.made: dict[str, Json] = {}
        self.requests: list[tuple[str, str, int]] = []
        self.starting = 0
        self.migrates = True
        self.refuse: set[str] = set()
        self.old_settings = False
        self.base = ""

    # --- answers: (status, JSON or text) ------------------------------------------------------------

    def answer(self, method: str, path: str, query: Json, headers: Any, body: bytes) -> tuple[int, Any]:
        if self.starting > 0:
            self.starting -= 1
            return 503, "Kibana server is not ready yet."
        if path == "/api/status":
            return 200, {"version": {"number": "9.1.0"}, "status": {"overall": {"level": "available"}}}
        if method in ("POST", "PUT") and not headers.get("kbn-xsrf"):
            return 400, {"message": "Request must contain a kbn-xsrf header."}
        found = re.fullmatch(r"/api/spaces/space(?:/([\w-]+))?", path)
        if found:
            return self._space(method, found[1], body)
        found = re.fullmatch(r"/s/([\w-]+)(/.*)", path)
        if not found or found[1] not in self.spaces:
            return 404, {"message": "Not Found"}
        space, rest = found[1], found[2]
        if rest == "/api/saved_objects/_import":
            return self._import(space, query, headers, body)
        if rest == "/api/saved_objects/_export":
            return self._export(space, json.loads(body))
        if rest == ("/api/kibana/settings" if self.old_settings else "/internal/kibana/settings"):
            self.settings.setdefault(space, {}).update(json.loads(body)["changes"])
            return 200, {}
        if re.fullmatch(r"/api/(actions/connector|alerting/rule)/[0-9a-f-]{36}", rest):
            if method == "GET":
                return (200, self._told(rest)) if rest in self.made else (404, {"message": "Not Found"})
            return self._make(method, rest, json.loads(body))
        return 404, {"message": "Not Found"}

    def _space(self, method: str, id: str | None, body: bytes) -> tuple[int, Any]:
        if method == "GET":
            return (200, self.spaces[id]) if id in self.spaces else (404, {"message": "Not Found"})
        made = json.loads(body)
        if made["id"] in self.spaces:
            return 409, {"message": "exists"}
        self.spaces[made["id"]] = made
        return 200, made

    def _make(self, method: str, path: str, body: Json) -> tuple[int, Any]:
        rule = "/alerting/rule/" in path
        fixed = {"rule_type_id", "consumer", "enabled"} if rule else {"connector_type_id"}
        if method == "POST":
            if path in self.made:
                return 409, {"message": "conflict"}
            if lacking := fixed - {"enabled"} - set(body):
                return 400, {"message": f"[request body.{min(lacking)}]: expected value"}
            if rule and (gone := [a["id"] for a in body["actions"] if not self._connector(path, a["id"])]):
                return 400, {"message": f"Invalid action ids {gone}"}
        elif path not in self.made:
            return 404, {"message": "Not Found"}
        elif set(body) & fixed:
            return 400, {
                "message": f"[request body.{min(set(body) & fixed)}]: definition for this key is missing"
            }
        self.made[path] = {**self.made.get(path, {}), **body}
        return 200, self.made[path]

    def _told(self, path: str) -> Json:
        """As Kibana tells what was made: without secrets, with what it adds of its own."""
        told = {key: value for key, value in self.made[path].items() if key != "secrets"}
        return {**told, "id": path.rpartition("/")[2], "is_preconfigured": False, "updated_by": "elastic"}

    def _connector(self, rule_path: str, id: str) -> bool:
        return rule_path.split("/alerting/", maxsplit=1)[0] + f"/actions/connector/{id}" in self.made

    def _import(self, space: str, query: Json, headers: Any, body: bytes) -> tuple[int, Any]:
        message = email.message_from_bytes(
            b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body,
            policy=email.policy.HTTP,
        )
        (part,) = message.iter_parts()
        name = part.get_filename() or ""
        if not name.endswith(".ndjson"):
            return 400, {"message": f"Invalid file extension .{name.rpartition('.')[2]}"}
        text = part.get_payload(decode=True)
        assert isinstance(text, bytes)
        objects = [json.loads(line) for line in text.decode().split("\n") if line.strip()]
        keys = [(o["type"], o["id"]) for o in objects]
        if len(set(keys)) < len(keys):
            twice = sorted({f"{t}:{i}" for t, i in keys if keys.count((t, i)) > 1})
            return 400, {"message": f"Non-unique import objects detected: [{', '.join(twice)}]"}
        held = self.objects.setdefault(space, {})
        overwrite = query.get("overwrite") == ["true"]
        errors = []
        for found, key in zip(objects, keys, strict=True):
            if error := self._fault(found, key, set(keys) | set(held), held, overwrite):
                errors.append({"type": key[0], "id": key[1], "error": error})
            else:
                held[key] = self._kept(found)
        return 200, {
            "success": not errors,
            "successCount": len(objects) - len(errors),
            **({"errors": errors} if errors else {}),
        }

    def _fault(
        self, found: Json, key: tuple[str, str], known: set[Any], held: Json, overwrite: bool
    ) -> Json | None:
        if key[0] not in NEWEST:
            return {"type": "unsupported_type"}
        if version(found["typeMigrationVersion"]) > version(NEWEST[key[0]]):
            return {"type": "unknown", "message": "belongs to a more recent version of Kibana"}
        views = [r for r in found["references"] if r["type"] in ("index-pattern", "search")]
        if missing := [r for r in views if (r["type"], r["id"]) not in known]:
            return {"type": "missing_references", "references": missing}
        if key in held and not overwrite:
            return {"type": "conflict"}
        return {"type": "unknown", "message": "refused for the test"} if key[1] in self.refuse else None

    def _kept(self, found: Json) -> Json:
        kept = json.loads(json.dumps(found))
        if self.migrates and kept["type"] in ("dashboard", "search"):
            kept["typeMigrationVersion"] = NEWEST[kept["type"]]
            kept["attributes"]["rewritten"] = True
            kept["attributes"].pop("hideChart", None)
        return {**kept, "updated_at": "2026-01-01T00:00:00.000Z", "version": "WzEsMV0="}

    def _export(self, space: str, asked: Json) -> tuple[int, Any]:
        found = [o for o in self.objects.get(space, {}).values() if o["type"] in asked["type"]]
        return 200, "\n".join(json.dumps(o, ensure_ascii=False) for o in found)


@contextlib.contextmanager
def fake_kibana() -> Iterator[FakeKibana]:
    kibana = FakeKibana()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = kibana.answer(
                self.command, address.path, parse_qs(address.query), self.headers, body
            )
            kibana.requests.append((self.command, address.path, status))
            text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
            sent = text.encode()
            self.send_response(status)
            self.send_header(
                "Content-Type", "application/json" if not isinstance(answer, str) else "text/plain"
            )
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = handle_any

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kibana.base = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield kibana
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
