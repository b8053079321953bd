"""The list of a study's cells, each with its key, which other commands take."""

from collections.abc import Sequence
from typing import Any

from study.cli.output import print_rows
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.terminal import Digits
from study.text_table import Column

_SHOWN = 12
"""How much of a key is shown. It is enough to tell cells apart."""


def print_cells(ledger: Ledger, cells: Sequence[Cell]) -> None:
    """Print a row for each cell: its key, its trial, its point and seed, its state and the objective."""
    objective = ledger.space.objective
    values = {cell.config.key: _value(ledger, cell) for cell in cells}
    digits = Digits.of([value for value in values.values() if value is not None])
    columns = (
        Column("key", "text"),
        Column("trial", rank=2),
        Column("point", "name"),
        Column("seed"),
        Column("state", "text"),
        Column("phase", "text", rank=3),
        Column(objective.metric, rank=1),
        Column("seconds", rank=4),
    )
    rows = [
        (
            cell.config.key[:_SHOWN],
            cell.trial,
            cell.point,
            cell.config.seed,
            cell.state,
            cell.phase,
            "" if (value := values[cell.config.key]) is None else digits.show(value),
            f"{cell.result.seconds:.0f}" if cell.result else "",
        )
        for cell in cells
    ]
    print_rows(columns, rows)


def as_json(ledger: Ledger, cell: Cell) -> dict[str, Any]:
    """Returns a cell as JSON has it. The objective's value is None if the cell has none."""
    return {
        "key": cell.config.key,
        "trial": cell.trial,
        "point": cell.point,
        "seed": cell.config.seed,
        "state": cell.state,
        "phase": cell.phase,
        "value": _value(ledger, cell),
        "seconds": cell.result.seconds if cell.result else None,
    }


def _value(ledger: Ledger, cell: Cell) -> float | None:
    return ledger.metrics(cell).get(ledger.space.objective.metric) if cell.state == "complete" else None
