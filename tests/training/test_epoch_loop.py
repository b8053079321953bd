"""A trial trains as Keras's `fit` does, to the last bit, and an interrupted one goes on as if nothing had happened."""

from pathlib import Path
from typing import Any

import pytest

from study.engines.cell_folder import CHECKPOINT, FILES
from study.space.task_code import code_of
from study.training import checkpoint
from study.training.checkpoint import Saved
from tests.training.one_trial import Killed, config, fitted, run, run_killed, same_bits, weights

QUICK_WAYS = ["ema"]
SLOW_WAYS = ["keras", "bfloat16", "plain", "accumulation", "cosine", "scaled", "mixed", "hidden", "cumulative"]
QUICK_CALLBACKS = ["stopping", "own"]
SLOW_CALLBACKS = ["checkpoint", "schedule", "plateau", "csv", "append", "nan", "batches", "closure"]
CASES = [
    *({"way": way} for way in QUICK_WAYS),
    *({"callback": callback} for callback in QUICK_CALLBACKS),
    *(pytest.param({"way": way}, marks=pytest.mark.slow) for way in SLOW_WAYS),
    *(pytest.param({"callback": callback}, marks=pytest.mark.slow) for callback in SLOW_CALLBACKS),
    pytest.param({"way": "ema", "callback": "swap"}, marks=pytest.mark.slow),
    pytest.param({"way": "scaled", "callback": "schedule"}, marks=pytest.mark.slow),
]


# A trial that is killed leaves its files open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("changes", CASES, ids=str)
def test_the_numbers_are_those_of_fit_and_survive_a_kill(
    changes: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # Keras's `fit` writes the callbacks' files here.
    asked = config("many_ways", changes)
    whole = run(asked, tmp_path / "whole")
    by_keras = fitted(asked)
    assert [dict(metrics) for metrics in whole.curve] == by_keras.curve()
    if changes.get("way") == "cosine":  # TensorFlow simplifies a schedule by steps in Keras's graph and not in ours.
        for weight, same in zip(weights(asked, tmp_path / "whole"), by_keras.weights(), strict=True):
            assert weight == pytest.approx(same, rel=1e-5, abs=1e-6)
    else:
        assert same_bits(weights(asked, tmp_path / "whole"), by_keras.weights())
    resumed = run_killed(asked, tmp_path / "killed", kill=2)
    assert (resumed.curve, resumed.final) == (whole.curve, whole.final)
    assert same_bits(weights(asked, tmp_path / "killed"), weights(asked, tmp_path / "whole"))
    files = {path.name: path.read_bytes() for path in (tmp_path / "whole" / FILES).glob("*") if path.suffix != ".h5"}
    assert {
        path.name: path.read_bytes() for path in (tmp_path / "killed" / FILES).glob("*") if path.name in files
    } == files
    assert {path.name for path in (tmp_path / "killed").glob("files/*")} == {
        path.name for path in (tmp_path / "whole").glob("files/*")
    }
    assert all(
        path.read_bytes() == (tmp_path / path.name).read_bytes() for path in (tmp_path / "whole").glob("files/*.csv")
    )


def test_early_stopping_ends_a_trial_as_complete_with_the_weights_that_it_puts_back(tmp_path: Path) -> None:
    result = run(config("many_ways", {"callback": "stopping"}), tmp_path)
    assert result.state == "complete"
    assert len(result.curve) < 5
    best = min(result.curve, key=lambda metrics: metrics["val_acc"])
    assert result.final == result.metrics == best
    assert result.metrics != result.curve[-1]


def test_averages_become_the_weights_once_at_the_end_and_are_validated(tmp_path: Path) -> None:
    result = run(config("many_ways", {"way": "ema"}, epochs=2), tmp_path)
    assert result.final["loss"] == result.curve[-1]["loss"]
    assert result.final["val_loss"] != result.curve[-1]["val_loss"]


@pytest.mark.parametrize("kind", [pytest.param("gan", marks=pytest.mark.slow), "vae"])
def test_a_model_with_steps_of_its_own_trains_without_call_targets_or_loss(kind: str, tmp_path: Path) -> None:
    asked = config("own_steps", {"kind": kind})
    whole = run(asked, tmp_path / "whole")
    assert set(whole.metrics) == ({"d_loss", "g_loss"} if kind == "gan" else {"reconstruction"})
    resumed = run_killed(asked, tmp_path / "killed", kill=2)
    assert resumed.curve == whole.curve
    assert same_bits(weights(asked, tmp_path / "killed"), weights(asked, tmp_path / "whole"))


@pytest.mark.slow
def test_phases_are_played_again_when_a_trial_is_resumed(tmp_path: Path) -> None:
    asked = config("phases")
    whole = run(asked, tmp_path / "whole")
    assert whole.curve[1]["loss"] < whole.curve[0]["loss"]
    for kill in (2, 4):
        assert run_killed(asked, tmp_path / str(kill), kill=kill).curve == whole.curve
        assert same_bits(weights(asked, tmp_path / str(kill)), weights(asked, tmp_path / "whole"))
    assert whole.parameters == sum(array.size for array in weights(asked, tmp_path / "whole"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"way": "tensorflow"}, "random_normal of TensorFlow draws random numbers from a state that cannot be saved"),
        ({"callback": "secretive"}, "callbacks[0].kept, a map, cannot be saved"),
    ],
)
def test_what_cannot_be_resumed_begins_anew_and_says_so(
    changes: dict[str, str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = config("many_ways", changes)
    whole = run(asked, tmp_path / "whole")
    resumed = run_killed(asked, tmp_path / "killed", kill=2)
    assert resumed.curve == whole.curve
    said = capsys.readouterr().out
    assert f"begins anew. It cannot go on where it was, because {reason}" in said


@pytest.mark.parametrize(
    ("made_in", "reason"),
    [
        ({"backend": "jax", "jax": "0.9"}, "backend: jax -> tensorflow"),
        ({"variables": "STUDY_BATCH_NORM=keras"}, "variables: STUDY_BATCH_NORM=keras -> "),
        ({"threads": 64, "keras": "3.0", "python": "3.8"}, "threads: 64 -> "),
        (None, ""),
    ],
)
def test_a_trial_goes_on_only_in_the_environment_in_which_it_began(
    made_in: dict[str, Any] | None,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("STUDY_BATCH_NORM", raising=False)
    asked = config("many_ways", epochs=2)
    with pytest.raises(Killed):
        run(asked, tmp_path, kill=1)
    written_in(made_in, tmp_path / CHECKPOINT, key=f"{asked.key}{code_of(asked).fingerprint}")
    assert len(run(asked, tmp_path).curve) == 2
    said = capsys.readouterr().out
    assert (f"because it began in another environment ({reason}" if reason else "") in said
    assert ("begins anew" in said) == bool(reason)


def written_in(environment: dict[str, Any] | None, path: Path, *, key: str) -> None:
    """Let a checkpoint look as if it came from another environment, or from a version that recorded none."""
    saved = checkpoint.read(path, key=key)
    assert saved
    about = dict(saved.about)
    recorded = about.pop("environment")
    other = {} if environment is None else {"environment": recorded | environment}
    checkpoint.write(path, Saved(saved.arrays, about | other), key=key)


@pytest.mark.slow
def test_the_best_epoch_counts_if_the_study_says_so(tmp_path: Path) -> None:
    best = ("val_acc", "minimize")
    asked = config("many_ways", best=best, epochs=4)
    whole = run(asked, tmp_path / "whole")
    values = [metrics["val_acc"] for metrics in whole.curve]
    assert whole.metrics == whole.curve[values.index(min(values))]
    resumed = run_killed(asked, tmp_path / "killed", kill=3)
    assert (resumed.curve, resumed.final) == (whole.curve, whole.final)
    assert same_bits(weights(asked, tmp_path / "killed"), weights(asked, tmp_path / "whole"))
    short = config("many_ways", epochs=values.index(min(values)) + 1)
    run(short, tmp_path / "short")
    assert same_bits(weights(short, tmp_path / "short"), weights(asked, tmp_path / "whole"))
