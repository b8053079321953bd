"""The contract of an engine, kept by the actors of a Ray cluster whose processes and nodes die."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from study.engines.engine import Epoch, Finished, Message, Preparing, Report
from study.engines.ray import RayEngine
from study.engines.ray_cluster import Slot
from study.errors import StudyError
from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.running.loop import run
from study.space.trial import TrialConfig, TrialResult
from tests import trial_functions
from tests.conftest import ROOT
from tests.engines.test_local import config, gone, listen, pid_in
from tests.toy_task import DEPTH, NORM
from tests.trial_functions import curve, space, succeed

pytestmark = pytest.mark.skipif(
    find_spec("ray") is None, reason="needs the extra `ray`: pip install 'keras-study[ray]'"
)

ACTOR_DIED = "the worker died (The actor is dead because its worker process has died)"


def about(config: TrialConfig, report: Report) -> TrialResult:
    """Say which process ran it, and under what."""
    names = ("WORD", "NODE", "CUDA_VISIBLE_DEVICES")
    return replace(succeed(config), environment={"pid": os.getpid()} | {name: os.environ.get(name) for name in names})


WAYS = {
    "preparing": trial_functions.preparing,
    "printing": trial_functions.printing,
    "failing": trial_functions.failing,
    "exiting": trial_functions.exiting,
    "waiting_for_another": trial_functions.waiting_for_another,
    "hanging": trial_functions.hanging,
    "about": about,
}


def mixed(config: TrialConfig, report: Report) -> TrialResult:
    """Run as the cell's folder is called: one engine then serves many tests."""
    return WAYS[report.folder.name.partition("-")[0]](config, report)


def slow(config: TrialConfig, report: Report) -> TrialResult:
    """Take a while for three epochs; say on the first which node and process this is."""
    report.folder.joinpath("pid").write_text(str(os.getpid()))
    report.folder.joinpath("node").write_text(os.environ["NODE"])
    for epoch, metrics in enumerate(curve(config), start=1):
        report.epoch(epoch, metrics)
        time.sleep(0.2)
    return about(config, report)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of one node, which has two cores and a GPU, if only in name."""
    assert "ray" not in sys.modules, (
        "Ray reads its settings when it is imported; another test must do that in a process"
    )
    with pytest.MonkeyPatch.context() as patch:
        # A secret of its own, for Ray would write one to the home folder.
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        patch.setenv("RAY_DEDUP_LOGS_SKIP_REGEX", ".")
        patch.delenv("RAY_ADDRESS", raising=False)
        from ray.cluster_utils import Cluster

        made = Cluster(
            head_node_args={**node("first"), "num_gpus": 1, "include_dashboard": False}, initialize_head=True
        )
        yield made
        made.shutdown()


def node(name: str) -> dict[str, Any]:
    return {"num_cpus": 2, "env_vars": {"NODE": name}}


@pytest.fixture(scope="module")
def engine(cluster: Any) -> Iterator[RayEngine]:
    """An engine whose trials do what their folders are called."""
    made = RayEngine(
        "tests.engines.test_ray:mixed",
        address=cluster.address,
        slot=Slot(gpus=0.5),
        environment={"WORD": "given", "OMP_NUM_THREADS": "1"},
    )
    yield made
    made.close()


@pytest.fixture
def alone(cluster: Any, engine: RayEngine) -> Any:
    """The cluster without an engine of this process: Ray connects a process once."""
    engine.close()
    return cluster


def one(engine: RayEngine, folder: Path, *, stop: int | None = None) -> tuple[list[Message], TrialResult]:
    """What a single trial said, and its result."""
    engine.submit(7, config(), folder)
    assert engine.free == 1
    (*messages, last) = listen(engine, 1, stop=stop)[7]
    assert isinstance(last, Finished)
    assert engine.free == 2
    return messages, last.result


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.slow
def test_there_are_as_many_workers_as_the_nodes_hold(engine: RayEngine, tmp_path: Path) -> None:
    assert engine.free == 2
    folders = tmp_path / "waiting_for_another-1", tmp_path / "waiting_for_another-2"
    for trial, folder in enumerate(folders):
        engine.submit(trial, config(trial), folder)
    assert engine.free == 0
    said = listen(engine, 2)
    assert [said[trial] for trial in (0, 1)] == [[Finished(trial, succeed(config(trial)))] for trial in (0, 1)]


def test_a_trial_reports_its_epochs_and_then_its_result(engine: RayEngine, tmp_path: Path) -> None:
    messages, result = one(engine, tmp_path / "preparing")
    assert messages[0] == Preparing(7, "data", 1, 2)
    assert messages[1:] == [Epoch(7, epoch, metrics) for epoch, metrics in enumerate(curve(config()), start=1)]
    assert result == succeed(config())


def test_a_trial_ends_where_it_is_told_to(engine: RayEngine, tmp_path: Path) -> None:
    messages, result = one(engine, tmp_path / "preparing", stop=2)
    assert len(messages) == 3
    assert (result.state, result.curve) == ("pruned", curve(config())[:2])


def test_what_is_printed_goes_to_the_cell_and_not_to_the_screen(
    engine: RayEngine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert one(engine, tmp_path / "printing")[1].state == "complete"
    lines = ["from below Python", "to stderr", "to stdout"]
    assert sorted((tmp_path / "printing" / "log.txt").read_text().splitlines()) == lines
    assert capfd.readouterr() == ("", "")


def test_an_exception_ends_its_trial_and_a_new_worker_takes_the_next(engine: RayEngine, tmp_path: Path) -> None:
    before = one(engine, tmp_path / "about")[1].environment
    messages, result = one(engine, tmp_path / "failing")
    assert len(messages) == 1
    assert (result.state, result.failure) == ("failed", "exception")
    assert result.reason.startswith("ValueError: no luck")
    assert 'raise ValueError("no luck\\nnone at all")' in result.traceback
    after = one(engine, tmp_path / "about")[1].environment
    assert {name for name in before if after[name] != before[name]} == {"pid"}
    assert before["WORD"] == "given"
    assert (before["NODE"], before["CUDA_VISIBLE_DEVICES"]) == ("first", "0")


def test_a_worker_that_ends_by_itself_says_how(engine: RayEngine, tmp_path: Path) -> None:
    _, result = one(engine, tmp_path / "exiting")
    assert (result.state, result.failure, result.reason) == ("failed", "worker", "the worker died (exit status 3)")
    assert one(engine, tmp_path / "about")[1].state == "complete"


def test_an_actor_that_is_killed_is_replaced(
    engine: RayEngine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    engine.submit(7, config(), tmp_path / "hanging")
    worker = pid_in(tmp_path / "hanging")
    os.kill(parent(worker), signal.SIGKILL)
    (last,) = listen(engine, 1)[7]
    assert isinstance(last, Finished)
    assert (last.result.state, last.result.failure) == ("failed", "worker")
    assert last.result.reason == ACTOR_DIED
    assert gone(worker)
    assert one(engine, tmp_path / "about")[1].state == "complete"
    assert capfd.readouterr() == ("", "")


def test_an_actor_that_died_idle_costs_no_trial(engine: RayEngine, tmp_path: Path) -> None:
    worker = int(one(engine, tmp_path / "about")[1].environment["pid"])
    os.kill(parent(worker), signal.SIGKILL)
    assert gone(worker)
    _, result = one(engine, tmp_path / "about")
    assert result.state == "complete"
    assert result.environment["pid"] != worker


def test_a_worker_ends_with_its_launcher_however_that_ends(alone: Any, tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from study.engines.ray import RayEngine
from tests.engines.test_local import config
engine = RayEngine("tests.trial_functions:hanging", address={alone.address!r})
engine.submit(0, config(), Path({str(tmp_path)!r}))
while True:
    list(engine.messages())
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True) as launcher:
        worker = pid_in(tmp_path)
        launcher.kill()
        launcher.wait(timeout=20)
        assert gone(worker)
        assert launcher.stderr is not None
        assert launcher.stderr.read() == ""


def test_what_cannot_be_reached_is_said_in_a_line(alone: Any) -> None:
    for address, why in (("127.0.0.1:1", ".*refused"), ("nonsense", "Invalid address format: nonsense")):
        with pytest.raises(StudyError, match=f"^Ray at {address}: {why}$"):
            RayEngine("tests.trial_functions:quick", address=address)


@pytest.mark.slow
def test_a_worker_that_cannot_start_costs_its_place_and_the_last_one_a_trial(
    alone: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StudyError, match=r"no node of the Ray cluster has room for Slot\(threads=64"):
        RayEngine("tests.trial_functions:quick", address=alone.address, slot=Slot(threads=64))
    engine = RayEngine("tests.engines.test_ray:mixed", address=alone.address, workers=2)
    engine.submit(1, config(), tmp_path / "hanging")
    while not (tmp_path / "hanging" / "pid").exists():
        list(engine.messages())
    monkeypatch.setattr(engine, "_arguments", ("", {}, None, None))
    engine.submit(2, config(), tmp_path / "about")
    while not engine._failed_starts:
        assert not list(engine.messages())
    os.kill(parent(pid_in(tmp_path / "hanging")), signal.SIGKILL)
    (first,), (second,) = listen(engine, 2).values()
    assert isinstance(first, Finished) and isinstance(second, Finished)
    assert (first.trial, first.result.reason) == (1, ACTOR_DIED)
    assert (second.trial, second.result.state, second.result.failure) == (2, "failed", "worker")
    assert second.result.reason.startswith("the worker died (TypeError: ")
    monkeypatch.undo()
    assert engine.free == 1
    engine.submit(3, config(), tmp_path / "about")
    assert isinstance(last := listen(engine, 1)[3][-1], Finished)
    assert last.result.state == "complete"
    engine.close()


@pytest.mark.slow
def test_a_private_cluster_ends_with_its_engine(alone: Any, tmp_path: Path) -> None:
    def handler(*_: object) -> None: ...

    before = {number: signal.signal(number, handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        engine = RayEngine("tests.trial_functions:hanging", workers=1, timeout=5.0)
        assert all(signal.getsignal(number) is handler for number in before)
    finally:
        for number, kept in before.items():
            signal.signal(number, kept)
    engine.submit(7, config(), tmp_path)
    (last,) = listen(engine, 1)[7]
    assert isinstance(last, Finished)
    assert (last.result.failure, last.result.reason) == ("timeout", "took longer than trial_timeout = 5 seconds")
    engine.submit(8, config(), tmp_path / "again")
    worker = pid_in(tmp_path / "again")
    begin = time.monotonic()
    engine.close()
    assert gone(worker)
    assert time.monotonic() - begin < 10


class Killer:
    """A tracker and a watch; kills a node once it works and some cells are done."""

    def __init__(self, cluster: Any, node: Any, ledger: Ledger) -> None:
        self.cluster, self.node, self.ledger = cluster, node, ledger
        self.begun: list[Trial] = []
        self.results: list[tuple[str, TrialResult]] = []
        self.pids: set[int] = set()

    def log(self, claim: Trial, result: TrialResult) -> None:
        self.results.append((claim.config.key, result))

    def started(self, claim: Trial) -> None:
        self.begun.append(claim)

    def received(self, claim: Trial, message: Message) -> None:
        if not isinstance(message, Epoch):
            return
        folder = self.ledger.cell_folder(claim.config)
        self.pids.add(int((folder / "pid").read_text()))
        if self.node and len(self.results) >= 3 and (folder / "node").read_text() == "second":
            self.cluster.remove_node(self.node, allow_graceful=False)
            self.node = None


@pytest.mark.slow
def test_every_cell_is_there_once_though_a_node_died(alone: Any, tmp_path: Path) -> None:
    second = alone.add_node(**node("second"))
    wide = space(DEPTH, NORM, seeds=(0, 1, 2, 3))
    engine = RayEngine("tests.engines.test_ray:slow", address=alone.address)
    assert engine.free == 4
    with Ledger.own(tmp_path, wide) as ledger:
        watch = Killer(alone, second, ledger)
        run(ledger, engine, watch, watch)
    assert watch.node is None, "the second node never worked"
    engine.close()
    lost = [(key, result) for key, result in watch.results if result.state == "failed"]
    assert 1 <= len(lost) <= 2
    assert {(result.failure, result.reason) for _, result in lost} == {
        ("worker", "the worker's node died or is out of reach")
    }
    done = Counter(key for key, result in watch.results if result.state == "complete")
    assert len(done) == 16
    assert set(done.values()) == {1}
    seen = {result.environment["CUDA_VISIBLE_DEVICES"] for _, result in watch.results if result.state == "complete"}
    assert seen == {"-1"}
    times = Counter(claim.config.key for claim in watch.begun)
    assert times == Counter(done.keys()) + Counter(key for key, _ in lost)
    rows = table(Ledger.read(tmp_path, "played"))
    assert list(rows["state"]) == ["complete"] * 16
    assert all(map(gone, watch.pids))
