"""The ledger in a file runs every cell once, whatever is killed, torn or added, and needs neither Optuna nor MLflow."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from study.errors import StoreError, StudyError
from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.ledger.store import owned
from study.records import record_file
from study.records.record_file import Record
from study.records.record_ledger import RecordLedger
from study.running.loop import NoTracker, run
from study.space.design import Design
from study.space.points import listed_cells
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig, TrialResult
from study.task import Fidelity
from tests.conftest import ROOT, study
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import Inline, Outcome, fail, space, succeed


class Unseen:
    """A progress display that shows nothing."""

    def started(self, trial: object) -> None: ...
    def received(self, trial: object, message: object) -> None: ...


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


def go(path: Path, space: SearchSpace, outcome: Outcome = succeed, *, workers: int = 1) -> list[str]:
    """Run all missing cells. Returns the keys of the cells that ran."""
    engine = Inline(outcome, workers=workers)
    with RecordLedger.own(path, space) as records:
        run(records, engine, NoTracker(), Unseen())
        assert not records.counts()["missing"]
    return [config.key for _, config, _ in engine.submitted]


def keys(space: SearchSpace) -> list[str]:
    return [config.key for config in listed_cells(space)]


def recorded(path: Path) -> list[Record]:
    records = [record for _, record in record_file.read(path)[1] if isinstance(record, Record)]
    assert len(records) == len(path.read_text().splitlines()) - 1
    return records


@pytest.mark.parametrize("workers", [1, 4])
def test_every_cell_is_run_once_and_its_line_is_what_came_out(path: Path, workers: int) -> None:
    wide = space(DEPTH, POOLING)
    assert go(path, wide, workers=workers) == keys(wide)
    assert go(path, wide) == []
    assert sorted(record.config.key for record in recorded(path)) == sorted(keys(wide))
    assert all(record.result == succeed(record.config) for record in recorded(path))


def fail_alone(config: TrialConfig) -> TrialResult:
    """A failure for a reason of the cell's own: what fails alike everywhere ends a run."""
    letters = "".join(chr(ord("a") + int(digit, 16)) for digit in config.key[:12])
    return replace(fail(config), reason=f"ValueError: no luck with {letters}")


def test_failures_are_tried_again_as_often_as_the_study_says(path: Path) -> None:
    assert len(go(path, space(max_retries=2), fail_alone)) == 18
    assert go(path, space(max_retries=2)) == []
    with RecordLedger.own(path, space(max_retries=2)) as records:
        assert records.counts() == {"failed": 6}
    assert len(go(path, space(max_retries=3))) == 6


def test_what_lacks_the_objective_is_judged_as_by_every_ledger(path: Path) -> None:
    go(path, space(max_retries=0), lambda config: TrialResult("complete", ({"val_acc": float("nan")},)))
    assert {record.result.state for record in recorded(path)} == {"diverged"}


def test_a_torn_last_line_is_cut_off_and_its_cell_runs_again(path: Path) -> None:
    go(path, space())
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for end in (last + 1, last + 500, len(whole) - 1):
        path.write_bytes(whole[:end])
        assert go(path, space()) == keys(space())[-1:]
        assert path.read_bytes() == whole


def test_a_damaged_line_is_named_and_nothing_is_lost(path: Path) -> None:
    go(path, space())
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:3], "{}\n", *lines[4:]]))
    with pytest.raises(StoreError, match=r"results\.jsonl, line 4: is no record .* delete the line"):
        go(path, space())
    path.write_text("".join([*lines[:3], *lines[4:]]))
    assert go(path, space()) == keys(space())[2:3]


def test_a_file_that_is_none_of_records_stays_as_it_is(path: Path) -> None:
    path.write_text('{"mine": 1}\nand no end')
    with pytest.raises(StoreError, match="is no file of records"):
        go(path, space())
    assert path.read_text() == '{"mine": 1}\nand no end'


def test_only_one_launcher_writes_a_file(path: Path) -> None:
    go(path, space())
    with owned(path.with_suffix(".cells")), pytest.raises(StoreError, match=r"results\.jsonl is being run by process"):
        go(path, space())


def test_a_study_grows_and_what_would_change_results_is_refused(path: Path) -> None:
    go(path, space(DEPTH))
    wide = space(DEPTH, POOLING, seeds=(0, 1, 2))
    assert sorted(go(path, wide)) == sorted(set(keys(wide)) - set(keys(space(DEPTH))))
    header, _ = record_file.read(path)
    assert header.space == wide
    assert header.revisions == (
        f"after {len(keys(space(DEPTH)))} results: seeds 0 1 → 0 1 2, pooling fixed → flat max mean",
    )
    kept = path.read_bytes()
    for other, words in (
        (space(fidelity=Fidelity(4, 100, 10)), r"fidelity\.epochs: 3 -> 4"),
        (space(name="another"), "holds study 'played', not 'another'"),
    ):
        with pytest.raises(StoreError, match=words):
            go(path, other)
    with pytest.raises(StoreError, match="threads: 1 -> 2"), RecordLedger.own(path, wide, threads=2):
        pass
    assert path.read_bytes() == kept


def test_a_file_without_results_takes_another_definition(path: Path) -> None:
    with RecordLedger.own(path, space(), threads=2):
        pass
    with RecordLedger.own(path, longer := space(fidelity=Fidelity(4, 100, 10))) as records:
        assert (records.space, records.threads) == (longer, 2)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [("a.jsonl", "sweep", "is a sweep, whose points Optuna suggests"), ("a.csv", "ablation", "must end in .jsonl")],
)
def test_what_cannot_be_recorded_is_refused_and_nothing_written(
    tmp_path: Path, name: str, kind: str, words: str
) -> None:
    design = Design("sweep", trials=3) if kind == "sweep" else Design("ablation")
    with pytest.raises(StudyError, match=words), RecordLedger.own(tmp_path / name, space(design=design, seeds=(0,))):
        pass
    assert not list(tmp_path.iterdir())


def test_what_a_cell_kept_to_go_on_from_goes_with_its_end(path: Path) -> None:
    def start(records: RecordLedger) -> tuple[Trial, Path]:
        trial = records.next()
        assert trial is not None
        folder = records.cell_folder(trial.config)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "checkpoint.npz").touch()
        (folder / "log.txt").touch()
        return trial, folder

    with RecordLedger.own(path, space()) as records:
        trial, folder = start(records)
        records.release(trial.number, "stopped")
        assert records.counts() == {"missing": 6}
    with RecordLedger.own(path, space()) as records:
        trial, again = start(records)
        assert again == folder
        records.record(trial.number, fail(trial.config))
        assert (folder / "checkpoint.npz").exists()
    with RecordLedger.own(path, space()) as records:
        trial, _ = start(records)
        records.record(trial.number, succeed(trial.config))
        assert {file.name for file in folder.iterdir()} == {"log.txt"}
        (folder / "checkpoint.npz").touch()  # As if the launcher had died before it deleted the checkpoint.
    with RecordLedger.own(path, space()):
        assert {file.name for file in folder.iterdir()} == {"log.txt"}


def test_a_full_disk_stops_the_run_and_blames_no_cell(path: Path) -> None:
    with pytest.raises(StoreError, match="found no room"):
        go(path, space(), lambda config: TrialResult("failed", failure="disk", reason="No space left"))
    assert go(path, space()) == keys(space())


WIDE = space(DEPTH, POOLING, NORM, seeds=tuple(range(8)))
LAUNCHER = """
from pathlib import Path
from study.engines.local import LocalEngine
from study.records.record_ledger import RecordLedger
from study.running.loop import NoTracker, run
from tests.records.test_record_ledger import WIDE, Unseen
if __name__ == "__main__":
    engine = LocalEngine("tests.trial_functions:quick", workers=2)
    with RecordLedger.own(Path({path!r}), WIDE) as records:
        run(records, engine, NoTracker(), Unseen())
    engine.close()
"""


def test_a_launcher_that_is_killed_again_and_again_runs_every_cell_once(path: Path) -> None:
    script = path.with_name("launcher.py")
    script.write_text(LAUNCHER.format(path=str(path)))
    for kill in range(2):
        with subprocess.Popen([sys.executable, script], env={**os.environ, "PYTHONPATH": str(ROOT)}) as launcher:
            wanted = (path.stat().st_size if kill else 0) + 7_000 + 777 * kill
            while not path.exists() or path.stat().st_size < wanted:
                assert launcher.poll() is None
                time.sleep(0.001)
            launcher.kill()
    assert 0 < len(go(path, WIDE)) < len(keys(WIDE))
    assert Counter(record.config.key for record in recorded(path)) == Counter(keys(WIDE))


WITHOUT = """
import sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("optuna", "mlflow", "pandas"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Without())
"""


@pytest.mark.slow
def test_a_study_runs_where_neither_optuna_nor_mlflow_nor_pandas_is(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(WITHOUT)  # Python imports it first, in every worker too.
    shutil.copy(ROOT / "tests" / "handwritten.py", tmp_path)
    toml = (ROOT / "tests" / "handwritten.toml").read_text()
    file = tmp_path / "handwritten.toml"
    file.write_text(
        toml.replace("seeds = 2", "seeds = 1").replace("[0, 1, 2]", "[0, 1]").replace("noise =", "# noise =")
    )
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path / "site"))
        with pytest.raises(AssertionError, match="No module named 'optuna'"):
            study("list", "--store", str(tmp_path / "store"))
        out = study("run", str(file), "--records", str(path), "--workers", "1")
        assert f"{path}: 2 of 2 cells of study 'handwritten' are there" in out
        assert "running" not in study("run", str(file), "--records", str(path))
    assert not (tmp_path / "store").exists()
    store = tmp_path / "store"
    out = study("import", str(path), "--store", str(store))
    assert out == "study handwritten: 2 imported, 0 already there, 0 refused\n"
    ledger = Ledger.read(store, "handwritten")
    assert ledger.counts() == {"complete": 2}
    again = [Record.of(*finished) for finished in ledger.finished()]
    header = record_file.Header(ledger.space, ledger.threads, codes=ledger.codes)
    record_file.write(tmp_path / "again.jsonl", header, again)
    assert (tmp_path / "again.jsonl").read_bytes() == path.read_bytes()
