"""A cell that has trained before runs again until it comes further than others, or fails as they do."""

from pathlib import Path

import pytest

from study.engines.engine import Built, Epoch, Finished, Preparing
from study.running.first_failures import Stage
from study.running.known_cell import NUMBER, KnownCell
from study.space.trial import TrialResult
from tests.trial_functions import Inline, space


class Renewed(Inline):
    """An engine that notes its answers, and how often its processes were renewed."""

    def __init__(self) -> None:
        super().__init__()
        self.renewed = 0
        self.said: list[bool] = []

    def renew(self) -> None:
        self.renewed += 1

    def answer(self, trial: int, *, go_on: bool) -> None:
        assert trial == NUMBER
        self.said.append(go_on)


def begun(beyond: Stage) -> tuple[KnownCell, Renewed, Path]:
    cell, engine = KnownCell(space().config({}, seed=0), beyond), Renewed()
    cell.begin(engine)
    ((number, config, folder),) = engine.submitted
    assert (number, config, engine.renewed) == (NUMBER, cell.config, 1)
    return cell, engine, folder


@pytest.mark.parametrize(("beyond", "answers"), [(Stage.STARTED, [False, False]), (Stage.BUILT, [True, False])])
def test_it_ends_as_soon_as_it_came_further(beyond: Stage, answers: list[bool]) -> None:
    cell, engine, folder = begun(beyond)
    for message in (Preparing(NUMBER, "data", 0, 0), Built(NUMBER, {}), Epoch(NUMBER, 1, {})):
        assert not cell.receive(message, engine)
    assert engine.said == answers
    assert folder.is_dir()
    assert cell.receive(Finished(NUMBER, TrialResult("pruned")), engine)
    assert cell.came_further
    assert not folder.exists()


def test_it_fails_as_the_others_do() -> None:
    cell, engine, _ = begun(Stage.BUILT)
    for over in (False, True):  # Some tasks fail by chance.
        assert not cell.receive(Built(NUMBER, {}), engine)
        engine._waiting.clear()
        assert cell.receive(Finished(NUMBER, TrialResult("failed", reason="no GPU")), engine) is over
    assert not cell.came_further
    assert engine.renewed == 2


def test_a_run_that_reports_nothing_came_further_if_it_succeeds() -> None:
    cell, engine, _ = begun(Stage.BUILT)
    assert cell.receive(Finished(NUMBER, TrialResult("complete")), engine)
    assert cell.came_further
