"""The command `study`: a file for each command, and `commands` for their names, help lines and arguments."""

from study.cli.commands import main

__all__ = ["main"]
