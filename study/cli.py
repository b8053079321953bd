"""The command `study`; the only place that prints or exits.

What a command needs is imported when it runs, so that `study --help` stays instant.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from study.errors import StudyError
from study.store import default_store

if TYPE_CHECKING:
    from study.ledger import Cell, Ledger
    from study.space import SearchSpace

DONE, SOME_FAILED, BAD_INPUT, STOPPED = 0, 1, 2, 130
STATES = ("complete", "running", "pruned", "diverged", "failed", "missing")


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

    def command(run: Callable[[argparse.Namespace], int], *arguments: str, name: str = "") -> None:
        words = (run.__doc__ or "").splitlines()[0]
        one = commands.add_parser(name or run.__name__, help=words, description=words, parents=[store])
        one.set_defaults(command=run)
        for argument in arguments:
            one.add_argument(argument, **_ARGUMENTS[argument])

    command(check, "file", "--json")
    command(plan, "file", "--threads", "--workers", "--json")
    command(run, "file", "--threads", "--workers")
    command(list_, "--json", name="list")
    command(status, "name", "--json")
    command(show, "name", "key")
    command(export, "name", "--out", "--epochs")
    command(ui, "--host", "--port")
    return made


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return int(text)


_ARGUMENTS: dict[str, dict[str, Any]] = {
    "file": {"type": Path, "metavar": "FILE", "help": "a search-space file"},
    "name": {"metavar": "NAME", "help": "a study's name, or its file"},
    "key": {"metavar": "KEY", "help": "the beginning of a cell's key"},
    "--json": {"action": "store_true", "help": "print one JSON object and nothing else"},
    "--threads": {"type": _positive, "metavar": "N", "help": "threads of a worker, fixed at the first run (1)"},
    "--workers": {"type": _positive, "metavar": "N", "help": "worker processes (one a core)"},
    "--out": {"type": Path, "required": True, "metavar": "FILE.csv|.parquet"},
    "--epochs": {"action": "store_true", "help": "a row an epoch in place of a row a cell"},
    "--host": {"default": "127.0.0.1", "metavar": "HOST"},
    "--port": {"type": _positive, "default": 5000, "metavar": "PORT"},
}


def check(arguments: argparse.Namespace) -> int:
    """Say whether a file is valid, and what would run."""
    from study import design
    from study.reader import read

    space = read(arguments.file)
    baseline = space.config({}, seed=0)
    labels = (space.config(point, seed=0).delta(baseline) for point in design.points(space))
    cells, count = design.count(space), design.count_points(space)
    if arguments.json:
        return _json({"study": space.name, "cells": cells, "points": list(labels), "seeds": list(space.seeds)})
    print(f"{arguments.file} is valid: study {space.name!r}, {space.design.kind} of task {space.task!r}")
    if space.design.kind == "sweep":
        confirm = space.design.confirm
        print(f"{cells:,} cells: {count:,} suggested points, then the {confirm.top} best and the baseline")
        print(f"on {confirm.seeds} fresh seeds each")
    else:
        print(f"{cells:,} cells: {count:,} points, each on seeds {', '.join(map(str, space.seeds))}")
    fidelity = space.fidelity
    print(
        f"each {fidelity.epochs} epochs on {fidelity.train_examples:,} examples; {space.objective.direction} "
        f"{space.objective.metric} on {fidelity.validation_examples:,}"
    )
    for label in islice(labels, 50):
        print(f"  {label}")
    if count > 50 and space.design.kind != "sweep":
        print(f"  … and {count - 50:,} more")
    return DONE


def plan(arguments: argparse.Namespace) -> int:
    """Check, then try out what it will cost."""
    from study.engines.local import processors
    from study.planning import plan as make
    from study.reader import read

    space = read(arguments.file)
    made = make(space, threads=arguments.threads or 1, workers=arguments.workers or processors())
    if arguments.json:
        models = [{**vars(model), "estimated": not model.measured} for model in made.models]
        for model in models:
            del model["measured"]
        return _json(
            {"study": made.study, "cells": made.cells, "models": models, "hours": made.hours, "workers": made.workers,
             "disk": made.disk}
        )  # fmt: skip
    from study.console import duration, large, table

    rows = [
        (
            model.label,
            f"{model.parameters:,}",
            large(model.flops),
            "" if model.seconds is None else ("" if model.measured else "~") + duration(model.seconds),
        )
        for model in made.models
    ]
    _console().print(table(("model", "parameters", "FLOPs", "a trial"), rows), highlight=False)
    if any(not model.measured for model in made.models):
        print("~ not tried out: estimated from FLOPs")
    total = "unknown" if made.hours is None else f"about {duration(made.hours * 3600)}"
    print(f"{made.cells:,} cells on {made.workers} workers: {total}, {made.disk / 1e6:,.1f} MB on disk")
    return DONE


def run(arguments: argparse.Namespace) -> int:
    """Run a study, or what is missing of it."""
    from study import backends
    from study.engines.local import LocalEngine, processors
    from study.ledger import Ledger
    from study.progress import Progress
    from study.reader import read
    from study.runner import run as run_all
    from study.tracking import MlflowTracker

    space = read(arguments.file)
    signal.signal(signal.SIGTERM, _interrupt)
    with Ledger.own(arguments.store, space, threads=arguments.threads) as ledger:
        before = _counts(ledger)
        tracker = MlflowTracker(ledger, arguments.store)
        workers = arguments.workers or max(1, processors() // ledger.threads)
        engine = LocalEngine(
            "study.training:train",
            workers=workers,
            environment=backends.environment(ledger.threads),
            timeout=space.trial_timeout,
        )
        total = sum(before.values())
        stopped = False
        try:
            if before["missing"]:
                console = _console()
                console.print(_opening(ledger, before, workers), soft_wrap=True, highlight=False)
                with Progress(
                    console, space.objective, total=total, done=total - before["missing"], workers=workers
                ) as progress:
                    run_all(ledger, engine, tracker, progress)
        except KeyboardInterrupt:
            stopped = True
        finally:
            engine.close()
            tracker.close()
        return _closing(ledger, before, arguments, tracker.problem, stopped=stopped)


def _opening(ledger: "Ledger", before: dict[str, int], workers: int) -> str:
    done = sum(before.values()) - before["missing"]
    there = f"{done} of {sum(before.values())} cells are there; " if done else ""
    noun = "worker" if workers == 1 else "workers"
    return f"study {ledger.space.name}: {there}running {before['missing']} on {workers} {noun}"


def _closing(
    ledger: "Ledger", before: dict[str, int], arguments: argparse.Namespace, problem: str, *, stopped: bool
) -> int:
    space, after = ledger.space, _counts(ledger)
    total = sum(after.values())
    if problem:
        print(f"{problem}\nNothing is lost: it is logged at the next `study run`.", file=sys.stderr)
    if stopped:
        kept = total - after["missing"] - after["running"]
        print(f"stopped: {kept} of {total} cells are there and nothing is lost; the same command goes on")
        return STOPPED
    if not before["missing"]:
        print(f"nothing to run: all {total} cells of study {space.name!r} are there")
    else:
        _summary(ledger)
    if after["failed"]:
        print(f"{after['failed']} of {total} cells failed for good: `study status {space.name}` says why")
    print(f"next: python -m analysis {space.name}   draws the figures")
    print("      study ui" + " " * (12 + len(space.name)) + "browses every curve")
    return SOME_FAILED if after["failed"] else DONE


def _summary(ledger: "Ledger") -> None:
    from study.console import summary_table
    from study.inference import summary
    from study.results import table

    rows = table(ledger)
    if (rows["state"] == "complete").any():
        _console().print(summary_table(summary(rows), ledger.space.objective), highlight=False)
        print("means over seeds; Student's t intervals, differences by Welch's t, each for its own comparison alone")


def list_(arguments: argparse.Namespace) -> int:
    """List the studies of the store."""
    from study import store
    from study.ledger import Ledger

    ledgers = [Ledger.read(arguments.store, name) for name in store.names(arguments.store)]
    rows = [{"study": ledger.space.name, **_totals(ledger)} for ledger in ledgers]
    if arguments.json:
        return _json({"studies": rows})
    if not rows:
        print(f"{arguments.store} holds no study yet; `study run FILE` makes one")
        return DONE
    from study.console import table

    columns = ("study", "cells", *STATES)
    _console().print(table(columns, [[row[column] for column in columns] for row in rows]), highlight=False)
    return DONE


def status(arguments: argparse.Namespace) -> int:
    """Say what is done, running, failed, missing."""
    ledger, space = _find(arguments)
    if ledger is None:
        from study import design

        cells, totals = [], {"cells": design.count(space), **dict.fromkeys(STATES, 0), "missing": design.count(space)}
    else:
        cells, totals = ledger.cells(), _totals(ledger)
    if arguments.json:
        return _json({"study": space.name, **totals})
    print(f"study {space.name}: {totals['cells']} cells: " + ", ".join(f"{totals[s]} {s}" for s in STATES if totals[s]))
    from study.console import table

    shown = [state for state in STATES if totals[state]]
    points = dict.fromkeys(cell.point for cell in cells)
    rows = [[point, *(_seeds(cells, point, state) for state in shown)] for point in points]
    _console().print(table(("point", *(f"{state}: seeds" for state in shown)), rows), highlight=False)
    for cell in cells:
        if cell.result is not None and cell.result.reason:
            print(f"{cell.config.key[:12]}  {cell.point}, seed {cell.config.seed}: {cell.state}: {cell.result.reason}")
    return DONE


def _seeds(cells: "Sequence[Cell]", point: str, state: str) -> str:
    return " ".join(str(cell.config.seed) for cell in cells if cell.point == point and cell.state == state)


def show(arguments: argparse.Namespace) -> int:
    """Show one cell: settings, curve, log, traceback."""
    from study.console import curve_table, duration, final_table, table
    from study.task import describe

    ledger, space = _find(arguments)
    cells = [] if ledger is None else ledger.cells()
    found = [cell for cell in cells if cell.config.key.startswith(arguments.key)]
    if ledger is None or len(found) != 1:
        few = ", ".join(cell.config.key[:12] for cell in (found or cells)[:5])
        how = f"{len(found)} cells begin with" if found else "no cell has the key"
        raise StudyError(f"study {space.name!r}: {how} {arguments.key!r}; keys are {few or 'not there yet'} …")
    cell, console = found[0], _console()
    print(f"{cell.point}, seed {cell.config.seed}: {cell.state}, trial {cell.trial}\nkey {cell.config.key}")
    settings = {**cell.config.settings, **vars(cell.config.fidelity)}
    console.print(table(("setting", "level"), [(k, describe(v)) for k, v in settings.items()], left=2), highlight=False)
    if result := cell.result:
        print(f"{result.parameters or 0:,} parameters, {result.flops or 0:,} FLOPs, {duration(result.seconds)}")
        print(", ".join(f"{name} {value}" for name, value in result.environment.items()))
        print(", ".join(f"{name} {seconds:.1f} s" for name, seconds in result.timing.items()))
    if curve := ledger.curve(cell.config.key):
        console.print(curve_table(curve, space.objective.metric), highlight=False)
        console.print(final_table(curve[-1]), highlight=False)
    if result and result.reason:
        print(f"{result.reason}\n{result.traceback}".rstrip())
    log = ledger.cell_folder(cell.config) / "log.txt"
    if log.is_file() and (text := log.read_text(encoding="utf-8", errors="replace").strip()):
        print(f"log ({log}):\n{text[-4000:]}")
    return DONE


def export(arguments: argparse.Namespace) -> int:
    """Write a study as one tidy table."""
    if arguments.out.suffix not in (".csv", ".parquet"):
        raise StudyError(f"--out must end in .csv or .parquet, not {arguments.out.name!r}")
    from study import results

    read = results.read_epochs if arguments.epochs else results.read_table
    frame = read(arguments.name, store=arguments.store)
    try:
        if arguments.out.suffix == ".csv":
            frame.to_csv(arguments.out, index=False)
        else:
            results.uniform(frame).to_parquet(arguments.out, index=False)
    except OSError as error:
        raise StudyError(f"{arguments.out}: cannot be written: {error.strerror or error}") from None
    print(f"{arguments.out}: {len(frame)} rows")
    return DONE


def ui(arguments: argparse.Namespace) -> NoReturn:
    """Serve MLflow's pages on what was logged."""
    from study import tracking

    if not (arguments.store / "mlflow.db").is_file() and "MLFLOW_TRACKING_URI" not in os.environ:
        raise StudyError(f"{arguments.store}: nothing was logged yet; `study run FILE` does")
    command, environment = tracking.ui_command(arguments.store, host=arguments.host, port=arguments.port)
    # The page opens on MLflow's tools for language models unless told what is looked for.
    page = "#/experiments?workflowType=machine_learning"
    print(f"http://{arguments.host}:{arguments.port}/{page}   Ctrl-C ends it", flush=True)
    os.execve(sys.executable, [sys.executable, *command], {**os.environ, **environment})


def _find(arguments: argparse.Namespace) -> "tuple[Ledger | None, SearchSpace]":
    """The study that NAME means, by its name or its file; a file may name one that never ran."""
    from study import store
    from study.ledger import Ledger
    from study.reader import read

    if arguments.name.endswith(".toml"):
        space = read(Path(arguments.name))
        there = space.name in store.names(arguments.store)
        return (Ledger.read(arguments.store, space.name) if there else None), space
    ledger = Ledger.read(arguments.store, arguments.name)
    return ledger, ledger.space


def _counts(ledger: "Ledger") -> dict[str, int]:
    counts = ledger.counts()
    return {state: counts[state] for state in STATES}


def _totals(ledger: "Ledger") -> dict[str, int]:
    counts = _counts(ledger)
    return {"cells": sum(counts.values()), **counts}


def _json(value: object) -> int:
    print(json.dumps(value))
    return DONE


def _console() -> Any:
    from rich.console import Console

    # A pipe or a file has no width: what is written there must not be folded.
    return Console() if sys.stdout.isatty() else Console(width=160)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
