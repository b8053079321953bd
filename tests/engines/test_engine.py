"""The contract: every engine, report and message has all its parts, and messages survive a pipe."""

import inspect
import pickle

import pytest

from study.engines.engine import Built, Engine, Epoch, Finished, Message, Preparing, Report
from study.engines.local import LocalEngine
from study.engines.pipe_report import PipeReport
from study.engines.ray import RayEngine
from study.space.trial import TrialResult
from tests.trial_functions import Inline


def parts(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


@pytest.mark.parametrize("engine", [LocalEngine, RayEngine, Inline])
def test_every_engine_has_every_part_of_the_contract(engine: type) -> None:
    assert parts(Engine) <= parts(engine)
    for name in ("submit", "messages", "answer", "close"):
        ours, theirs = (inspect.signature(getattr(kind, name)).parameters for kind in (Engine, engine))
        assert list(ours) == list(theirs)


def test_a_worker_reports_all_that_a_trial_function_may_say() -> None:
    assert parts(Report) - {"folder"} <= parts(PipeReport)
    assert "folder" in PipeReport.__dataclass_fields__


@pytest.mark.parametrize(
    "message",
    [
        Preparing(1, "making data", 2, 3),
        Built(1, {"parameters": 10}),
        Epoch(1, 2, {"loss": 0.5}),
        Finished(1, TrialResult("complete")),
    ],
)
def test_a_message_survives_a_pipe(message: Message) -> None:
    assert pickle.loads(pickle.dumps(message)) == message
