"""The arguments that commands take: their names, help lines and allowed values."""

import argparse
import math
from pathlib import Path
from typing import Any, NamedTuple

from analysis.drawing import options as figure_options
from study.ledger.store import folder_path


class Argument(NamedTuple):
    """An argument of a command, as argparse takes it."""

    name: str
    options: dict[str, Any]


def _argument(name: str, **options: Any) -> Argument:
    return Argument(name, options)


class _MayFollow(argparse.Action):
    """An argument that may be left out, and that options may stand before. With `nargs="?"` none may."""

    def __init__(self, *names: Any, **options: Any) -> None:
        super().__init__(*names, **{**options, "required": False})

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *_: Any) -> None:
        setattr(namespace, self.dest, values)


def positive(text: str) -> int:
    """Reads a whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


def not_negative(text: str) -> int:
    """Reads a whole number of at least 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 0, not {text!r}")
    return int(text)


def hours(text: str) -> float:
    """Reads a number of hours above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of hours above 0, not {text!r}")
    return number


def gpus(text: str) -> str:
    """Reads a number of GPUs, or `auto`."""
    if text != "auto":
        positive(text)
    return text


FILE = _argument("file", type=Path, metavar="FILE", help="a search-space file")
TASK_FILE = _argument("file", type=Path, metavar="FILE.py", help="the file of a task's functions")
TASK = _argument(
    "task", metavar="FILE", help="a task's file, its name `package.module:task`, or a study's file, whose levels count"
)
NAME = _argument("name", metavar="NAME", help="a study's name, or its file")
NAME_OR_TABLE = _argument(
    "name", metavar="NAME", help="a study's name, its file, or a table exported as .csv or .parquet"
)
KEY = _argument("key", metavar="KEY", help="the beginning of a cell's key")
RECORDS = _argument(
    "records", type=Path, metavar="FILE.jsonl", help="a file that `study export` or `study run --records` wrote"
)

JSON = _argument("--json", action="store_true", help="print one JSON object and nothing else")
VERBOSE = _argument("--verbose", action="store_true", help="show the traceback of each model that cannot be built")
THREADS = _argument(
    "--threads", type=positive, metavar="N", help="threads of each worker; the first run fixes the number (1)"
)
WORKERS = _argument("--workers", type=positive, metavar="N", help="number of worker processes (one per core)")
GPUS = _argument("--gpus", type=gpus, metavar="N|auto", help="number of workers that have a GPU each")
ENGINE = _argument(
    "--engine",
    choices=("local", "ray"),
    default="local",
    help="run on processes of this machine, or on a Ray cluster (local)",
)
ADDRESS = _argument(
    "--address", metavar="ADDRESS", help="address of the Ray cluster; auto: the cluster of this machine"
)
ACCEPT = _argument(
    "--accept",
    action="store_true",
    help="count cells that other code of the task made as made by this one, because no number differs",
)
TRUST = _argument(
    "--trust", action="store_true", help="let the code run here that the file names as its task, because you know it"
)
MAX_HOURS = _argument("--max-hours", type=hours, default=math.inf, metavar="H", help="stop cleanly after so many hours")
TO_RECORDS = _argument(
    "--records",
    type=folder_path,  # Absolute, because the task, which is imported later, may change the current folder.
    metavar="FILE.jsonl",
    help="keep the results in this file, for `study import`; needs neither Optuna nor MLflow",
)
OUT_FILE = _argument("--out", type=Path, required=True, metavar="FILE.csv|.parquet|.jsonl", help="the file to write")
FORMAT = _argument("--format", choices=("html", "md"), help="html, with all figures inside (default), or Markdown")
LOG = _argument(
    "--log", action="store_true", help="keep the page in MLflow too, with its figures and its table of cells"
)
OUT_REPORT = _argument("--out", type=Path, metavar="FILE.html|.md", help="the file to write (in the study's folder)")
OUT_FOLDER = _argument("--out", type=Path, required=True, metavar="DIR", help="a folder that is new or empty")
EPOCHS = _argument("--epochs", action="store_true", help="write one row per epoch instead of one row per cell")
ONE_POINT = _argument(
    "--point", metavar="POINT", help="this point instead of the best one, as in conv_depth=4 width=32"
)
PATH = _argument(
    "--path",
    action="store_true",
    help="go from the baseline to the point, each time by the change that gains most; a file for each step",
)
OUT_STUDY = _argument("--out", type=Path, metavar="FILE.toml", help="the file to write (NAME_ablate.toml, here)")
TEST = _argument(
    "--test", action="store_true", help="score the model on the test split; each use is recorded and counted"
)
REPAIR = _argument(
    "--repair",
    action="store_true",
    help="set aside what does not fit, under a name that is printed; the cells concerned run again",
)
CELLS = _argument("--cells", action="store_true", help="list every cell with its key, which `study show` takes")
COUNT = _argument("--count", type=positive, default=10, metavar="N", help="number of examples (10)")
SEED = _argument("--seed", type=not_negative, default=0, metavar="S", help="seed of the random examples (0)")
HOST = _argument("--host", default="127.0.0.1", metavar="HOST", help="address to serve on (127.0.0.1)")
PORT = _argument("--port", type=positive, default=5000, metavar="PORT", help="port to serve on (5000)")

HOW_TO_RUN = (THREADS, WORKERS, GPUS, ENGINE, ADDRESS, MAX_HOURS, ACCEPT)
KIND = _argument(
    "kind", metavar="[KIND]", help=f"{', '.join(figure_options.KINDS)}; without it, every figure that suits the study"
)
PLOTTED = _argument(
    "name", action=_MayFollow, metavar="NAME", help="a study's name, its file, or a table exported as .csv or .parquet"
)
HOW_TO_DRAW = tuple(
    _argument(name, **how)
    for options in (figure_options.COMMON, figure_options.OUT, figure_options.OWN)
    for name, how in options.items()
)
"""`study plot` takes the options of all figures, because it must not load them to answer `--help`."""
