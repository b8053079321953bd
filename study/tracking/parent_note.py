"""The description of a study's parent run, as Markdown: the answer, the effects, how to go on, what was asked."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from study.errors import InferenceError
from study.inference.answer import answer
from study.inference.cell_table import comparable, complete, objective, objective_name
from study.inference.effects import Effect, compute_effects
from study.inference.nuisance import at_best_nuisance
from study.inference.verdict import verdict_text
from study.space.factor import Factor
from study.space.looks import looks_text
from study.space.printable import printable_cell
from study.space.search_space import SearchSpace
from study.space.trial import BASELINE
from study.task import describe, describe_count
from study.terminal import Digits

MOST = 7900
"""The most characters. MLflow cuts a longer text, perhaps in the middle of a row."""
_MOST_ROWS = 40


def parent_note(space: SearchSpace, table: pd.DataFrame, *, store: Path, file: str) -> str:
    """Return the description. `table` has a row for each cell, and `file` is the study's file, if it has one.

    A table of effects that would be too long is cut, and the last row says so.
    """
    whole = [*_answer(table), *_commands(space, store, file), *_asked(space)]
    left = MOST - len("\n".join(whole))
    first, *others = whole
    return "\n".join([first, *_effects(table, space, most=left), *others])[:MOST]


def _answer(table: pd.DataFrame) -> Iterator[str]:
    try:
        yield answer(table)
    except InferenceError as error:
        yield f"No answer yet: {error}."


def _effects(table: pd.DataFrame, space: SearchSpace, *, most: int) -> list[str]:
    """Returns the lines of the table of effects, of at most `most` characters; empty without any effect."""
    try:
        cells = at_best_nuisance(table)
        effects = compute_effects(cells)
    except InferenceError:
        return []
    if not effects:
        return []
    head, *rows = _rows(effects, comparable(cells))
    kept, size = [head, "|---|--:|--:|:-:|--:|---|--:|"], len(head) + 200
    for row in rows[:_MOST_ROWS]:
        size += len(row) + 1
        if size > most:
            break
        kept.append(row)
    left_out = len(rows) + 2 - len(kept)
    more = [f"and {left_out} more: `study effects {space.name}` shows them"] if left_out else []
    return ["", *kept, *(["", *more] if more else [])]


def _rows(effects: Sequence[Effect], cells: pd.DataFrame) -> Iterator[str]:
    """Yields the head of the table, the row of the baseline, and a row for each variant."""
    yield _row("variant", objective_name(cells), "difference", "95 % interval", "adjusted p", "verdict", "seeds")
    counted = complete(cells)
    baseline = counted.loc[counted["point"] == BASELINE, objective(cells)]
    halves = [effect.high - effect.difference for effect in effects]
    change = Digits.of([effect.difference for effect in effects], halves=halves)
    digits = Digits.of([float(baseline.mean()), *(effect.mean for effect in effects)], halves=halves)
    yield _row(BASELINE, digits.show(float(baseline.mean())), "", "", "", "", str(len(baseline)))
    for effect in effects:
        yield _row(
            effect.point,
            digits.show(effect.mean),
            change.show(effect.difference, signed=True),
            change.interval(effect.low, effect.high, signed=True),
            "" if effect.adjusted != effect.adjusted else f"{effect.adjusted:.3f}",
            verdict_text(effect),
            str(effect.seeds),
        )


def _row(*cells: str) -> str:
    return f"| {' | '.join(map(printable_cell, cells))} |"


def _commands(space: SearchSpace, store: Path, file: str) -> Iterator[str]:
    """Yields how to go on, how to see everything, and how to run a cell again."""
    name, where = shlex.quote(space.name), f"--store {shlex.quote(str(store.absolute()))}"
    run = f"`study run {shlex.quote(file)} {where}`" if file else "`run()` of the study in Python"
    yield from ["", "**Go on, or again**", ""]
    yield f"- {run} runs what is missing; after you added levels or seeds to its file, it runs only those."
    yield f"- `study effects {name} {where}` shows every number and its conditions."
    yield f"- `study replay {name} KEY {where}` runs one cell again and compares it; KEY is the tag `key` of a run."


def _asked(space: SearchSpace) -> Iterator[str]:
    """Yields the question, the task, the objectives, the budget and the factors."""
    fidelity, baseline = space.fidelity, space.config({}, seed=0).levels()
    yield from ["", "**What was asked**", ""]
    yield from [space.description, ""] if space.description else []
    yield (
        f"{space.design.kind} of task {space.task} (version {space.task_version}); "
        f"{' and '.join(map(str, space.objectives))}; {_seeds(space)}; "
        f"{fidelity.epochs} epochs on {describe_count(fidelity.train_examples)} examples, "
        f"validated on {describe_count(fidelity.validation_examples)}."
    )
    yield from ["", "| factor | baseline | levels |", "|---|---|---|"]
    yield from (_row(factor.name, describe(baseline[factor.name]), _levels(factor)) for factor in space.factors)


def _seeds(space: SearchSpace) -> str:
    if space.looks:
        return looks_text(space.look_seeds)
    return f"{len(space.seeds)} seed(s)"


def _levels(factor: Factor) -> str:
    levels = factor.levels
    return ", ".join(map(describe, levels)) if isinstance(levels, tuple) else f"{levels.low} to {levels.high}"
