"""The model card of the best model: how it was trained, its scores, its limits, and how to load it."""

from collections.abc import Iterable, Mapping

from study.ledger import holdout
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.space.printable import printable_cell
from study.space.trial import Metrics
from study.task import describe, describe_count
from study.winner.choice import Winner


def model_card(ledger: Ledger, winner: Winner, *, loading: str) -> str:
    """Returns the card in Markdown. `loading` is its part about how the model is loaded."""
    space, config, result = ledger.space, winner.cell.config, winner.cell.result
    opened, fidelity = holdout.read_openings(ledger.folder), config.fidelity.counted(winner.counts)
    train = describe_count(fidelity.train_examples)
    validation = "all" if fidelity.validation_examples is None else f"the {fidelity.validation_examples:,}"
    seeds = ", ".join(f"{value:.4f} (seed {seed})" for seed, value in sorted(winner.values.items()))
    own = [opening for opening in opened if opening.key == config.key]
    parts = [
        f"# {space.name}: {winner.cell.point}",
        f"{space.description or 'The best point of a study.'} This is the model of the best of {winner.points} points, "
        f"trained on seed {config.seed}, the median one; {result.parameters if result else 0:,} parameters.",
        "## How it was trained",
        f"Task `{config.task}` (version {config.task_version}), {fidelity.epochs} epochs on {train} examples. "
        "Every setting is in `settings.json`, the data's fingerprint in `data.json`. The study varied these settings:",
        _table({factor.name: describe(config.levels()[factor.name]) for factor in space.factors}),
        "## Scores",
        f"The study's objective: {space.objective}. The point reached "
        f"{winner.mean:.4f} on average: {seeds}. The model of seed {config.seed} {_when(winner.cell)}:",
        scores(ledger.metrics(winner.cell), own[-1].scores if own else {}),
        holdout.openings_in_words(opened)[0].upper() + holdout.openings_in_words(opened)[1:] + ".",
        "## Limits",
        f"The point was chosen on {validation} validation examples, so its scores there are somewhat too good. The "
        "model was trained on the task's own kind of data only, so its answers to anything else mean nothing. Another "
        "seed gives other numbers. They differ as much as those above.",
        "## Loading it",
        loading,
        "The loaded model answers at once. Compile it first if you want to train it further or to evaluate it.",
    ]  # fmt: skip
    return "\n\n".join(parts)


def _when(cell: Cell) -> str:
    if cell.config.best:
        return "after its best epoch"
    return (
        "with the weights that its training put back" if cell.result and cell.result.final else "after its last epoch"
    )


def _table(rows: Mapping[str, str]) -> str:
    return "\n".join([_row(["setting", "level"]), "|---|---|", *map(_row, rows.items())])


def scores(metrics: Metrics, test: Metrics) -> str:
    """Return a model's metrics by split, as a table in Markdown."""
    names = [name for name in metrics if not name.startswith("val_")]
    rows = [[name, *(_number(of, key) for of, key in ((metrics, name), (metrics, f"val_{name}"), (test, name)))]
            for name in names]  # fmt: skip
    return "\n".join(["| metric | training | validation | test |", "|---|--:|--:|--:|", *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(printable_cell, cells))} |"


def _number(of: Metrics, name: str) -> str:
    return f"{of[name]:.4f}" if name in of else ""
