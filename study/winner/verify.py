"""Tests the best model on fresh examples, which are in no split of its data. The article did the same check."""

import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.space import task_call
from study.space.function_task import FunctionTask
from study.space.task_loading import task_of
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


def fresh_answers(ledger: Ledger, winner: Winner, *, count: int, seed: int, say: Print) -> list[FreshAnswer]:
    """Return the best model's answers to fresh examples. Raises StudyError if its task offers no fresh examples."""
    config = winner.cell.config
    task = task_of(config)
    if not task_call.has(task, "fresh") or not task_call.has(task, "text"):
        way = "fresh(count, seed)" if isinstance(task, FunctionTask) else "fresh(settings, *, count, seed)"
        raise StudyError(f"task {task.name!r} offers no fresh examples; give it {way} and text")
    inputs, targets = task_call.call(task, "fresh", config.settings, count=lambda: count, seed=lambda: seed)
    with tempfile.TemporaryDirectory() as name:
        np.save(Path(name) / saved_model.INPUTS, inputs)
        run_on_model(ledger, winner.cell, ANSWER, folder=Path(name), say=say)
        answers = np.load(Path(name) / saved_model.ANSWERS)

    def text(target: Any) -> str:
        return str(task_call.call(task, "text", config.settings, target=lambda: target))

    return [FreshAnswer(text(target), text(answer)) for target, answer in zip(targets, answers, strict=True)]


def confusion(answers: Iterable[FreshAnswer]) -> dict[int, Counter[tuple[str, str]]]:
    """Count the pairs of a true character and the one that the model read. Returns the counts by position, from 1."""
    counts: dict[int, Counter[tuple[str, str]]] = {}
    for answer in answers:
        for position, pair in enumerate(zip(answer.true, answer.read, strict=False), start=1):
            counts.setdefault(position, Counter())[pair] += 1
    return counts
