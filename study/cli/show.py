"""`study show`: everything about one cell."""

import argparse
from pathlib import Path

from study.cli.exit_status import DONE
from study.cli.named_study import named_cell
from study.cli.output import print_lines, print_rows, print_table
from study.cli.tables import curve_table, final_table, kept_when
from study.engines.cell_folder import LOG
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.space.printable import printable
from study.space.trial import TrialResult
from study.task import describe
from study.terminal import duration
from study.text_table import Column

_LAST_CHARACTERS = 4000


def execute(arguments: argparse.Namespace) -> int:
    """Show one cell: settings, curve, log, traceback."""
    ledger, cell = named_cell(arguments)
    trial = "no trial yet" if cell.trial is None else f"trial {cell.trial}"
    print_lines(f"{cell.point}, seed {cell.config.seed}: {cell.state}, {trial}", f"key {cell.config.key}")
    _print_settings(cell)
    if cell.result:
        _print_facts(cell.result)
    _print_curve(ledger, cell)
    if cell.result and cell.result.reason:
        print(f"{cell.result.reason}\n{cell.result.traceback}".rstrip())
    _print_log(ledger.cell_folder(cell.config) / LOG)
    return DONE


def _print_settings(cell: Cell) -> None:
    levels = {name: describe(level) for name, level in cell.config.settings.items()}
    rows = list({**levels, **cell.config.fidelity.texts()}.items())
    print_rows((Column("setting", "name"), Column("level", "name")), rows)


def _print_facts(result: TrialResult) -> None:
    print_lines(
        f"{result.parameters or 0:,} parameters, {result.flops or 0:,} FLOPs, {duration(result.seconds)}",
        ", ".join(f"{name} {value}" for name, value in result.environment.items()),
        ", ".join(f"{name} {seconds:.1f} s" for name, seconds in result.timing.items()),
    )


def _print_curve(ledger: Ledger, cell: Cell) -> None:
    if curve := ledger.curve(cell.config.key):
        print_table(curve_table(curve, ledger.space.objective.metric))
        print_table(final_table(ledger.metrics(cell) or curve[-1], when=kept_when(cell)))


def _print_log(path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""
    if text:
        print(f"log ({path}):\n{printable(text[-_LAST_CHARACTERS:])}")
