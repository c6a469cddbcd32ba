"""The command group, and how errors reach the person who made them: one line, what and where, an exit code."""

from __future__ import annotations

import importlib
import signal
import sys
import threading
from typing import Any

import click

from netdocket import __version__
from netdocket.cli.printing import echo
from netdocket.errors import NetdocketError
from netdocket.memory import take_little

# command -> (module of netdocket.cli, what it does). Modules are imported when their command is called: Scrapy and
# the index take a second to load, and `--help` should not wait for them.
COMMANDS = {
    "run": ("run", "Crawl, classify, index and serve the page: everything in one process."),
    "crawl": ("crawl", "Harvest the sources into the spool."),
    "classify": ("classify", "Classify text files and write their records."),
    "explain": ("explain", "Show why a text was read as it was: evidence, rules, lost readings."),
    "evaluate": ("evaluate", "Measure the classifier against documents labelled by hand."),
    "search": ("search", "Search the records."),
    "stats": ("stats", "Figures by violation, penalty, article, authority, month."),
    "web": ("web", "Serve the local page."),
    "generate": ("generate", "Write invented bulletins with their known truth."),
    "replica": ("replica", "Serve a local replica of the publishers' sites."),
    "sources": ("sources", "List and check the source cards; how the sources are."),
    "archive": ("archive", "The bytes as they were fetched: look at them, verify them."),
    "reparse": ("reparse", "Make the bulletins again from the archive, as the cards read them today."),
    "export": ("export", "Write cases, penalties, figures, ... to CSV, XLSX, Parquet or JSON Lines."),
    "brief": ("brief", "Write a briefing on a period: DOCX, HTML, Markdown or XLSX."),
    "alerts": ("alerts", "What was new: list, acknowledge, mute, deliver, try rules out."),
    "dead-letters": ("dead_letters", "What could not be processed: look, replay, drop."),
    "reported": ("reported", "Records that readers of the page say are wrong: list, drop."),
    "reclassify": ("reclassify", "Classify everything again under the present rules."),
    "remove": ("remove", "Take a bulletin and all its records out of the store."),
    "status": ("status", "What lies in the data directory and how the sources are."),
    "config": ("config", "Settings and where they come from."),
    "schemas": ("schemas", "Write the JSON Schemas of the messages."),
    "index": ("index", "The indices in Elasticsearch: set up, look at, build anew."),
    "topics": ("topics", "Kafka's topics: set up, how far the workers are."),
    "publish": ("publish", "Send what waits in the spool to Kafka."),
    "worker": ("worker", "Classify what Kafka brings, and store it in Elasticsearch."),
    "dashboards": ("dashboards", "The dashboards for Kibana: write them, bring them there, compare."),
    "engines": ("engines", "A Kafka and an Elasticsearch of our own, for development."),
    "reset": ("reset", "Delete demonstration data."),
    "bench": ("bench", "Measure, as ratios to the bare engines."),
    "completion": ("completion", "Print the shell completion script."),
}


def end_orderly_on_sigterm() -> None:
    """SIGTERM ends a command as Ctrl-C does. It also does where SIGINT is ignored, as in a shell's background."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"netdocket.cli.{COMMANDS[cmd_name][0]}")
        command = module.command
        assert isinstance(command, click.Command)  # noqa: S101 - a module without one is a mistake of ours
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table above, so that `--help` imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if near:
                raise click.UsageError(f"{error.message} Did you mean `{near[0]}`?", error.ctx) from error
            raise

    def main(self, *args: Any, **kwargs: Any) -> Any:
        take_little()
        end_orderly_on_sigterm()
        try:
            return super().main(*args, **kwargs)
        except NetdocketError as error:
            echo(f"netdocket: {error}", err=True)
            sys.exit(error.exit_code)


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="First time here? `netdocket run --replica` shows everything on demonstration data, without the internet.",
)
@click.version_option(__version__, prog_name="netdocket")
def main() -> None:
    """Watch what regulators and police do about cybersecurity and data protection, and make it countable."""
