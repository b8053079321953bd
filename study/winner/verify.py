"""Tests the best model on fresh examples, which are in no split of its data. The article did the same check."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from study.data.arrays import ArrayError, as_array, kind_of
from study.data.nest import Nest, map_nest, take
from study.data.nest import count as count_examples
from study.data.nest_file import read_nest, write_nest
from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.running.replay import Attended
from study.space.function_task import FunctionTask
from study.space.task_call import call, has
from study.space.task_loading import task_of
from study.space.user_line import line_of
from study.task import Settings, Task
from study.training import saved_model
from study.training.worker_functions import ANSWER
from study.winner.choice import Winner
from study.winner.weights import Print, run_on_model


@dataclass(frozen=True)
class FreshAnswer:
    """A fresh example's true text, and the text that the model read."""

    true: str
    read: str

    @property
    def wrong(self) -> list[int]:
        """The positions, from 1, at which the texts differ; every position if their lengths differ."""
        if len(self.true) != len(self.read):
            return list(range(1, len(self.true) + 1))
        pairs = zip(self.true, self.read, strict=True)
        return [position for position, (true, read) in enumerate(pairs, start=1) if true != read]


def fresh_answers(
    ledger: Ledger, winner: Winner, *, count: int, seed: int, say: Print, attended: Attended | None = None
) -> list[FreshAnswer]:
    """Return the best model's answers to fresh examples. Raises StudyError if its task offers no fresh examples."""
    config = winner.cell.config
    task = task_of(config)
    if not (has(task, "fresh") and has(task, "text")):
        way = "fresh(count, seed)" if isinstance(task, FunctionTask) else "fresh(settings, *, count, seed)"
        raise StudyError(f"task {task.name!r} offers no fresh examples; give it {way} and text")
    inputs, targets = _fresh_examples(task, config.settings, count=count, seed=seed)
    with tempfile.TemporaryDirectory() as name:
        write_nest(Path(name) / saved_model.INPUTS, inputs)
        run_on_model(ledger, winner.cell, ANSWER, folder=Path(name), say=say, attended=attended)
        answers = read_nest(Path(name) / saved_model.ANSWERS)

    def text(row: Nest) -> str:
        return str(call(task, "text", config.settings, target=lambda: row))

    return [FreshAnswer(text(true), text(read)) for true, read in zip(rows(targets), rows(answers), strict=True)]


def _fresh_examples(task: Task, settings: Settings, *, count: int, seed: int) -> tuple[Nest, Nest]:
    made = call(task, "fresh", settings, count=lambda: count, seed=lambda: seed)
    place = f"{line_of(task, 'fresh')}: fresh() of task {task.name!r}"
    if not isinstance(made, tuple) or len(made) < 2:
        raise StudyError(f"{place} returned {kind_of(made)}; it must return (inputs, targets)")
    try:
        inputs, targets = (map_nest(as_array, part) for part in made[:2])
    except ArrayError as problem:
        raise StudyError(f"{place} returned something that {problem}") from None
    return inputs, targets


def rows(nest: Nest) -> Iterator[Nest]:
    """Yields each example of a nest: the same nest with one row of each array."""
    for number in range(count_examples(nest)):
        yield take(nest, number)


def confusion(answers: Iterable[FreshAnswer]) -> dict[int, Counter[tuple[str, str]]]:
    """Count the pairs of a true character and the one that the model read. Returns the counts by position, from 1."""
    counts: dict[int, Counter[tuple[str, str]]] = {}
    for answer in answers:
        for position, pair in enumerate(zip(answer.true, answer.read, strict=False), start=1):
            counts.setdefault(position, Counter())[pair] += 1
    return counts
