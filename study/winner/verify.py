"""What a study's best model makes of examples that no split of its data holds: the article's own check."""

import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.space.task_loading import task_of
from study.task import Fresh
from study.training import saved_model as trained
from study.training.worker_functions import ANSWER
from study.winner import choice as winner
from study.winner.choice import Say, Winner


@dataclass(frozen=True)
class Reading:
    """A fresh example and the model's answer, as a person writes them."""

    true: str
    read: str

    @property
    def wrong(self) -> list[int]:
        """The places, from 1, at which the two differ; every place where their lengths do."""
        if len(self.true) != len(self.read):
            return list(range(1, len(self.true) + 1))
        pairs = zip(self.true, self.read, strict=True)
        return [place for place, (true, read) in enumerate(pairs, start=1) if true != read]


def readings(ledger: Ledger, best: Winner, *, count: int, seed: int, say: Say) -> list[Reading]:
    """The best model's answers to fresh examples; StudyError where its task offers none."""
    config = best.cell.config
    task = task_of(config)
    if not isinstance(task, Fresh):
        raise StudyError(
            f"task {task.name!r} offers no fresh examples; give it fresh(settings, *, count, seed) and text"
        )
    inputs, targets = task.fresh(config.settings, count=count, seed=seed)
    with tempfile.TemporaryDirectory() as name:
        np.save(Path(name) / trained.INPUTS, inputs)
        winner.ask(ledger, best.cell, ANSWER, folder=Path(name), say=say)
        answers = np.load(Path(name) / trained.ANSWERS)
    return [Reading(task.text(target), task.text(answer)) for target, answer in zip(targets, answers, strict=True)]


def confusion(readings: Iterable[Reading]) -> dict[int, Counter[tuple[str, str]]]:
    """At each place, from 1, how often each character was read as which."""
    found: dict[int, Counter[tuple[str, str]]] = {}
    for reading in readings:
        for place, pair in enumerate(zip(reading.true, reading.read, strict=False), start=1):
            found.setdefault(place, Counter())[pair] += 1
    return found
