"""What a plug-in provides, and how a name becomes one."""

import sys
from pathlib import Path

import pytest

from study import task as tasks
from study.errors import TaskError
from study.task import Fidelity, Level, Setting, Task, describe, same
from tests import toy_task

OWN = "from tests.toy_task import Toy\n\ntask = Toy()\n"


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1.0, True),
        (0.5, 0.5, True),
        ("max", "max", True),
        (True, True, True),
        (True, 1, False),
        (1.0, True, False),
        (False, 0, False),
        ("1", 1, False),
        (1, 2, False),
    ],
)
def test_one_and_one_point_oh_are_the_same_and_true_is_neither(a: Level, b: Level, equal: bool) -> None:
    assert same(a, b) is equal
    assert same(b, a) is equal


@pytest.mark.parametrize(
    ("level", "text"),
    [(True, "true"), (False, "false"), (16, "16"), (16.0, "16"), (0.003, "0.003"), (1e-8, "1e-08"), ("max", "max")],
)
def test_a_level_is_described_as_a_person_writes_it(level: Level, text: str) -> None:
    assert describe(level) == text


WHOLE = Setting(3, low=1, high=9)
NUMBER = Setting(0.1, low=0, high=0.5)
WORD = Setting("max", choices=("max", "mean"))
MIXED = Setting("library", choices=("library", 0, 1))
FLAG = Setting(True)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (WHOLE, 1),
        (WHOLE, 9),
        (WHOLE, 4.0),
        (NUMBER, 0),
        (NUMBER, 0.5),
        (WORD, "mean"),
        (MIXED, 0),
        (MIXED, 1.0),
        (FLAG, False),
        (Setting(0.0), 1e300),
        (Setting(16, low=1), 10**9),
    ],
)
def test_a_setting_takes_what_it_may(setting: Setting, value: object) -> None:
    assert setting.problem(value) is None


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        (WHOLE, 0, "must be between 1 and 9"),
        (WHOLE, 10.0, "must be between 1 and 9"),
        (WHOLE, 2.5, "must be a whole number"),
        (WHOLE, True, "must be a whole number"),
        (WHOLE, "3", "must be a whole number"),
        (WHOLE, None, "must be a whole number"),
        (WHOLE, [3], "must be a whole number"),
        (WHOLE, float("inf"), "must be a whole number"),
        (NUMBER, float("nan"), "must be a number"),
        (NUMBER, 10**400, "must be between 0 and 0.5"),
        (WHOLE, -(10**400), "must be between 1 and 9"),
        (Setting(0, high=2**32 - 1), 2**32, "must be at most 4294967295"),
        (NUMBER, False, "must be a number"),
        (NUMBER, 0.51, "must be between 0 and 0.5"),
        (WORD, "min", "must be one of max, mean"),
        (WORD, 1, "must be one of max, mean"),
        (WORD, ["max"], "must be one of max, mean"),
        (MIXED, True, "must be one of library, 0, 1"),
        (MIXED, "0", "must be one of library, 0, 1"),
        (FLAG, 1, "must be one of false, true"),
        (FLAG, "true", "must be one of false, true"),
        (Setting(16, low=1), 0, "must be at least 1"),
        (Setting(-1.0, high=0), 0.5, "must be at most 0"),
    ],
)
def test_a_setting_names_the_rule_that_a_value_breaks(setting: Setting, value: object, problem: str) -> None:
    assert setting.problem(value) == problem


@pytest.mark.parametrize(
    ("setting", "value", "level"), [(WHOLE, 4.0, 4), (NUMBER, 0, 0.0), (MIXED, 1.0, 1), (FLAG, False, False)]
)
def test_a_level_has_the_type_of_its_setting(setting: Setting, value: Level, level: Level) -> None:
    assert setting.level(value) == level
    assert type(setting.level(value)) is type(level)


def test_what_a_setting_allows_is_listed_where_it_can_be() -> None:
    assert WORD.allowed == ("max", "mean")
    assert FLAG.allowed == (False, True)
    assert WHOLE.allowed == NUMBER.allowed == ()


@pytest.mark.parametrize(
    ("default", "choices", "low", "message"),
    [
        ("max", (), 0, "the text 'max' needs choices"),
        ("max", ("mean",), 0, "the default 'max' breaks its own rule: must be one of mean"),
        (3, (), 4, "the default 3 breaks its own rule: must be at least 4"),
        (float("nan"), (), 0, "the default nan breaks its own rule: must be a number"),
    ],
)
def test_a_setting_that_breaks_its_own_rule_cannot_be(
    default: Level, choices: tuple[Level, ...], low: float, message: str
) -> None:
    with pytest.raises(TaskError) as caught:
        Setting(default, choices=choices, low=low)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "8", None])
def test_a_fidelity_is_whole_and_above_nought(value: int) -> None:
    with pytest.raises(TaskError, match=r"fidelity\.train_examples must be a whole number of at least 1, not"):
        Fidelity(1, value, 1)


def test_defaults_are_one_value_for_every_setting() -> None:
    assert list(tasks.defaults(toy_task.task)) == list(toy_task.task.settings)
    assert tasks.defaults(toy_task.task)["depth"] == 3


def test_the_built_in_task_is_found_by_its_short_name(tmp_path: Path) -> None:
    found = tasks.load("qr_digits", folder=tmp_path)
    assert found.name == "qr_digits"
    assert isinstance(found, Task)
    assert found is tasks.load("study.tasks.qr_digits:task", folder=tmp_path)


def test_a_task_is_found_in_a_file_seen_from_the_search_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "own.py").write_text(OWN)
    monkeypatch.chdir("/")
    found = tasks.load("./own.py:task", folder=tmp_path / "mine")
    assert found.name == "toy"
    assert found is tasks.load("mine/own.py:task", folder=tmp_path)
    assert found is tasks.load(f"{tmp_path}/mine/own.py:task", folder=Path("/"))


def test_two_files_of_one_name_are_two_tasks(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.py").write_text(f"{OWN}task.name = {name!r}\n")
    assert [tasks.load("own.py:task", folder=tmp_path / name).name for name in ("a", "b")] == ["a", "b"]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("qr_digit", "no such task: 'qr_digit'; give 'qr_digits', 'package.module:name' or './file.py:name'"),
        ("", "no such task: ''; give 'qr_digits', 'package.module:name' or './file.py:name'"),
        (":task", "no such task: ':task'; give "),
        ("tests.toy_task:", "no such task: 'tests.toy_task:'; give "),
        ("no_such_package.module:task", "cannot be imported: ModuleNotFoundError: No module named 'no_such_package'"),
        (
            "tests.toy_task:other",
            "cannot be imported: AttributeError: module 'tests.toy_task' has no attribute 'other'",
        ),
        ("./missing.py:task", "cannot be imported: FileNotFoundError: "),
        (
            "tests.toy_task:space",
            "lacks name, version, settings, fidelity, problems, data, build; a task provides name, ",
        ),
    ],
)
def test_a_name_that_is_no_task_gets_one_line(reference: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(TaskError) as caught:
        tasks.load(reference, folder=tmp_path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert repr(reference) in str(caught.value)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def (:\n", "SyntaxError: "),
        ("import sys\nsys.exit('not today')\n", "SystemExit: not today"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        ("from study.task import Setting\nSetting('x')\n", "TaskError: the text 'x' needs choices"),
        (
            "class Half:\n    name, version = 'half', 1\ntask = Half()\n",
            "lacks settings, fidelity, problems, data, build;",
        ),
    ],
)
def test_whatever_a_users_file_does_ends_in_one_line(code: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(code)
    with pytest.raises(TaskError) as caught:
        tasks.load("./broken.py:task", folder=tmp_path)
    assert message in str(caught.value)
    assert "task './broken.py:task' " in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("task = Toy", "is a class; name one of it, as in task = Toy()"),
        ("task.version = '1'", "has the version '1'; it must be a whole number"),
        ("task.version = True", "has the version True; it must be a whole number"),
        ("task.fidelity = (1, 2, 3)", "has the fidelity (1, 2, 3); it must be a Fidelity"),
        ("task.settings = None", "has settings that are none; they must map each name to a Setting"),
        ("task.settings = {'depth': 3}", "has settings that are none; they must map each name to a Setting"),
        (
            "task.settings = {'depth': Setting(3, only={'kind': ('deep',)})}",
            "has a setting that acts `only` at levels of 'kind', which is none of its settings",
        ),
        (
            "task.settings = {'epochs': Setting(3)}",
            "has a setting 'epochs', which is the name of a part of the fidelity",
        ),
        ("Toy.settings = property(lambda self: 1 / 0)", "cannot be imported: ZeroDivisionError: "),
    ],
)
def test_a_task_whose_parts_are_not_what_they_should_be_is_refused(change: str, message: str, tmp_path: Path) -> None:
    code = "from study.task import Setting\nfrom tests import toy_task\nclass Toy(toy_task.Toy): pass\ntask = Toy()\n"
    (tmp_path / "odd.py").write_text(f"{code}{change}\n")
    with pytest.raises(TaskError) as caught:
        tasks.load("./odd.py:task", folder=tmp_path)
    assert str(caught.value).startswith(f"task './odd.py:task' {message}")


def test_a_file_that_failed_is_read_again_once_mended(tmp_path: Path) -> None:
    file = tmp_path / "mended.py"
    file.write_text("raise RuntimeError\n")
    before = set(sys.modules)
    with pytest.raises(TaskError):
        tasks.load("mended.py:task", folder=tmp_path)
    assert not {name for name in set(sys.modules) - before if "mended" in name}
    file.write_text(OWN)
    assert tasks.load("mended.py:task", folder=tmp_path).name == "toy"
