"""The commands about a study's best point and its model."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from study.cli.lookup import DONE, console, find, pareto_front
from study.errors import StoreError, StudyError

if TYPE_CHECKING:
    from study.ledger.ledger import Ledger
    from study.winner.choice import Winner


def best(arguments: argparse.Namespace) -> int:
    """Show the best point, its scores, and the lines that load its model."""
    from study.ledger import holdout, store
    from study.tracking import model_registry as registry
    from study.winner import choice as winner
    from study.winner.holdout_score import open_test_split

    ledger, found = _found(arguments)
    _about(ledger, found)
    if arguments.test:
        _final(ledger)
        with store.owned(ledger.folder):
            open_test_split(ledger, found, say=print)
    _scores(ledger, found)
    print(holdout.openings_in_words(holdout.read_openings(ledger.folder)))
    if missing := winner.unfinished(ledger):
        print(f"{missing} cells are missing, so another point may still win: its model is logged when all are there")
        return DONE
    address = registry.recorded_address(ledger, found.cell, arguments.store)
    if address is None:
        with store.owned(ledger.folder):
            address = crown(ledger, arguments.store)
    if address:
        print("its model, in Python:", *registry.loading_lines(address, arguments.store), sep="\n  ")
    return DONE


def crown(ledger: "Ledger", place: Path) -> str | None:
    """Keep the winner's weights and log its model; where that is. What fails is said, and stops nothing."""
    from study.winner import choice as winner
    from study.winner.registration import register_model
    from study.winner.weights import keep_weights

    try:
        found = winner.choose(ledger)
        keep_weights(ledger, found, say=print)
        return register_model(ledger, found, place, say=print)
    except StudyError as error:
        print(f"{error}\nNothing is lost: `study best {ledger.space.name}` logs the model.", file=sys.stderr)
        return None


def verify(arguments: argparse.Namespace) -> int:
    """Show fresh examples, in no split of the data, beside what the best model makes of them."""
    from study.terminal import plain_table
    from study.winner.verify import fresh_answers

    ledger, found = _found(arguments)
    _final(ledger)
    answers = fresh_answers(ledger, found, count=arguments.count, seed=arguments.seed, say=print)
    rows = [(answer.true, answer.read, " ".join(map(str, answer.wrong))) for answer in answers]
    print(f"study {ledger.space.name}: {found.name}, on {len(rows)} fresh examples that no split holds")
    console().print(plain_table(("true", "read", "wrong at"), rows, text_columns=3), highlight=False)
    right = sum(not answer.wrong for answer in answers)
    print(f"{right} of {len(rows)} read whole ({right / len(rows):.0%})")
    return DONE


def export_model(arguments: argparse.Namespace) -> int:
    """Write the best model, its settings, its data's fingerprint and a model card into a folder."""
    from study.winner import model_card as card

    ledger, found = _found(arguments)
    _final(ledger)
    for path in card.export(ledger, found, arguments.out, say=print):
        print(path)
    return DONE


def _found(arguments: argparse.Namespace) -> "tuple[Ledger, Winner]":
    """The study that NAME means, and its winner as things stand."""
    from study.winner import choice as winner

    ledger, space = find(arguments)
    if ledger is None:
        raise StoreError(
            f"{arguments.store}: study {space.name!r} has not run yet; `study run {arguments.name}` runs it"
        )
    return ledger, winner.choose(ledger)


def _final(ledger: "Ledger") -> None:
    from study.winner import choice as winner

    if missing := winner.unfinished(ledger):
        name = ledger.space.name
        raise StudyError(f"study {name!r} has no final winner: {missing} cells are missing; `study run` its file first")


def _about(ledger: "Ledger", found: "Winner") -> None:
    """Which point it is, how it did, and how large its model is."""
    from study.inference.intervals import mean_interval
    from study.task import describe
    from study.terminal import duration, large_number, plain_table

    space, result, values = ledger.space, found.cell.result, found.values
    mean, low, high = mean_interval(list(values.values()))
    most = "highest" if space.objective.sign > 0 else "lowest"
    print(f"study {space.name}: the best of {found.points} points is {found.cell.point}")
    interval = f" (95 % interval {low:.3f} … {high:.3f})" if len(values) > 1 else ""
    print(f"{most} mean {space.objective.metric} over its complete seeds: {mean:.3f}{interval}")
    print("  " + ", ".join(f"seed {seed}: {value:.3f}" for seed, value in sorted(values.items())))
    levels = found.cell.config.levels()
    rows = [(factor.name, describe(levels[factor.name])) for factor in space.factors]
    console().print(plain_table(("factor", "level"), rows, text_columns=2), highlight=False)
    size = "" if result is None else (
        f"{result.parameters or 0:,} parameters, {large_number(result.flops)} FLOPs, "
        f"trained in {duration(result.seconds)}"
    )  # fmt: skip
    print(f"its model is that of seed {found.cell.config.seed}, the median: {size}; key {found.cell.config.key[:12]}")
    if front := pareto_front(ledger):
        print(f"best by the first objective alone; {front}")


def _scores(ledger: "Ledger", found: "Winner") -> None:
    """Every metric of the model by split, on the test split as far as that was opened for it."""
    from study.cli.tables import final_table
    from study.ledger import holdout

    key = found.cell.config.key
    mine = [opening.scores for opening in holdout.read_openings(ledger.folder) if opening.key == key]
    console().print(final_table(ledger.curve(key)[-1], mine[-1] if mine else None), highlight=False)
