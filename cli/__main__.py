"""`python -m cli`: the command `fleet`."""

from cli.main import run

run()
