"""The actor on a node, without Ray: it runs a worker, and gives back the files of a folder that only the node has."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from study.engines.engine import Epoch, Finished, Report
from study.engines.ray_node import NodeWorker
from study.space.trial import TrialConfig, TrialResult
from tests import trial_functions
from tests.engines.test_local import config
from tests.trial_functions import succeed


@pytest.fixture(autouse=True)
def _main_and_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give back what an actor takes for the whole of its process: the main file and the current folder."""
    main = vars(sys.modules["__main__"])
    file = main.get("__file__")
    monkeypatch.chdir(Path.cwd())
    yield
    if file is not None:
        main["__file__"] = file


def named(config: TrialConfig, report: Report) -> TrialResult:
    """Run the trial function that the folder is called after."""
    result: TrialResult = getattr(trial_functions, report.folder.name.partition("-")[0])(config, report)
    return result


def test_it_says_that_it_is_alive() -> None:
    assert NodeWorker("tests.trial_functions:quick", {}, None, Path.cwd()).ready() == ([], {})


def test_a_folder_that_the_node_shares_is_used_and_nothing_travels(tmp_path: Path) -> None:
    (shared := tmp_path / "printing").mkdir()
    worker = NodeWorker("tests.engines.test_ray_node:named", {}, None, Path.cwd())
    messages, files = worker.submit(1, config(), shared, "printing-node")
    while isinstance(messages[-1], Epoch):
        messages, files = worker.answer(1, True)
    assert (messages, files) == ([Finished(1, succeed(config()))], {})
    assert (shared / "log.txt").is_file()


def test_on_a_node_with_a_disk_of_its_own_log_and_weights_travel_and_a_checkpoint_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    worker = NodeWorker("tests.engines.test_ray_node:named", {}, None, Path.cwd())
    messages, files = worker.submit(1, config(), Path("/not/here"), "printing-node")
    (tmp_path / "printing-node" / "weights.npz").write_bytes(b"all of them")
    while isinstance(messages[-1], Epoch):
        messages, files = worker.answer(1, True)
    assert messages == [Finished(1, succeed(config()))]
    assert files["weights.npz"] == b"all of them"
    assert sorted(files["log.txt"].decode().splitlines()) == ["from below Python", "to stderr", "to stdout"]
    assert not any(tmp_path.iterdir())
    (own := tmp_path / "exiting-node").mkdir()
    (own / "checkpoint.npz").touch()
    _, files = worker.submit(2, config(), Path("/not/here"), own.name)
    assert files == {"log.txt": b"about to go\n" * 2}  # What ends a used worker is tried once more in a fresh one.
    assert [path.name for path in own.iterdir()] == ["checkpoint.npz"]
