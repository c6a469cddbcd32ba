"""`python -m netdocket`."""

from netdocket.cli import main

main(prog_name="netdocket")
