"""What threads take and free does not stay with the process."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from netdocket.memory import ARENAS

THREADS_AFTER_A_COMMAND = """
import ctypes, sys, threading
from netdocket.cli import main
try:
    main(["--version"])
except SystemExit:
    pass
gate = threading.Barrier(24)
def work():
    taken = bytearray(100_000)
    gate.wait()
threads = [threading.Thread(target=work) for _ in range(24)]
for one in threads: one.start()
for one in threads: one.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
told = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, told)
libc.fclose(told)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_a_command_s_threads_share_two_arenas(tmp_path: Path) -> None:
    """Each further one keeps what its threads have freed: ten of them held 170 MB after a crawl."""
    told = tmp_path / "malloc.xml"
    subprocess.run([sys.executable, "-c", THREADS_AFTER_A_COMMAND, str(told)], check=True, timeout=60)
    assert told.read_text().count("<heap nr=") <= ARENAS
