"""The commands that run something: trials, probes, a server."""

import argparse
import math
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from study.cli.best import crown
from study.cli.lookup import DONE, SOME_FAILED, STOPPED, as_json, console, counts, find, find_cell, pareto_front
from study.errors import StoreError, StudyError
from study.space.trial import WITH_CURVE

if TYPE_CHECKING:
    from study.ledger.ledger import Ledger
    from study.running.session import Options, Sitting
    from study.space.search_space import SearchSpace


def plan(arguments: argparse.Namespace) -> int:
    """Check, then try out what it will cost."""
    from study.running.plan import plan as make
    from study.running.session import default_workers
    from study.space.toml_file import read

    space = read(arguments.file)
    made = make(
        space, threads=arguments.threads or 1, workers=arguments.workers or default_workers(arguments.threads or 1)
    )
    if arguments.json:
        found = _detectable(space)
        models = [{**vars(model), "estimated": not model.measured} for model in made.models]
        for model in models:
            del model["measured"]
        return as_json(
            {"study": made.study, "cells": made.cells, "models": models, "hours": made.hours, "workers": made.workers,
             "disk": made.disk, "detectable": found if math.isfinite(found) else None}
        )  # fmt: skip
    from study.terminal import duration, large_number, plain_table

    rows = [
        (
            model.label,
            f"{model.parameters:,}",
            large_number(model.flops),
            "" if model.seconds is None else ("" if model.measured else "~") + duration(model.seconds),
        )
        for model in made.models
    ]
    console().print(plain_table(("model", "parameters", "FLOPs", "a trial"), rows), highlight=False)
    if any(not model.measured for model in made.models):
        print("~ not tried out: estimated from FLOPs")
    total = "unknown" if made.hours is None else f"about {duration(made.hours * 3600)}"
    print(f"{made.cells:,} cells on {made.workers} workers: {total}, {made.disk / 1e6:,.1f} MB on disk")
    print(promise(space, arguments.store))
    return DONE


def promise(space: "SearchSpace", place: Path) -> str:
    """What the design can show, in a line."""
    from study.space.points import count_compared

    variants, seeds, smallest = count_compared(space), space.replicates, _detectable(space)
    if math.isinf(smallest):
        return "its test can never find an effect: that takes two seeds a point" if variants else "it has no variant"
    unit = "of the pairs' differences" if space.comparison == "paired" else "of a point's seeds"
    sd = _spread(space, place)
    size = f"{smallest:.2g} standard deviations {unit}"
    size = size if sd is None else f"{smallest * sd:.2g} in {space.objective.metric} ({size}, {sd:.2g} so far)"
    return f"{variants} variants on {seeds} seeds: an effect is found with 80 % probability from {size} on"


def _detectable(space: "SearchSpace") -> float:
    """The smallest effect that is found with a probability of 80 %, in standard deviations; infinite where none is."""
    from study.inference.power import detectable
    from study.space.points import count_compared

    return detectable(seeds=space.replicates, variants=count_compared(space), method=space.comparison)


def _spread(space: "SearchSpace", place: Path) -> float | None:
    """The standard deviation of the study's cells so far, in the unit of its test; None where there are too few."""
    from study.ledger import store

    if space.name not in store.names(place):
        return None
    from study import results
    from study.inference import conclusions
    from study.ledger.ledger import Ledger

    try:
        ledger = Ledger.read(place, space.name, space=space)
    except StoreError:  # What is there was made with something else, and tells nothing of this.
        return None
    return conclusions.spread(results.table(ledger))


def run(arguments: argparse.Namespace) -> int:
    """Run a study, or what is missing of it."""
    from study.space.toml_file import read

    space = read(arguments.file)
    return _sit(space, arguments) if arguments.records is None else _record(space, arguments)


def retry(arguments: argparse.Namespace) -> int:
    """Run again what failed for good."""
    ledger, space = find(arguments)
    if ledger is None or not ledger.counts()["failed"]:
        print(f"no cell of study {space.name!r} failed for good")
        return DONE
    return _sit(space, arguments, forgive=True)


def _sit(space: "SearchSpace", arguments: argparse.Namespace, *, forgive: bool = False) -> int:
    from study.ledger.ledger import Ledger
    from study.running.session import sit
    from study.tracking.tracker import MlflowTracker

    options = _options(arguments)
    with Ledger.own(arguments.store, space, threads=arguments.threads) as ledger:
        if forgive:
            ledger.forget_failures()
        with closing(MlflowTracker(ledger, arguments.store)) as tracker:
            sitting = sit(ledger, tracker, options, console())
        if tracker.problem:
            print(f"{tracker.problem}\nNothing is lost: it is logged at the next `study run`.", file=sys.stderr)
        return _closing(ledger, sitting, None if tracker.problem else arguments.store)


def _record(space: "SearchSpace", arguments: argparse.Namespace) -> int:
    """Run what is missing in a file of records; nothing here needs Optuna, MLflow or pandas."""
    from study.records.record_ledger import RecordLedger
    from study.running.loop import Unlogged
    from study.running.session import sit

    options = _options(arguments)
    with RecordLedger.own(arguments.records, space, threads=arguments.threads) as records:
        sitting = sit(records, Unlogged(), options, console())
        after = counts(records)
    if sitting.stopped:
        return _stopped(after)
    total = sum(after.values())
    print(f"{arguments.records}: {total - after['failed']} of {total} cells of study {space.name!r} are there")
    if after["failed"]:
        print(f"{after['failed']} failed for good: the file says why")
    print(f"next: study import {arguments.records}   where the study is kept")
    return SOME_FAILED if after["failed"] else DONE


def _options(arguments: argparse.Namespace) -> "Options":
    from study.running.session import Options

    return Options(
        workers=arguments.workers,
        threads=arguments.threads,
        engine=arguments.engine,
        address=arguments.address,
        gpus=arguments.gpus,
        hours=arguments.max_hours,
    )


def _stopped(after: dict[str, int]) -> int:
    total = sum(after.values())
    kept = total - after["missing"] - after["running"]
    print(f"stopped: {kept} of {total} cells are there and nothing is lost; the same command goes on")
    return STOPPED


def _closing(ledger: "Ledger", sitting: "Sitting", store: Path | None) -> int:
    """Say how a sitting ended and what to type next; in a store whose MLflow answers, log the winner's model."""
    space, after = ledger.space, counts(ledger)
    total = sum(after.values())
    if sitting.stopped:
        return _stopped(after)
    if not sitting.before["missing"]:
        print(f"nothing to run: all {total} cells of study {space.name!r} are there")
    else:
        _summary(ledger)
    if after["failed"]:
        print(f"{after['failed']} of {total} cells failed for good: `study status {space.name}` says why,")
        print(f"`study retry {space.name}` runs them again")
    if store and after["complete"] and not after["missing"] and (address := crown(ledger, store)):
        print(f"the best point's model is {address}")
    _next(space.name)
    return SOME_FAILED if after["failed"] else DONE


def _next(name: str) -> None:
    hints = {
        f"study effects {name}": "says what each change does, and how sure that is",
        f"python -m analysis {name}": "draws the figures",
        f"study best {name}": "shows the best point, and loads its model",
        "study ui": "browses every curve",
    }
    width = max(map(len, hints))
    for number, (command, what) in enumerate(hints.items()):
        print("     " if number else "next:", command.ljust(width), f" {what}")


def _summary(ledger: "Ledger") -> None:
    from study.cli.tables import summary_table
    from study.inference.conclusions import HOW, summary
    from study.inference.findings import conditions
    from study.ledger import holdout
    from study.results import table

    rows = table(ledger)
    if (rows["state"] == "complete").any():
        console().print(summary_table(summary(rows), ledger.space.objective), highlight=False)
        print(f"means over seeds, their Student's t intervals; differences: {HOW[ledger.space.comparison]}, each alone")
        print(*conditions(rows), sep="\n")
        if front := pareto_front(ledger):
            print(front)
    if opened := holdout.read_openings(ledger.folder):
        print(holdout.openings_in_words(opened))


def replay(arguments: argparse.Namespace) -> int:
    """Run one cell again and compare every number with what was recorded."""
    from study.running.replay import replay as run_again
    from study.training.worker_functions import TRAIN

    ledger, cell = find_cell(arguments)
    if cell.state not in WITH_CURVE or cell.trial is None:
        raise StudyError(f"{cell.point}, seed {cell.config.seed} is {cell.state}: there is nothing to compare with")
    again = run_again(ledger, cell, function=TRAIN)
    for change in again.changes:
        print(f"not as it was: {change}")
    if again.result.state != cell.state:
        print(f"{cell.state} then, {again.result.state} now: {again.result.reason}")
    if not again.differences:
        print(f"identical: {again.numbers} numbers of {again.epochs} epochs, bit for bit")
        return DONE
    print(f"{len(again.differences)} of {again.numbers} numbers differ; the first of them:")
    for epoch, name, was, now in again.differences[:10]:
        print(f"  epoch {epoch}, {name}: {was} then, {now} now")
    return SOME_FAILED


def ui(arguments: argparse.Namespace) -> NoReturn:
    """Serve MLflow's pages on what was logged."""
    from study.tracking.ui_command import ui_command, ui_page

    command, environment = ui_command(arguments.store, host=arguments.host, port=arguments.port)
    print(f"{ui_page(host=arguments.host, port=arguments.port)}   Ctrl-C ends it", flush=True)
    os.execve(sys.executable, [sys.executable, *command], {**os.environ, **environment})
