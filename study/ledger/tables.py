"""A study's ledger as tables: a row for each cell, or for each epoch."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from study.inference import columns
from study.inference.exported_file import uniform
from study.ledger import holdout
from study.ledger.cell import Cell
from study.ledger.garbage import no_collection
from study.ledger.ledger import Ledger
from study.space.search_space import SearchSpace
from study.space.trial import WITH_CURVE, TrialConfig, label
from study.task import Settings


@no_collection()
def table(ledger: Ledger) -> pd.DataFrame:
    """Returns a row for each cell, with its last trial."""
    about = {**_about(ledger), "test_openings": len(holdout.read_openings(ledger.folder))}
    frame = uniform(pd.DataFrame([_row(ledger, cell, about) for cell in ledger.cells()]))
    # As in older tables, the last epoch is not named, nor is what nobody declared.
    needless = {
        columns.COUNTED: ledger.space.objective.epoch == "last",
        columns.LOOKS: not ledger.space.looks,
        columns.MATCHED: not ledger.space.match,
        columns.CHANCE: ledger.space.chance is None,
    }
    return frame.drop(columns=[name for name, is_needless in needless.items() if is_needless])


@no_collection()
def epochs(ledger: Ledger) -> pd.DataFrame:
    """Returns a row for each epoch of each cell's last trial. Epochs count from 1."""
    rows = [
        columns.row(
            columns.EPOCHS,
            {**_identity(ledger, cell), "phase": cell.phase, columns.DATA: _data(cell), "epoch": epoch},
            {columns.METRIC: metrics},
        )
        for cell in ledger.cells()
        for epoch, metrics in enumerate(ledger.curve(cell.config.key), start=1)
    ]
    return pd.DataFrame(rows, columns=None if rows else columns.fixed(columns.EPOCHS))


def _identity(ledger: Ledger, cell: Cell) -> dict[str, Any]:
    return {
        "study": ledger.space.name,
        "key": cell.config.key,
        "point": cell.point,
        columns.CHANGES: json.dumps(_asked(ledger.space, cell.config)),
        "seed": cell.config.seed,
    }


def _asked(space: SearchSpace, config: TrialConfig) -> Settings:
    """Returns what a point changes of the baseline, without what was chosen so that its model is as large."""
    chosen = space.match.setting if space.match else ""
    return {name: level for name, level in config.changes(space.config({}, seed=0)).items() if name != chosen}


def _about(ledger: Ledger) -> dict[str, Any]:
    """Returns what all cells share: task, the baseline's changes to the defaults, fixed settings, nuisance factors.

    Settings are written like a point's changes.
    """
    space = ledger.space
    config = space.config({}, seed=0)
    untouched = replace(config, settings=space.defaults)
    varied = {factor.name for factor in space.factors}
    # An older store did not record the settings of training, and a task may name none: then take what the baseline
    # changes.
    names = space.training or tuple(config.changes(untouched))
    fixed = {name: space.baseline[name] for name in names if name not in varied}
    return {
        "task": space.task,
        "baseline": config.delta(untouched),
        "fixed": label(fixed) if fixed else "",
        "nuisance": columns.names_text(space.nuisance),
        "vary": " ".join(space.vary),
        "revised": "; ".join(ledger.revisions),
    }


def _budget(cell: Cell) -> dict[str, float]:
    """Returns the parts of a cell's budget. A number of examples is not-a-number if it is all of data not yet seen."""
    counts = cell.result.data.get("counts", {}) if cell.result else {}
    budget = vars(cell.config.fidelity.counted(counts))
    return {name: math.nan if number is None else number for name, number in budget.items()}


def _data(cell: Cell) -> str:
    return str(cell.result.data.get("fingerprint", "")) if cell.result else ""


def _row(ledger: Ledger, cell: Cell, about: Mapping[str, Any]) -> dict[str, Any]:
    space, config, result = ledger.space, cell.config, cell.result
    levels = config.levels()
    environment = result.environment if result else {}
    values = {
        **_identity(ledger, cell),
        columns.TRIAL: cell.trial,
        "phase": cell.phase,
        "state": cell.state,
        "objective": space.objective.metric,
        "direction": space.objective.direction,
        columns.COUNTED: space.objective.epoch,
        "paired": space.comparison == "paired",
        "equal_variances": space.comparison == "equal_variances",
        "margin": math.nan if space.margin is None else space.margin,
        columns.CHANCE: space.chance,
        columns.LOOKS: " ".join(map(str, space.looks)),
        columns.MATCHED: str(space.match or ""),
        **about,
        **_budget(cell),
        "parameters": result.parameters if result else None,
        "flops": result.flops if result else None,
        "seconds": result.seconds if result else None,
        **{name: environment.get(name) for name in columns.ENVIRONMENT},
        columns.CODE: ledger.codes.one(result.code) if result else "",
        columns.DATA: _data(cell),
        "reason": result.reason if result else "",
    }
    many: dict[str, Mapping[str, Any]] = {
        columns.LEVEL: {factor.name: levels[factor.name] for factor in space.factors},
        columns.METRIC: ledger.metrics(cell) if cell.state in WITH_CURVE else {},
        columns.VERSION: {name: str(value) for name, value in environment.items() if name not in columns.ENVIRONMENT},
        columns.TIMING: result.timing if result else {},
    }
    return columns.row(columns.TABLE, values, many)
