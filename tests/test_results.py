"""Studies as a user reads them: by name or file, as tables, and shown in a notebook."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from pandas.testing import assert_frame_equal

from study import launch
from study.errors import StoppedError, StoreError, StudyError
from study.inference.effects import compute_effects
from study.inference.verdict import verdict_words
from study.ledger.ledger import Ledger
from study.results import Study, load_study, read_epochs, read_table
from study.running import planned_study, session
from study.running.plan import Model, Plan
from study.space.search_space import SearchSpace
from study.winner.choice import choose
from tests.conftest import ROOT
from tests.ledger.test_tables import by_depth, store_of
from tests.test_launch import Log
from tests.toy_task import DEPTH, NORM
from tests.trial_functions import Inline, Outcome, space, succeed


def test_a_study_for_use_in_python(tmp_path: Path) -> None:
    store_of(tmp_path, space(DEPTH, NORM, description="Deep & <wide>?"))
    study = load_study("played", store=str(tmp_path))
    assert study.space.name == "played"
    assert_frame_equal(study.table, read_table("played", store=tmp_path))
    assert_frame_equal(study.epochs, read_epochs("played", store=tmp_path))
    assert list(study.summary["point"]) == ["baseline", "depth=1", "depth=5", "norm=false"]
    means = study.table.groupby("point")["metric.val_acc"].mean()
    assert (study.best["point"], study.best["mean"]) == (means.idxmax(), pytest.approx(means.max()))


def test_a_study_shows_itself(tmp_path: Path) -> None:
    store_of(tmp_path, space(DEPTH, description="Deep & <wide>?"), by_depth)
    study = load_study("played", store=tmp_path)
    first, second, answer, head, *rows, last = repr(study).splitlines()
    assert answer.startswith("Only the baseline has a complete cell: its mean val_acc is ")
    assert first == "played: Deep & <wide>?"
    assert second.startswith("maximize val_acc; 6 cells: 2 complete, 2 failed, 2 diverged;")
    assert head.split()[:4] == ["point", "verdict", "seeds", "mean"]
    assert [row.split()[:2] for row in rows] == [["baseline", "2"]]
    assert "nan" not in rows[0].lower()
    assert last.startswith("Scientific: depth; fixed, not tuned for each point: 3 epochs, 100 training examples")
    page = study._repr_html_()
    assert "Deep &amp; &lt;wide&gt;?" in page
    assert page.count("<tr") == 2
    assert page.endswith(f"<p>{last}</p>")


def test_a_study_has_its_effects_and_the_levels_of_its_best_point(tmp_path: Path) -> None:
    store_of(tmp_path, space(DEPTH, NORM))
    study = load_study("played", store=tmp_path)
    effects = compute_effects(study.table)
    assert study.effects["point"].tolist() == [effect.point for effect in effects]
    assert study.effects["verdict"].tolist() == [effect.verdict for effect in effects]
    assert study.effects["joint_low"].tolist() == [effect.joint_low for effect in effects]
    levels = choose(study.ledger).cell.config.levels()
    assert study.best_params == {"depth": levels["depth"], "norm": levels["norm"]}
    for effect in effects:
        assert f"<td>{effect.point}</td>" in study._repr_html_()
        assert verdict_words(effect) in study._repr_html_()


def test_a_study_of_which_nothing_ran_shows_itself_and_has_no_best(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()):
        pass
    study = load_study("played", store=tmp_path)
    assert "6 missing" in repr(study)
    assert study.summary.empty
    assert study.effects.empty
    assert "verdict" in study.effects
    with pytest.raises(StudyError, match="no best point yet"):
        _ = study.best_params
    assert "<table" in study._repr_html_()
    with pytest.raises(StoreError, match="no cell is complete"):
        _ = study.best
    with pytest.raises(StoreError, match="no study 'other'"):
        load_study("other", store=tmp_path)


KEYS: dict[str, Any] = {
    "name": "played",
    "task": "tests.toy_task:task",
    "objective": {"metric": "val_acc", "direction": "maximize"},
    "factors": {"depth": [1, 3, 5]},
    "design": {"kind": "ablation"},
    "fidelity": {"epochs": 3},
    "seeds": 2,
}


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The cells' outcomes come from this process, and the stores whose best models were logged are noted."""
    stores: list[object] = []
    monkeypatch.setattr(launch, "MlflowTracker", Log)
    monkeypatch.setattr(launch, "log_best_model", lambda ledger, store, **how: stores.append(store))
    outcomes(monkeypatch, succeed)
    return stores


def outcomes(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    monkeypatch.setattr(session, "_engine", lambda ledger, options: Inline(outcome))


def test_a_study_is_declared_run_and_read_in_python(tmp_path: Path, logged: list[object]) -> None:
    study = Study(**KEYS, store=tmp_path)
    assert repr(study) == "played\nmaximize val_acc; 6 cells, none of which has run"
    assert study._repr_html_().startswith("<b>played</b><br>maximize val_acc; 6 cells")
    with pytest.raises(StoreError, match="study 'played' has not run yet"):
        _ = study.table
    assert study.run(progress=False) is study
    assert study.table["state"].tolist() == ["complete"] * 6
    assert study.table["key"].tolist() == [cell.config.key for cell in study.ledger.cells()]
    assert list(study.summary["point"]) == ["baseline", "depth=1", "depth=5"]
    assert logged == [tmp_path]
    assert repr(load_study("played", store=tmp_path)) == repr(study)


def test_a_study_is_planned_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def make_plan(space: SearchSpace, **options: Any) -> Plan:
        asked.append(options)
        options["say"]("making data")
        model = Model("baseline", 10, 20, 2.0, 1, measured=True)
        return Plan(space.name, 6, (model,), options["workers"], start=1.0, disk=1_000_000)

    monkeypatch.setattr(planned_study, "make_plan", make_plan)
    with pytest.raises(StudyError, match="workers must be a whole number"):
        Study(KEYS, store=tmp_path).plan(workers=0)
    planned = Study(KEYS, store=tmp_path).plan(workers=2, threads=3)
    assert (asked[0]["workers"], asked[0]["threads"]) == (2, 3)
    assert planned.table["parameters"].tolist() == [10]
    assert "6 cells on 2 workers: about 8.0 s, 1.0 MB on disk" in repr(planned)
    assert not list(tmp_path.iterdir()), "a plan leaves nothing in the store"


def test_a_plan_says_what_it_waits_for_unless_it_shall_be_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan("played", 1, (), 1, start=0.0, disk=0)
    monkeypatch.setattr(planned_study, "make_plan", lambda *_, say, **__: say("making data") or plan)
    Study(KEYS, store=tmp_path).plan(progress=False)
    assert capsys.readouterr().out == ""
    Study(KEYS, store=tmp_path).plan()
    assert capsys.readouterr().out == "making data\n"


def test_a_study_shows_what_the_store_has_now(tmp_path: Path, logged: list[object]) -> None:
    study, other = Study(KEYS, store=tmp_path), Study(KEYS, store=tmp_path)
    study.run(progress=False)
    assert len(other.table) == 6
    assert other.table is other.table
    grown = Study({**KEYS, "seeds": 3}, store=tmp_path)
    assert "6 complete, 3 missing" in repr(grown)
    grown.run(progress=False)
    assert "9 complete" in repr(grown)
    assert len(Study("played", store=tmp_path).run(progress=False).table) == 9


def test_a_definition_that_would_change_results_is_refused(tmp_path: Path, logged: list[object]) -> None:
    Study(KEYS, store=tmp_path).run(progress=False)
    other = Study({**KEYS, "fidelity": {"epochs": 4}}, store=tmp_path)
    with pytest.raises(StoreError, match="epochs"):
        other.run(progress=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_raised_once_everything_is_kept_and_the_same_call_goes_on(
    number: signal.Signals, tmp_path: Path, logged: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(config: Any) -> Any:
        signal.raise_signal(number)
        return succeed(config)

    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda got, _: received.append(got))
    try:
        handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
        study = Study(KEYS, store=tmp_path)
        outcomes(monkeypatch, stop)
        if number == signal.SIGINT:
            with pytest.raises(
                StoppedError, match="stopped: 0 of 6 cells are there and nothing is lost; the same call"
            ):
                study.run(progress=False)
        else:
            study.run(progress=False)
        assert received == ([signal.SIGTERM] if number == signal.SIGTERM else [])
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers
    finally:
        signal.signal(signal.SIGTERM, before)
    outcomes(monkeypatch, succeed)
    assert (study.run(progress=False).table["state"] == "complete").all()


def test_a_study_runs_in_a_thread_and_inside_an_event_loop(tmp_path: Path, logged: list[object]) -> None:
    import asyncio

    study = Study(KEYS, store=tmp_path)
    thread = threading.Thread(target=lambda: study.run(progress=False))
    thread.start()
    thread.join()
    assert len(study.table) == 6

    async def cell() -> Study:
        return Study({**KEYS, "seeds": 3}, store=tmp_path).run(progress=False)

    assert len(asyncio.run(cell()).table) == 9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 0}, "workers must be a whole number of at least 1, not 0"),
        ({"threads": 1.5}, "threads must be a whole number of at least 1, not 1.5"),
        ({"max_hours": 0}, "max_hours must be a number of hours above 0, not 0"),
        ({"gpus": "all"}, "gpus must be 'auto' or a whole number of at least 1, not all"),
        ({"engine": "slurm"}, "engine must be one of local, ray, not 'slurm'"),
    ],
)
def test_options_that_are_wrong_are_refused(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=message):
        Study(KEYS, store=tmp_path).run(**options)


def test_the_package_s_first_names_are_found_when_they_are_asked_for() -> None:
    lines = "import sys, study; assert 'study.results' not in sys.modules; from study import Study, load_study; "
    lines += "assert Study.__module__ == 'study.results'; import study; print(hasattr(study, 'Stduy'))"
    done = subprocess.run([sys.executable, "-c", lines], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert (done.stdout, done.stderr) == ("False\n", "")


_SCRIPT = """
from study import Study

print("the script begins")
study = Study(
    name="scripted",
    task="./handwritten.py:task",
    objective={"metric": "val_acc", "direction": "maximize"},
    factors={"layers": [0, 1]},
    design={"kind": "ablation"},
    fidelity={"epochs": 1, "train_examples": 100, "validation_examples": 100},
    seeds=1,
)
study.run(workers=1)
print(*study.table["state"], study.ledger.cells()[0].config.key)
print("keras" in __import__("sys").modules)
"""

_FILE = """
name = "scripted"
task = "./handwritten.py:task"
objective = { metric = "val_acc", direction = "maximize" }
factors = { layers = [0, 1] }
design = { kind = "ablation" }
fidelity = { epochs = 1, train_examples = 100, validation_examples = 100 }
seeds = 1
"""


@pytest.mark.slow
def test_a_script_without_a_guard_runs_once_and_gives_the_keys_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(_SCRIPT)
    (tmp_path / "handwritten.py").write_text((ROOT / "tests" / "handwritten.py").read_text())
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "STUDY_STORE": str(tmp_path / "store")}
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=570
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "the script begins"
    assert lines.count("the script begins") == 1
    assert any(line.startswith("[2/2]  ") for line in lines), lines
    assert "the best point's model is models:/scripted/1" in lines
    (tmp_path / "file.toml").write_text(_FILE)
    key = Study(tmp_path / "file.toml", store=tmp_path / "store").ledger.cells()[0].config.key
    assert lines[-2:] == [f"complete complete {key}", "False"]
