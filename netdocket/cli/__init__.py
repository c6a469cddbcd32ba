"""The command line: one module a command group."""

import click

from netdocket import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="netdocket")
def main() -> None:
    """Watch what regulators and police do about cybersecurity and data protection, and make it countable."""
