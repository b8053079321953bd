"""The commands that look at a file or a store and change nothing."""

import argparse
import sys
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from study.cli.lookup import DONE, as_json, console, find, find_cell, totals
from study.engines.cell_folder import LOG
from study.errors import StudyError
from study.files import write_whole
from study.space.trial import CELL_STATES

if TYPE_CHECKING:
    from study.ledger.cell import Cell


def check(arguments: argparse.Namespace) -> int:
    """Say whether a file is valid, and what would run."""
    from study.space import points as design
    from study.space.toml_file import read

    space = read(arguments.file)
    baseline = space.config({}, seed=0)
    labels = (space.config(point, seed=0).delta(baseline) for point in design.points(space))
    cells, count = design.count(space), design.count_points(space)
    if arguments.json:
        return as_json({"study": space.name, "cells": cells, "points": list(labels), "seeds": list(space.seeds)})
    print(f"{arguments.file} is valid: study {space.name!r}, {space.design.kind} of task {space.task!r}")
    if space.design.kind == "sweep":
        confirm = space.design.confirm
        print(f"{cells:,} cells: {count:,} suggested points, then the {confirm.top} best and the baseline")
        print(f"on {confirm.seeds} fresh seeds each")
    else:
        print(f"{cells:,} cells: {count:,} points, each on seeds {', '.join(map(str, space.seeds))}")
    fidelity = space.fidelity
    print(
        f"each {fidelity.epochs} epochs on {fidelity.train_examples:,} examples; "
        f"{' and '.join(map(str, space.objectives))} on {fidelity.validation_examples:,}"
    )
    for label in islice(labels, 50):
        print(f"  {label}")
    if count > 50 and space.design.kind != "sweep":
        print(f"  … and {count - 50:,} more")
    return DONE


def list_(arguments: argparse.Namespace) -> int:
    """List the studies of the store."""
    from study.ledger import store
    from study.ledger.ledger import Ledger

    rows = []
    for name in store.names(arguments.store):
        try:
            rows.append({"study": name, **totals(Ledger.read(arguments.store, name))})
        except StudyError as error:  # One study that cannot be read must not hide the others.
            print(error, file=sys.stderr)
    if arguments.json:
        return as_json({"studies": rows})
    if not rows:
        print(f"{arguments.store} holds no study yet; `study run FILE` makes one")
        return DONE
    from study.terminal import plain_table

    columns = ("study", "cells", *CELL_STATES)
    console().print(plain_table(columns, [[row[column] for column in columns] for row in rows]), highlight=False)
    return DONE


def status(arguments: argparse.Namespace) -> int:
    """Say what is done, running, failed, missing."""
    from study.ledger import holdout

    ledger, space = find(arguments)
    if ledger is None:
        from study.space import points as design

        cells, known = (
            [],
            {"cells": design.count(space), **dict.fromkeys(CELL_STATES, 0), "missing": design.count(space)},
        )
    else:
        cells, known = ledger.cells(), totals(ledger)
    if arguments.json:
        return as_json({"study": space.name, **known})
    states = ", ".join(f"{known[state]} {state}" for state in CELL_STATES if known[state])
    print(f"study {space.name}: {known['cells']} cells: {states}")
    from study.terminal import plain_table

    shown = [state for state in CELL_STATES if known[state]]
    points = dict.fromkeys(cell.point for cell in cells)
    rows = [[point, *(_seeds(cells, point, state) for state in shown)] for point in points]
    console().print(plain_table(("point", *(f"{state}: seeds" for state in shown)), rows), highlight=False)
    for cell in cells:
        if cell.result is not None and cell.result.reason:
            state = " ".join(filter(None, (cell.result.state, cell.result.failure and f"({cell.result.failure})")))
            again = ", to be run again" if cell.state == "missing" else ""
            name = f"{cell.config.key[:12]}  {cell.point}, seed {cell.config.seed}"
            print(f"{name}: {state}{again}: {cell.result.reason}")
    if ledger is not None and (opened := holdout.read_openings(ledger.folder)):
        print(holdout.openings_in_words(opened))
    return DONE


def _seeds(cells: "Sequence[Cell]", point: str, state: str) -> str:
    return " ".join(str(cell.config.seed) for cell in cells if cell.point == point and cell.state == state)


def show(arguments: argparse.Namespace) -> int:
    """Show one cell: settings, curve, log, traceback."""
    from study.cli.tables import curve_table, final_table
    from study.task import describe
    from study.terminal import duration, plain_table

    ledger, cell = find_cell(arguments)
    screen = console()
    print(f"{cell.point}, seed {cell.config.seed}: {cell.state}, trial {cell.trial}\nkey {cell.config.key}")
    settings = {**cell.config.settings, **vars(cell.config.fidelity)}
    screen.print(
        plain_table(("setting", "level"), [(k, describe(v)) for k, v in settings.items()], text_columns=2),
        highlight=False,
    )
    if result := cell.result:
        print(f"{result.parameters or 0:,} parameters, {result.flops or 0:,} FLOPs, {duration(result.seconds)}")
        print(", ".join(f"{name} {value}" for name, value in result.environment.items()))
        print(", ".join(f"{name} {seconds:.1f} s" for name, seconds in result.timing.items()))
    if curve := ledger.curve(cell.config.key):
        screen.print(curve_table(curve, ledger.space.objective.metric), highlight=False)
        screen.print(final_table(curve[-1]), highlight=False)
    if result and result.reason:
        print(f"{result.reason}\n{result.traceback}".rstrip())
    log = ledger.cell_folder(cell.config) / LOG
    if log.is_file() and (text := log.read_text(encoding="utf-8", errors="replace").strip()):
        print(f"log ({log}):\n{text[-4000:]}")
    return DONE


def export(arguments: argparse.Namespace) -> int:
    """Write a study as one tidy table, or as a file that `study import` reads."""
    if arguments.out.suffix == ".jsonl" and not arguments.epochs:
        return _export_records(arguments)
    endings = ".csv or .parquet" + ("" if arguments.epochs else ", or in .jsonl for another machine")
    if arguments.out.suffix not in (".csv", ".parquet"):
        raise StudyError(f"--out must end in {endings}, not {arguments.out.name!r}")
    from study import results

    read = results.read_epochs if arguments.epochs else results.read_table
    frame = read(arguments.name, store=arguments.store)
    try:
        if arguments.out.suffix == ".csv":
            write_whole(arguments.out, frame.to_csv(index=False))
        else:
            write_whole(arguments.out, results.uniform(frame).to_parquet(index=False))
    except OSError as error:
        raise StudyError(f"{arguments.out}: cannot be written: {error.strerror or error}") from None
    print(f"{arguments.out}: {len(frame)} rows")
    return DONE


def _export_records(arguments: argparse.Namespace) -> int:
    from study.records import record_file as exchange

    ledger, space = find(arguments)
    if ledger is None:
        raise StudyError(f"study {space.name!r}: nothing ran yet; `study run {arguments.name}` does")
    records = (exchange.Record.of(*finished) for finished in ledger.finished())
    number = exchange.write(arguments.out, exchange.Header(space, ledger.threads, tuple(ledger.revisions)), records)
    print(f"{arguments.out}: {number} trials")
    return DONE
