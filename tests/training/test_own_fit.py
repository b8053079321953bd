"""A task with a `fit` of its own gets the model and the data, and ends where the study says."""

from pathlib import Path

import pytest

from study.errors import TaskError
from study.training.environment import task_in_worker
from tests.training.one_trial import Killed, config, run, run_killed, same_bits, weights


def test_its_epochs_are_the_curve_and_its_model_is_validated_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = config("task_fit")
    result = run(asked, tmp_path / "whole")
    assert result.state == "complete"
    assert [set(metrics) for metrics in result.curve] == [{"loss", "val_score"}] * 3
    assert set(result.final) == {"loss", "val_score", "val_loss"}
    assert result.curve[2]["loss"] < result.curve[0]["loss"]
    assert "If this trial is interrupted, it begins anew" in capsys.readouterr().out
    assert run_killed(asked, tmp_path / "killed", kill=2).curve == result.curve
    assert same_bits(weights(asked, tmp_path / "killed"), weights(asked, tmp_path / "whole"))


@pytest.mark.parametrize(("kind", "end", "state", "epochs"), [("plain", 2, "pruned", 2), ("swallows", 1, "pruned", 1),
                                                              ("nan", 0, "diverged", 1)])  # fmt: skip
def test_it_obeys_the_pruner_and_a_loss_that_is_no_number(
    kind: str, end: int, state: str, epochs: int, tmp_path: Path
) -> None:
    result = run(config("task_fit", {"kind": kind}), tmp_path, end=end)
    assert (result.state, len(result.curve)) == (state, epochs)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("shy", "reported no epoch; it must call `report"),
        ("talkative", "reported epoch 4, but the study gives a trial 3"),
        ("wordy", "reported 'words'; an epoch is reported as {name: number}"),
    ],
)
def test_what_it_reports_is_checked(kind: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"task_fit\.py, line \d+: fit\(\) of task 'task_fit' ") as caught:
        run(config("task_fit", {"kind": kind}), tmp_path)
    assert words in str(caught.value)


def test_its_task_is_a_task_like_others() -> None:
    assert task_in_worker(config("task_fit")).fidelity.epochs == 3
    assert issubclass(Killed, BaseException)
