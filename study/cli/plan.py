"""`study plan`: what a study will cost, and which effects it can find."""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from study.cli.code_notes import print_code_notes
from study.cli.exit_status import DONE
from study.cli.output import print_json, print_rows
from study.errors import StoreError
from study.inference.effects import spread
from study.inference.power import detectable
from study.ledger import store
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.running.model_probes import ProblemsError
from study.running.plan import Model, Plan, make_plan
from study.running.resources import default_workers
from study.space.points import count_compared
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.terminal import duration, large_number


def execute(arguments: argparse.Namespace) -> int:
    """Check a file, build its models, and estimate what the study will cost."""
    space = read(arguments.file)
    threads = arguments.threads or 1
    try:
        plan = make_plan(space, threads=threads, workers=arguments.workers or default_workers(threads))
    except ProblemsError as error:
        if arguments.verbose:
            print(*error.tracebacks, sep="\n", file=sys.stderr)
        raise
    if arguments.json:
        print_json(_as_json(plan, space))
    else:
        _print_models(plan.models)
        hours = "unknown" if plan.hours is None else f"about {duration(plan.hours * 3600)}"
        print(f"{plan.cells:,} cells on {plan.workers} workers: {hours}, {plan.disk / 1e6:,.1f} MB on disk")
        for point, reason in plan.refused.items():
            print(f"{point}: refused: {reason}")
        print(detectable_effect(space, arguments.store))
        print_code_notes(space, arguments.store)
    return DONE


def _as_json(plan: Plan, space: SearchSpace) -> dict[str, Any]:
    models = [
        {**{name: value for name, value in vars(model).items() if name != "measured"}, "estimated": not model.measured}
        for model in plan.models
    ]
    smallest = _smallest_effect(space)
    return {
        "study": plan.study,
        "cells": plan.cells,
        "models": models,
        "hours": plan.hours,
        "workers": plan.workers,
        "disk": plan.disk,
        **({"refused": dict(plan.refused)} if plan.refused else {}),
        "detectable": smallest if math.isfinite(smallest) else None,
    }


def _print_models(models: Sequence[Model]) -> None:
    rows = [(model.label, _count(model.parameters), large_number(model.flops), _time(model)) for model in models]
    print_rows(("model", "parameters", "FLOPs", "a trial"), rows)
    if any(not model.measured for model in models):
        print("~ not measured, but estimated from FLOPs")


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _time(model: Model) -> str:
    if model.seconds is None:
        return ""
    return ("" if model.measured else "~") + duration(model.seconds)


def detectable_effect(space: SearchSpace, folder: Path) -> str:
    """Returns a line about the smallest effect that the study will probably find."""
    variants, smallest = count_compared(space), _smallest_effect(space)
    if math.isinf(smallest):
        return (
            "it can never find an effect, because a test needs two seeds a point" if variants else "it has no variant"
        )
    unit = "of the pairs' differences" if space.comparison == "paired" else "of a point's seeds"
    size, deviation = f"{smallest:.2g} standard deviations {unit}", _deviation_so_far(space, folder)
    if deviation is not None:
        size = f"{smallest * deviation:.2g} in {space.objective.name} ({size}, {deviation:.2g} so far)"
    return f"{variants} variants on {space.replicates} seeds: an effect is found with 80 % probability from {size} on"


def _smallest_effect(space: SearchSpace) -> float:
    """Returns the smallest effect, in standard deviations, that is found with 80 % probability; infinite if none is."""
    return detectable(seeds=space.replicates, variants=count_compared(space), method=space.comparison)


def _deviation_so_far(space: SearchSpace, folder: Path) -> float | None:
    """Returns the standard deviation of the study's cells so far, or None if there are too few cells."""
    if space.name not in store.names(folder):
        return None
    try:
        ledger = Ledger.read(folder, space.name, space=space)
    except StoreError:  # The results in the store were made with other settings, so they do not apply to this file.
        return None
    return spread(table(ledger))
