"""Tasks that fail: each in one line with the user's line, and found by `study plan` before anything runs."""

from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

import pytest

from study.cli.commands import main
from study.engines.engine import Built
from study.engines.pipe_report import PipeReport
from study.engines.worker import _run
from study.space.toml_file import read
from study.space.trial import TrialResult
from study.training.worker_functions import TRAIN
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "user_tasks"


def line_of(text: str) -> int:
    lines = (FOLDER / "failing.py").read_text().splitlines()
    return 1 + next(number for number, line in enumerate(lines) if text in line)


def result_of(folder: Path, **levels: str) -> TrialResult:
    """The result of a trial in this process, which ends when its model is built."""
    launcher, worker = Pipe()
    launcher.send(False)
    config = read(FOLDER / "failing.toml").config(levels, seed=0)
    return _run(TRAIN, config, PipeReport(0, folder, worker))


BUILD = f"TaskError: failing.py, line {line_of('def build')}: build() of task 'failing' returned"
DATA = f"DataError: failing.py, line {line_of('def data')}: data() of task 'failing' made data that cannot be used: "


@pytest.mark.parametrize(
    ("levels", "reason"),
    [
        ({"way": "raises"}, f"ValueError: 4 units are too many (failing.py, line {line_of('are too many')})"),
        ({"way": "none"}, f"{BUILD} None; it must return a compiled Keras model"),
        ({"way": "uncompiled"}, f"{BUILD} a Sequential model that is not compiled; it must return a compiled Keras"),
        ({"way": "file_name"}, "FileNotFoundError: no caf\\udce9.h5 \\x00 xxx"),
        ({"data_way": "raises"}, "FileNotFoundError: no file /data/caf\\udce9.npz (failing.py, line "),
        ({"data_way": "no_data"}, DATA),
        ({"data_way": "weights"}, DATA),
        (
            {"data_way": "progress"},
            "DataError: progress(1, None): both must be numbers of at least 0: how much is done",
        ),
    ],
)
def test_a_failure_is_one_line_with_the_place(tmp_path: Path, levels: dict[str, str], reason: str) -> None:
    result = result_of(tmp_path, **levels)
    assert (result.state, result.failure) == ("failed", "exception")
    assert result.reason.startswith(reason)
    assert result.reason.isprintable()
    assert len(result.reason) < 500
    (tmp_path / "text").write_text(result.traceback, encoding="utf-8")


def test_the_names_of_the_metrics_come_with_the_size(tmp_path: Path) -> None:
    launcher, worker = Pipe()
    launcher.send(False)
    config = read(FOLDER / "failing.toml").config({"way": "other_metric"}, seed=0)
    assert _run(TRAIN, config, PipeReport(0, tmp_path, worker)).state == "refused"
    messages = iter(lambda: launcher.recv()[0], None)
    built = next(message for message in messages if isinstance(message, Built))
    assert built.metrics == ("auc", "loss", "val_auc", "val_loss")


@pytest.fixture(scope="module")
def planned() -> Iterator[tuple[int, str, str]]:
    with pytest.MonkeyPatch.context() as patch:
        import contextlib
        import io

        patch.setenv("PYTHONPATH", str(ROOT))
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            status = main(["plan", str(FOLDER / "failing.toml"), "--workers", "1", "--verbose"])
        yield status, out.getvalue(), errors.getvalue()


@pytest.mark.slow
def test_a_plan_names_every_level_that_cannot_run(planned: tuple[int, str, str]) -> None:
    status, out, errors = planned
    assert (status, out) == (2, "")
    lines = [line for line in errors.splitlines() if line.startswith("study 'failing': ")]
    assert lines == [
        f"study 'failing': way=raises: ValueError: 4 units are too many (failing.py, line {line_of('are too many')})",
        "study 'failing': way=other_metric: reported auc, loss, val_auc, val_loss, but not the objective, val_acc; did "
        "you mean 'val_auc'?",
        f"study 'failing': training_way=none: {BUILD} None; it must return a compiled Keras model",
    ]
    assert errors.index("In the task:\n  File ") < errors.index(lines[0])
