"""What a machine must have to run the engines, and where they are kept on it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

JAVA_AT_LEAST: Final = 17
SERVER_USER: Final = "nobody"
"""Elasticsearch refuses to run as root; started by root, it runs as this user."""


def missing_tools() -> str | None:
    """One line that says what is missing, or None."""
    missing = [name for name, there in (("Java 17 or newer", java_version() >= JAVA_AT_LEAST), ("Maven", _maven())) if not there]  # fmt: skip
    if not missing:
        return None
    return f"{' and '.join(missing)} missing on this machine (Debian: apt-get install default-jre-headless maven)"


def java_version() -> int:
    """The feature release (17), 0 where there is no Java."""
    if shutil.which("java") is None:
        return 0
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S607
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found.group(1)) if found else 0


def _maven() -> bool:
    return shutil.which("mvn") is not None


def engines_dir(given: Path | None = None) -> Path:
    """Where engines are unpacked and keep their data. Root's home is closed to the user that Elasticsearch runs as."""
    if given is not None:
        return given
    if os.geteuid() == 0:
        return Path("/var/cache/netdocket/engines")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netdocket" / "engines"
