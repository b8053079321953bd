"""`study best`: the best point, its scores, and the code that loads its model."""

import argparse
from pathlib import Path

from study.cli.best_point import print_needs, require_final
from study.cli.exit_status import DONE, SOME_FAILED
from study.cli.named_study import named_ledger
from study.cli.output import print_lines, print_rows, print_table, print_warning
from study.cli.results_table import pareto_line
from study.cli.tables import final_table, kept_when
from study.inference.intervals import mean_interval
from study.ledger import holdout, store
from study.ledger.ledger import Ledger
from study.running.replay import Attended
from study.task import describe
from study.terminal import Digits, console, duration, large_number
from study.text_table import Column
from study.tracking import model_registry
from study.winner import choice
from study.winner.best_model import log_best_model
from study.winner.choice import Winner
from study.winner.holdout_score import open_test_split


def execute(arguments: argparse.Namespace) -> int:
    """Show the best point, its scores, and the code that loads its model."""
    ledger = named_ledger(arguments)
    best = choice.choose(ledger)
    _print_point(ledger, best)
    if arguments.test:
        require_final(ledger)
        with store.owned(ledger.folder):
            open_test_split(ledger, best, say=print, attended=Attended(console()))
    _print_scores(ledger, best)
    print_lines(holdout.openings_in_words(holdout.read_openings(ledger.folder)))
    if missing := choice.unfinished(ledger):
        print_lines(
            f"{missing} cells are missing, so another point may still win: the model is logged once all cells are there"
        )
        return DONE
    if not (address := _model_address(ledger, best, arguments.store)):
        return SOME_FAILED
    _print_loading(ledger, address, arguments.store)
    return DONE


def _print_loading(ledger: Ledger, version: str, folder: Path) -> None:
    """Print the address of the model, and the lines of Python that load it."""
    address = model_registry.best_address(ledger)
    print(f"its model is {address}, now {version}")
    if model_registry.recorded_needs(ledger):
        print_needs(ledger)
        lines = model_registry.own_code_lines(ledger.space.name, folder)
    else:
        lines = model_registry.loading_lines(address, folder, loader=model_registry.recorded_loader(ledger))
    print("its model, in Python:", *lines, sep="\n  ")


def _model_address(ledger: Ledger, best: Winner, folder: Path) -> str | None:
    """Returns the address of the best model in MLflow. Logs the model first if that was not done before."""
    address = model_registry.recorded_address(ledger, best.cell, folder)
    if address is not None:
        return address
    with store.owned(ledger.folder):
        return log_best_model(ledger, folder, say=print, warn=print_warning, attended=Attended(console()))


def _print_point(ledger: Ledger, best: Winner) -> None:
    """Print the best point, its values by seed, its levels, and the size of its model."""
    space = ledger.space
    print_lines(f"study {space.name}: the best of {best.points} points is {best.cell.point}")
    _print_mean(ledger, best)
    levels = best.cell.config.levels()
    rows = [(factor.name, describe(levels[factor.name])) for factor in space.factors]
    print_rows((Column("factor", "name"), Column("level", "name")), rows)
    seed, key = best.cell.config.seed, best.cell.config.key[:12]
    print_lines(f"its model was trained on seed {seed}, the median one: {_size(best)}; key {key}")
    if front := pareto_line(ledger):
        print_lines(f"best by the first objective alone; {front}")


def _print_mean(ledger: Ledger, best: Winner) -> None:
    objective, values = ledger.space.objective, best.values
    mean, low, high = mean_interval(list(values.values()), metric=objective.metric)
    extreme = "highest" if objective.sign > 0 else "lowest"
    digits = Digits.of([mean], halves=[high - mean])
    interval = f" (95 % interval {digits.interval(low, high)})" if len(values) > 1 else ""
    print_lines(f"{extreme} mean {objective.name} over its complete seeds: {digits.show(mean)}{interval}")
    print_lines("  " + ", ".join(f"seed {seed}: {digits.show(value)}" for seed, value in sorted(values.items())))
    if objective.epoch == "best":
        print_lines("the best of many epochs is optimistic, because chance chose it, too")


def _size(best: Winner) -> str:
    result = best.cell.result
    if result is None:
        return ""
    parameters = "unknown" if result.parameters is None else f"{result.parameters:,}"
    flops = "unknown" if result.flops is None else large_number(result.flops)
    return f"{parameters} parameters, {flops} FLOPs, trained in {duration(result.seconds)}"


def _print_scores(ledger: Ledger, best: Winner) -> None:
    """Print every metric of the model by split. The test split is shown if it was opened for this model."""
    key = best.cell.config.key
    scores = [opening.scores for opening in holdout.read_openings(ledger.folder) if opening.key == key]
    print_table(final_table(ledger.metrics(best.cell), scores[-1] if scores else None, when=kept_when(best.cell)))
