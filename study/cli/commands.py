"""The commands: their names, help lines and arguments. `main` runs the one that the user chose.

Only the module of the chosen command is imported, so that `study --help` answers at once.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from study.cli import arguments as args
from study.cli.exit_status import BAD_INPUT, STOPPED
from study.engines.stop_signals import interruptible
from study.errors import StudyError
from study.files import CANNOT_WRITE
from study.ledger.store import default_store, folder_path
from study.space.printable import printable
from study.streams import open_closed_streams, replace_unwritable, sturdy_streams


@dataclass(frozen=True)
class Command:
    """A command, and where its code is."""

    name: str
    help: str
    arguments: tuple[args.Argument, ...]
    module: str
    """Inside study.cli."""
    function: str = "execute"

    def execute(self, arguments: argparse.Namespace) -> int:
        """Import the module of the command, and run it. Returns the exit status."""
        module = importlib.import_module(f"study.cli.{self.module}")
        status: int = getattr(module, self.function)(arguments)
        return status


COMMANDS = (
    Command("new", "Write a task and a study of it, to begin with; they run as they are.", (args.TASK_FILE,), "new"),
    Command(
        "check-task",
        "Try each function of a task: data, models of every level, resuming, saving.",
        (args.TASK, args.VERBOSE),
        "check_task",
    ),
    Command("check", "Say whether a file is valid, and what would run.", (args.FILE, args.JSON), "check"),
    Command(
        "plan",
        "Check a file, build its models, and estimate what the study will cost.",
        (args.FILE, args.THREADS, args.WORKERS, args.JSON, args.VERBOSE),
        "plan",
    ),
    Command("run", "Run the missing cells of a study.", (args.FILE, *args.HOW_TO_RUN, args.TO_RECORDS), "run"),
    Command("retry", "Run the failed cells of a study again.", (args.NAME, *args.HOW_TO_RUN), "retry"),
    Command("replay", "Run one cell again and compare every number with the record.", (args.NAME, args.KEY), "replay"),
    Command("list", "List the studies of the store.", (args.JSON,), "list"),
    Command(
        "status",
        "Show what is done, running, failed and missing; of a complete study also the results.",
        (args.NAME, args.CELLS, args.JSON),
        "status",
    ),
    Command("watch", "Follow a running study from another terminal.", (args.NAME,), "watch"),
    Command("show", "Show one cell: settings, curve, log, traceback.", (args.NAME, args.KEY), "show"),
    Command(
        "export",
        "Write a study as one table, or as a file that `study import` reads.",
        (args.NAME, args.OUT_FILE, args.EPOCHS),
        "export",
    ),
    Command(
        "import",
        "Add cells that ran on another machine; the exit status is 1 if any line is refused.",
        (args.RECORDS, args.ACCEPT, args.TRUST),
        "import_",
    ),
    Command(
        "verify-store",
        "Read every result of the store and say what does not fit; the exit status is 1 if anything does not.",
        (args.REPAIR,),
        "verify_store",
    ),
    Command("relocate", "Correct the paths to figures and models after the store was moved.", (), "relocate"),
    Command(
        "effects",
        "Show what each change to the baseline does: differences, intervals, verdicts.",
        (args.NAME_OR_TABLE,),
        "effects",
    ),
    Command("plot", "Draw one figure, or all that suit a study.", (args.KIND, args.PLOTTED, *args.HOW_TO_DRAW), "plot"),
    Command(
        "report",
        "Write one page with the answer, the verdicts, the figures and everything that they rest on.",
        (args.NAME_OR_TABLE, args.FORMAT, args.OUT_REPORT, args.LOG),
        "report",
    ),
    Command(
        "ablate",
        "Take the best point apart: write the file of a study that puts each of its changes back by itself.",
        (args.NAME, args.ONE_POINT, args.PATH, args.OUT_STUDY),
        "ablate",
    ),
    Command(
        "best", "Show the best point, its scores, and the code that loads its model.", (args.NAME, args.TEST), "best"
    ),
    Command(
        "verify",
        "Show new examples and the text that the best model reads in each.",
        (args.NAME, args.COUNT, args.SEED),
        "verify",
    ),
    Command(
        "export-model",
        "Write the best model, its settings, its data's fingerprint and a model card into a folder.",
        (args.NAME, args.OUT_FOLDER),
        "export_model",
    ),
    Command("ui", "Serve MLflow's pages about the logged trials.", (args.HOST, args.PORT), "ui"),
)
_WORKING = {"run", "retry", "import"}
"""The commands whose result is not what they print."""
CACHE_HELP = "List, verify, fill or clear the cache of data sets."
CACHE_COMMANDS = (
    Command("list", "List the data sets of the cache.", (args.JSON,), "cache", "list_data_sets"),
    Command(
        "verify",
        "Read every byte of the cache and compare it with what was written; the exit status is 1 if any is damaged.",
        (),
        "cache",
        "verify",
    ),
    Command(
        "make", "Make the data sets that a study needs, and say how long each took.", (args.FILE,), "cache", "make"
    ),
    Command(
        "clear", "Remove every data set from the cache; a trial that needs one makes it again.", (), "cache", "clear"
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status."""
    open_closed_streams()
    replace_unwritable()
    with sturdy_streams() as output:
        arguments = parser().parse_args(argv)
        status = _execute(arguments)
    problem = output.problem
    # The program that read the output, for example `head`, may have ended. That is no problem.
    if problem is None or isinstance(problem, BrokenPipeError) or arguments.works:
        return status
    with sturdy_streams():
        print(f"standard output cannot be written ({problem.strerror or problem})", file=sys.stderr)
    return status or BAD_INPUT


def _execute(arguments: argparse.Namespace) -> int:
    try:
        with interruptible() if arguments.works else nullcontext():
            status: int = arguments.command(arguments)
        return status
    except StudyError as error:
        print(printable(str(error)), file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        if error.errno not in CANNOT_WRITE:
            raise
        place = f"{error.filename}: " if error.filename else ""
        print(printable(f"{place}cannot be written or read ({error.strerror})"), file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return STOPPED


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the whole command line."""
    whole = argparse.ArgumentParser(
        prog="study", description="Sweeps and ablation studies of Keras models.", parents=[_store_option()]
    )
    whole.set_defaults(store=default_store())
    # An option of its own: the commands must not share the default that was just set.
    store = _store_option()
    names = whole.add_subparsers(required=True, metavar="COMMAND")
    cache = names.add_parser("cache", help=CACHE_HELP, description=CACHE_HELP)
    cache_names = cache.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        _add(command, names, store)
    for command in CACHE_COMMANDS:
        _add(command, cache_names, store)
    return whole


def _store_option() -> argparse.ArgumentParser:
    # --store may stand before or after the command. Without a default here, the value before the command is kept.
    option = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    option.add_argument(
        "--store", type=folder_path, metavar="DIR", help="where studies are kept (STUDY_STORE, ./mlruns)"
    )
    return option


def _add(command: Command, names: Any, store: argparse.ArgumentParser) -> None:
    added = names.add_parser(command.name, help=command.help, description=command.help, parents=[store])
    added.set_defaults(command=command.execute, works=command.name in _WORKING)
    for name, options in command.arguments:
        added.add_argument(name, **options)
