"""A worker with the rules of tests/streams/toy_rules.py, and with words in texts that do it harm:

    hang    runs for ever inside C code that holds the interpreter
    die     kills its process

The file FIXED takes the harm out of them, as a better classifier would. Called with a folder for what it has in hand;
where the engines are stands in the environment.
"""

import os
import re
import signal
import sys
from pathlib import Path

import msgspec

from enrich import Knowledge
from netdocket.records import Bulletin, Classified
from netdocket.settings import load_settings
from streams.logs import log_as_json
from streams.running import run_worker
from tests.streams import toy_rules

FOR_EVER = re.compile(r"(a+)+$")


def main(folder: Path) -> None:
    fixed = folder / "FIXED"

    def classify(bulletin: Bulletin, knowledge: Knowledge) -> Classified:
        words = bulletin.text.split()
        if not fixed.exists():
            if "hang" in words:
                FOR_EVER.match("a" * 64 + "b")
            if "die" in words:
                os.kill(os.getpid(), signal.SIGKILL)
        harmless = re.sub(r" (hang|die)\b", "", bulletin.text)
        return toy_rules.classify(msgspec.structs.replace(bulletin, text=harmless), knowledge)

    log_as_json()
    run_worker(load_settings(), "live", toy_rules.rules(1), folder, classify=classify)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
