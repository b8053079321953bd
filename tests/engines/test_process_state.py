"""Each trial of a worker begins with the process as the first one found it, or in a new process."""

import os
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from study.engines import process_state
from study.engines.engine import Built, Epoch, Finished
from study.engines.local import LocalEngine
from study.engines.process_state import ProcessState, Switch, forget_user_modules
from study.space.trial import TrialResult
from tests.engines.test_local import config, listen

FUNCTIONS = "tests.engines.disturbing"


@pytest.fixture
def _keep_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytest's own process goes on with its modules."""
    monkeypatch.setattr(process_state, "forget_user_modules", lambda: None)


@pytest.fixture
def values(_keep_modules: None) -> dict[str, Any]:
    return {"a": 1, "b": [1, 2]}


def switches(values: dict[str, Any]) -> list[Switch]:
    def refuse(value: Any) -> None:
        raise ValueError(value)

    return [
        Switch("a", lambda: values["a"], lambda value: values.update(a=value)),
        Switch("b", lambda: list(values["b"]), refuse),
        Switch("c", lambda: values.get("c")),
    ]


def test_what_has_a_way_back_is_put_back(values: dict[str, Any]) -> None:
    state = ProcessState(switches(values))
    values["a"] = 7
    assert state.restore() == []
    assert values["a"] == 1


def test_what_has_none_is_named(values: dict[str, Any]) -> None:
    state = ProcessState(switches(values))
    values["b"].append(3)
    values["c"] = 1
    assert state.restore() == ["b was changed", "c was changed"]
    del values["b"]  # It cannot be read any more.
    assert state.restore() == ["b was changed", "c was changed"]


def test_a_thread_that_ends_is_no_reason_and_one_that_goes_on_is(values: dict[str, Any]) -> None:
    state = ProcessState(switches(values))
    end = threading.Event()
    threading.Thread(target=end.wait, args=(0.02,), name="brief").start()
    assert state.restore() == []
    thread = threading.Thread(target=end.wait, name="lasting")
    thread.start()
    assert state.restore() == ["the thread 'lasting' still runs"]
    end.set()
    thread.join()
    assert state.restore() == []


def test_many_open_files_are_a_reason(values: dict[str, Any]) -> None:
    state = ProcessState(switches(values))
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(150)]
    assert [problem.partition(" ")[2] for problem in state.restore()] == ["files are still open"]
    for file in files:
        os.close(file)
    assert state.restore() == []


def test_modules_that_code_puts_together_are_forgotten(values: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "known_before", ModuleType("known_before"))
    state = ProcessState(switches(values))
    monkeypatch.setitem(sys.modules, "made_later", ModuleType("made_later"))
    state.restore()
    assert "known_before" in sys.modules
    assert "made_later" not in sys.modules


def test_only_the_users_modules_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = {"own": tmp_path / "own.py", "compiled": tmp_path / "compiled.so", "json": Path("/lib/json.py")}
    stand_in: dict[str, ModuleType] = {"__main__": sys.modules["__main__"], "pytest": pytest}
    for name, file in modules.items():
        stand_in[name] = ModuleType(name)
        stand_in[name].__file__ = str(file)
    stand_in["folder"] = ModuleType("folder")  # Without __init__.py.
    stand_in["folder"].__path__ = [str(tmp_path)]
    stand_in["nothing"] = None  # type: ignore[assignment]  # How Python marks a module that must not be imported.
    monkeypatch.setattr(sys, "modules", stand_in)
    forget_user_modules()
    assert "own" not in stand_in
    assert "folder" not in stand_in
    assert {"__main__", "pytest", "compiled", "nothing"} <= stand_in.keys()


def test_nothing_is_put_back_that_was_not_remembered(monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]) -> None:
    monkeypatch.setattr(process_state, "_remembered", [])
    assert process_state.restore() == []
    process_state.remember(switches(values))
    process_state.remember(switches(values))
    values["c"] = 1
    assert process_state.restore() == ["c was changed"]


def run(function: str, folder: Path, *, times: int = 2) -> list[TrialResult]:
    """The results of trials of this function, one after another with one worker at a time."""
    engine = LocalEngine(f"{FUNCTIONS}:{function}")
    results = []
    try:
        for _ in range(times):
            engine.submit(0, config(), folder)
            (messages,) = listen(engine, 1).values()
            assert isinstance(messages[-1], Finished)
            results.append(messages[-1].result)
    finally:
        engine.close()
    return results


def test_a_trial_that_changes_everything_leaves_nothing(tmp_path: Path) -> None:
    first, second = (result.environment for result in run("disturb", tmp_path))
    assert {name: value for name, value in first.items() if second[name] != value} == {}
    assert not (tmp_path / "log.txt").read_text()


@pytest.mark.parametrize(
    ("function", "reason"),
    [("leave_a_thread", "the thread 'never-ending' still runs"), ("leave_a_process", "(cat) still runs")],
)
def test_what_a_trial_leaves_running_costs_the_worker_its_place(function: str, reason: str, tmp_path: Path) -> None:
    first, second = (result.environment for result in run(function, tmp_path))
    assert first["pid"] != second["pid"]
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("The next trial runs in a new process, because after this one ")
    assert reason in lines[0]


def test_the_order_of_a_set_is_the_same_in_every_worker(tmp_path: Path) -> None:
    hashes = {run("look", tmp_path / name, times=1)[0].environment["hash"] for name in ("a", "b")}
    assert len(hashes) == 1
    assert os.environ.get("PYTHONHASHSEED") is None


def test_a_failure_costs_the_worker_its_place(tmp_path: Path) -> None:
    first, second = run("fail", tmp_path)
    assert first.reason != second.reason  # Each names its process.


def test_what_fails_in_a_used_process_is_repeated_in_a_new_one(tmp_path: Path) -> None:
    engine = LocalEngine(f"{FUNCTIONS}:fail_if_used")
    try:
        pids = []
        for number, (stop, state) in enumerate([(None, "complete"), (1, "pruned"), (None, "complete")]):
            engine.submit(number, config(), tmp_path)
            messages = listen(engine, 1, stop=stop)[number]
            # Built and the epoch come once, although the second process reports them, too.
            assert [type(message) for message in messages] == [Built, Epoch, Finished]
            assert isinstance(messages[-1], Finished)
            assert messages[-1].result.state == state
            pids.append(messages[-1].result.environment["pid"])
            assert engine.free == 1
    finally:
        engine.close()
    assert len(set(pids)) == 3
