"""Power cuts in the middle of every write, after any of its bytes."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest

from study.engines.engine import Epoch, Finished, Message
from study.errors import StoreError
from study.files import make_folder
from study.ledger import store
from study.ledger.ledger import Ledger
from study.ledger.store import JOURNAL
from study.running.loop import run
from study.space.trial import Metrics, TrialConfig
from study.task import Fidelity
from study.tracking.tracker import MlflowTracker
from tests.faults import trial
from tests.faults.ballistics import space
from tests.faults.launcher import Unseen
from tests.faults.site import Site
from tests.toy_task import POOLING

SMALL = space(POOLING, seeds=(0,), fidelity=Fidelity(epochs=2, train_examples=100, validation_examples=10))


class Here:
    """An engine in this process. It runs one trial at a time, which computes only while the launcher waits for it.

    `look` is called after the launcher has written something, while no trial computes.
    """

    def __init__(self, look: Callable[[], None]) -> None:
        self.free = 1
        self._look = look
        self._messages: SimpleQueue[Message] = SimpleQueue()
        self._answers: SimpleQueue[bool] = SimpleQueue()

    def renew(self) -> None: ...

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        self._look()
        self.free = 0
        folder.mkdir(parents=True, exist_ok=True)
        Thread(target=self._run, args=(trial, config, folder), daemon=True).start()

    def messages(self) -> Iterable[Message]:
        message = self._messages.get()
        self.free = int(isinstance(message, Finished))
        return [message]

    def answer(self, trial: int, *, go_on: bool) -> None:
        self._look()
        self._answers.put(go_on)

    def close(self) -> None: ...

    def _run(self, number: int, config: TrialConfig, folder: Path) -> None:
        report = _Report(number, folder, self._messages, self._answers)
        self._messages.put(Finished(number, trial.careful(config, report)))


@dataclass(frozen=True)
class _Report:
    trial: int
    folder: Path
    messages: "SimpleQueue[Message]"
    answers: "SimpleQueue[bool]"

    def preparing(self, what: str, done: int, total: int) -> None: ...

    def built(self, size: Metrics, metrics: Sequence[str] = (), *, data: Mapping[str, Any] | None = None) -> bool:
        raise AssertionError("`careful` builds no model")

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        self.messages.put(Epoch(self.trial, epoch, metrics))
        return self.answers.get()


@dataclass(frozen=True)
class Moment:
    """A copy of all files at one moment, some of which may not be on the disk yet."""

    folder: Path
    journal: str
    synced: int
    """The number of bytes of the journal that are safely on the disk. Any of the later bytes may be lost."""
    written: str = ""
    """The file that is being written. Any part of it may be lost."""

    def cuts(self) -> Iterator[dict[str, int]]:
        """Yield what may be left after a power cut: the lengths of the shortened files, by name."""
        journal = (self.folder / self.journal).read_bytes() if (self.folder / self.journal).exists() else b""
        ends = [index + 1 for index, byte in enumerate(journal) if byte == ord("\n") and index + 1 >= self.synced]
        lengths = {self.synced, *ends, *(end - 1 for end in ends), *(end - 40 for end in ends)}
        if self.written:
            size = (self.folder / self.written).stat().st_size
            for length in {0, size // 2, size - 1} - {-1}:
                yield {self.written: length}
                yield {self.written: length, self.journal: self.synced}
        else:
            yield from ({self.journal: length} for length in lengths if self.synced <= length <= len(journal))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "EPOCH", 0)
    monkeypatch.setattr(os, "fsync", lambda file: None)


def launch(
    site: Site, patch: pytest.MonkeyPatch, *, mlflow: bool = False, look: Callable[[], None] = lambda: None
) -> None:
    """Run a launcher in this process from its start to its end."""
    patch.setitem(os.environ, trial.WORK, site.environment[trial.WORK])
    with Ledger.own(site.store, site.space) as ledger:
        log = MlflowTracker(ledger, site.store) if mlflow else None
        run(ledger, Here(look), log or Unseen(), Unseen())
        look()
        if log:
            log.close()
            assert log.problem == ""


def watched(site: Site, folder: Path, patch: pytest.MonkeyPatch) -> list[Moment]:
    """Run a study, and copy its files whenever something is written to the disk. Returns the copies."""
    moments: list[Moment] = []
    journal = site.study / JOURNAL
    name, synced = str(journal.relative_to(site.folder)), 0

    def keep(written: str = "") -> None:
        copy = folder / str(len(moments))
        shutil.copytree(site.folder, copy, symlinks=True)
        moments.append(Moment(copy, name, synced, written))

    def sync(file: int) -> None:
        nonlocal synced
        path = Path(f"/proc/self/fd/{file}").readlink()
        keep("" if path.is_dir() or path == journal else str(path.relative_to(site.folder)))
        synced = journal.stat().st_size if path == journal else synced

    with patch.context() as during:
        during.setattr(os, "fsync", sync)
        launch(site, during, look=keep)
    return moments


@pytest.mark.slow
def test_after_a_power_cut_at_any_moment_the_study_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed = Site(tmp_path / "undisturbed", SMALL)
    moments = watched(undisturbed, tmp_path / "moments", monkeypatch)
    undisturbed.check()
    tables, curves = undisturbed.tables(), undisturbed.curves()
    assert {Path(moment.written).name for moment in moments} == {"", "owner.tmp", "state.json.tmp", "curve.jsonl.tmp"}
    cuts = [(moment, cut) for moment in moments for cut in moment.cuts()]
    assert len(cuts) > 100
    for moment, cut in cuts:
        shutil.copytree(moment.folder, again := tmp_path / "again", symlinks=True)
        for name, length in cut.items():
            if (again / name).exists():
                os.truncate(again / name, length)
        site = Site(again, SMALL)
        launch(site, monkeypatch)
        site.check()
        assert site.work.lost() <= 1, f"{moment} cut to {cut}"
        assert site.tables() == tables, f"{moment} cut to {cut}"
        assert site.curves() == curves, f"{moment} cut to {cut}"
        shutil.rmtree(again)


@pytest.mark.slow
@pytest.mark.slow
def test_after_a_cut_of_the_list_of_what_is_logged_everything_is_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = replace(SMALL, seeds=(0, 1, 2, 3))
    site = Site(tmp_path / "site", wide)
    launch(site, monkeypatch, mlflow=True)
    (path,) = site.study.glob("logged-*")
    content = path.read_text()
    assert content == "".join(f"{line}\n" for line in (*range(12), "closed"))
    for length in range(len("0\n1\n2\n3\n4\n5\n6\n7\n8\n"), len(content), 2):
        path.write_text(content[:length])
        launch(site, monkeypatch, mlflow=True)
        assert set(path.read_text().splitlines()) == {*map(str, range(12)), "closed"}, content[:length]
    site.check_log()


def test_a_damaged_curve_is_named_and_keeps_no_other_cell_from_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch(Site(tmp_path, SMALL), monkeypatch)
    grown = Site(tmp_path, replace(SMALL, seeds=(0, 1)))
    damaged, *_ = sorted(grown.study.glob("cells/*/curve.jsonl"))
    os.truncate(damaged, damaged.stat().st_size - 5)
    launch(grown, monkeypatch)
    assert grown.counts() == {"complete": 6}
    with pytest.raises(
        StoreError, match=rf"^{damaged}: is not the curve that was recorded; put it back from a copy of the store"
    ):
        grown.tables()


@pytest.mark.parametrize("content", ["", "process 12 on a mach"])
def test_a_torn_name_of_the_owner_hinders_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    site = Site(tmp_path, SMALL)
    make_folder(site.study)
    (site.study / "owner").write_text(content)
    with store.owned(site.study):
        (site.study / "owner").write_text(content)
        with pytest.raises(StoreError, match=f"is being run by {content or 'another process'}; wait"):
            launch(site, monkeypatch)
    launch(site, monkeypatch)
    site.check()
