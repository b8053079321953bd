"""The quick half of each workload: a trial, also one that was resumed, has the numbers of Keras's own `fit`."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from study.engines.engine import Built, Epoch, Finished
from study.engines.local import LocalEngine
from study.space.toml_file import read
from study.space.trial import Metrics, TrialConfig, TrialResult
from study.training.environment import worker_environment
from study.training.worker_functions import TRAIN
from tests.workloads.plain_fit import PLAIN_FIT

FOLDER = Path(__file__).parent
WORKLOADS = sorted(file.stem for file in FOLDER.glob("*.toml"))
LINES = 40
INTERRUPTED = ("callbacks", "fine_tuned", "gan", "lstm", "precision", "pydataset", "tf_data", "vae")
"""Workloads whose next epoch depends on more than weights, one optimizer and its order. `test_whole.py` kills all."""
DRAW_IN_VALIDATION = ("gan", "vae")
"""Their validation draws noise, so a second validation of the same weights has other numbers."""


@dataclass(frozen=True)
class Workers:
    """One worker that trains as a study does, and one that calls `fit`. Both have one thread."""

    ours: LocalEngine
    plain: LocalEngine

    def train(self, config: TrialConfig, folder: Path, *, interrupted: bool) -> tuple[TrialResult, TrialResult]:
        """Returns the results of a trial, which may be ended after an epoch and resumed, and of one call of `fit`."""
        self.plain.submit(0, config, folder / "plain")  # Before the thread, because two cannot start workers.
        with ThreadPoolExecutor(1) as thread:
            plain = thread.submit(wait, self.plain)
            if interrupted:
                ended = finish(self.ours, config, folder / "ours", end_at=1)
                assert (ended.state, len(ended.curve)) == ("pruned", 1), f"{ended.reason}\n{ended.traceback}"
            return finish(self.ours, config, folder / "ours"), plain.result()


def finish(engine: LocalEngine, config: TrialConfig, folder: Path, *, end_at: int | None = None) -> TrialResult:
    """Run a trial. Its launcher ends it after an epoch if `end_at` names one."""
    engine.submit(0, config, folder)
    return wait(engine, end_at=end_at)


def wait(engine: LocalEngine, *, end_at: int | None = None) -> TrialResult:
    while True:
        for message in engine.messages():
            if isinstance(message, Built | Epoch):
                engine.answer(0, go_on=not isinstance(message, Epoch) or message.epoch != end_at)
            elif isinstance(message, Finished):
                return message.result


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    environment = worker_environment(1)
    made = Workers(LocalEngine(TRAIN, environment=environment), LocalEngine(PLAIN_FIT, environment=environment))
    yield made
    made.ours.close()
    made.plain.close()


def as_texts(curve: tuple[Metrics, ...]) -> list[dict[str, str]]:
    """Returns a curve with each number as its text, because not-a-number is then equal to itself."""
    return [{name: repr(metrics[name]) for name in sorted(metrics)} for metrics in curve]


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_trial_has_the_numbers_of_fit(name: str, workers: Workers, tmp_path: Path) -> None:
    config = read(FOLDER / f"{name}.toml").config({}, seed=1)
    resumed, fitted = workers.train(config, tmp_path, interrupted=name in INTERRUPTED)
    assert fitted.state == "complete", f"{fitted.reason}\n{fitted.traceback}"
    assert resumed.state == "complete", f"{resumed.reason}\n{resumed.traceback}"
    assert as_texts(resumed.curve) == as_texts(fitted.curve)
    if name not in DRAW_IN_VALIDATION:
        assert {metric: resumed.metrics[metric] for metric in fitted.data} == fitted.data


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_is_a_short_file_that_imports_nothing_of_ours(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert sum(1 for line in text.splitlines() if line.strip()) < LINES
    assert "import study" not in text
    assert "from study" not in text
