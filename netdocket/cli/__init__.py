"""The command line: one module a command group, loaded when it is asked for."""

from netdocket.cli.root import main

__all__ = ["main"]
