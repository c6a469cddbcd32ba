"""The five real bulletins, field by field (shared/seeds/expected.yaml, a smoke test: no rule is keyed to them)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from enrich import classify
from netdocket.exchange import exchange_row
from netdocket.intake import as_bulletin, read_text


def test_the_five_real_bulletins(shared: Path, tmp_path: Path) -> None:
    out = tmp_path / "records.jsonl"
    rows = [
        json.dumps(exchange_row(record, path.stem), ensure_ascii=False)
        for path in sorted((shared / "seeds").glob("*.txt"))
        for record in classify(as_bulletin(read_text(path))).records
    ]
    out.write_text("\n".join(rows) + "\n", encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, shared / "seeds" / "check.py", out], capture_output=True, text=True, check=False
    )
    assert checked.stdout.splitlines()[-1] == "fields 296/296 records 27/27 extra 0", checked.stdout
