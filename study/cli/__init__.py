"""The command `study`; the only package that prints or exits.

What a command needs is imported when it runs, so that `study --help` stays instant.
"""

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from study.cli import cache as caching
from study.cli.best import best, export_model, verify
from study.cli.effects import effects
from study.cli.import_ import import_, relocate
from study.cli.lookup import BAD_INPUT, DONE, STOPPED
from study.cli.run import plan, replay, retry, run, ui
from study.cli.status import check, export, list_, show, status
from study.errors import StudyError
from study.ledger.store import default_store


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    arguments = parser().parse_args(argv)
    try:
        status: int = arguments.command(arguments)
    except StudyError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:  # Whoever read the output, `head` for instance, has gone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return status


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    # In every command as well as before it; without a default here, the one before a command is kept.
    store = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    store.add_argument("--store", type=Path, metavar="DIR", help="where studies are kept (STUDY_STORE, ./mlruns)")
    made = argparse.ArgumentParser(
        prog="study", description="Sweeps and ablation studies of Keras models.", parents=[store]
    )
    made.set_defaults(store=default_store())
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    about_cache = "List, check, fill or clear the cache of data sets."
    cache = commands.add_parser("cache", help=about_cache, description=about_cache)
    of_cache = cache.add_subparsers(required=True, metavar="COMMAND")

    def command(
        run: Callable[[argparse.Namespace], int], *arguments: str, name: str = "", among: Any = commands
    ) -> None:
        words = (run.__doc__ or "").splitlines()[0]
        one = among.add_parser(name or run.__name__, help=words, description=words, parents=[store])
        one.set_defaults(command=run)
        for argument in arguments:
            one.add_argument(argument.partition(" ")[0], **_ARGUMENTS[argument])

    command(check, "file", "--json")
    command(plan, "file", "--threads", "--workers", "--json")
    command(run, "file", *_HOW, "--records")
    command(retry, "name", *_HOW)
    command(replay, "name", "key")
    command(list_, "--json", name="list")
    command(status, "name", "--json")
    command(show, "name", "key")
    command(export, "name", "--out", "--epochs")
    command(import_, "records", name="import")
    command(relocate)
    command(effects, "name TABLE")
    command(best, "name", "--test")
    command(verify, "name", "--count", "--seed")
    command(export_model, "name", "--out DIR", name="export-model")
    command(ui, "--host", "--port")
    command(caching.list_, "--json", name="list", among=of_cache)
    command(caching.verify, among=of_cache)
    command(caching.make, "file", among=of_cache)
    command(caching.clear, among=of_cache)
    return made


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 0, not {text!r}")
    return int(text)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of hours above 0, not {text!r}")
    return hours


def _gpus(text: str) -> str:
    if text != "auto":
        _positive(text)
    return text


_HOW = ("--threads", "--workers", "--gpus", "--engine", "--address", "--max-hours")
_ARGUMENTS: dict[str, dict[str, Any]] = {
    "file": {"type": Path, "metavar": "FILE", "help": "a search-space file"},
    "name": {"metavar": "NAME", "help": "a study's name, or its file"},
    "name TABLE": {"metavar": "NAME", "help": "a study's name, its file, or an exported .csv or .parquet"},
    "key": {"metavar": "KEY", "help": "the beginning of a cell's key"},
    "--json": {"action": "store_true", "help": "print one JSON object and nothing else"},
    "--threads": {"type": _positive, "metavar": "N", "help": "threads of a worker, fixed at the first run (1)"},
    "--workers": {"type": _positive, "metavar": "N", "help": "worker processes (one a core)"},
    "--gpus": {"type": _gpus, "metavar": "N|auto", "help": "a worker a GPU"},
    "--engine": {
        "choices": ("local", "ray"),
        "default": "local",
        "help": "processes of this machine, or a Ray cluster",
    },
    "--address": {"metavar": "ADDRESS", "help": "of the Ray cluster; auto: the one that this machine belongs to"},
    "--max-hours": {"type": _hours, "default": math.inf, "metavar": "H", "help": "stop cleanly after that"},
    "--records": {
        "type": Path,
        "metavar": "FILE.jsonl",
        "help": "keep results in this file, for `study import`; needs neither Optuna nor MLflow",
    },
    "records": {"type": Path, "metavar": "FILE.jsonl", "help": "what `study export` or `study run --records` wrote"},
    "--out": {"type": Path, "required": True, "metavar": "FILE.csv|.parquet|.jsonl"},
    "--test": {"action": "store_true", "help": "open the test split for it, which is recorded and counted"},
    "--count": {"type": _positive, "default": 10, "metavar": "N", "help": "how many examples (10)"},
    "--seed": {"type": _seed, "default": 0, "metavar": "S", "help": "of the draw of examples (0)"},
    "--out DIR": {"type": Path, "required": True, "metavar": "DIR", "help": "a folder that is new or empty"},
    "--epochs": {"action": "store_true", "help": "a row an epoch in place of a row a cell"},
    "--host": {"default": "127.0.0.1", "metavar": "HOST"},
    "--port": {"type": _positive, "default": 5000, "metavar": "PORT"},
}
