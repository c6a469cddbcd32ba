"""`netdocket config`: the settings, what they are and where they were set."""

from __future__ import annotations

import os
import tomllib

import click

from netdocket.cli.printing import table
from netdocket.cli.workspace import json_option, print_json
from netdocket.settings import CONFIG_FILE, PREFIX, Settings, load_settings


@click.group("config")
def command() -> None:
    """Settings: defaults, then netdocket.toml, then NETDOCKET_* variables, then options."""


@command.command("show")
@json_option
def show(as_json: bool) -> None:
    """Every setting with its value and where that comes from."""
    settings = load_settings()
    in_file = tomllib.loads(CONFIG_FILE.read_text(encoding="utf-8")) if CONFIG_FILE.exists() else {}
    rows = []
    for name, info in Settings.model_fields.items():
        variable = PREFIX + name.upper()
        origin = variable if variable in os.environ else str(CONFIG_FILE) if name in in_file else "default"
        rows.append((name, getattr(settings, name), origin, info.description or ""))
    if as_json:
        print_json({name: {"value": value, "from": origin} for name, value, origin, _ in rows})
        return
    table(
        ["setting", "value", "from", "meaning"],
        [
            [name, "" if value is None else str(value), origin, meaning]
            for name, value, origin, meaning in rows
        ],
    )
    click.echo(f"\nSet one with {PREFIX}NAME in the environment or `name = value` in {CONFIG_FILE}.")
