"""How the name of a task becomes the task, and what is said of one that is none."""

import sys
from pathlib import Path

import pytest

from study.errors import TaskError
from study.space.task_loading import load_task, task_of
from study.task import Task
from tests import toy_task

OWN = "from tests.toy_task import Toy\n\ntask = Toy()\n"


def test_the_built_in_task_is_found_by_its_short_name(tmp_path: Path) -> None:
    found = load_task("qr_digits", folder=tmp_path)
    assert found.name == "qr_digits"
    assert isinstance(found, Task)
    assert found is load_task("study.tasks.qr_digits:task", folder=tmp_path)


def test_a_task_is_found_in_a_file_seen_from_the_search_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "own.py").write_text(OWN)
    monkeypatch.chdir("/")
    found = load_task("./own.py:task", folder=tmp_path / "mine")
    assert found.name == "toy"
    assert found is load_task("mine/own.py:task", folder=tmp_path)
    assert found is load_task(f"{tmp_path}/mine/own.py:task", folder=Path("/"))


def test_the_task_of_a_search_space_and_of_its_trials_is_the_one_they_name() -> None:
    space = toy_task.space()
    assert task_of(space) is toy_task.task
    assert task_of(space.config({}, seed=0)) is toy_task.task


def test_two_files_of_one_name_are_two_tasks(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.py").write_text(f"{OWN}task.name = {name!r}\n")
    assert [load_task("own.py:task", folder=tmp_path / name).name for name in ("a", "b")] == ["a", "b"]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("qr_digit", "no such task: 'qr_digit'; give 'qr_digits', './file.py', 'package.module' or './file.py:name'"),
        ("", "no such task: ''; give 'qr_digits', './file.py', 'package.module' or './file.py:name'"),
        (f"./{'a' * 5_000}.py", "no such file: "),
        ("a" * 5_000, "no such task: 'aaa"),
        (":task", "no such task: ':task'; give "),
        ("tests.toy_task:", "no such task: 'tests.toy_task:'; give "),
        ("no_such_package.module:task", "cannot be imported: ModuleNotFoundError: No module named 'no_such_package'"),
        (
            "tests.toy_task:other",
            "names 'other', which tests.toy_task does not define",
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
        load_task(reference, folder=tmp_path)
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
        load_task("./broken.py:task", folder=tmp_path)
    assert message in str(caught.value)
    assert "task './broken.py:task' " in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("task = Toy", "is a class; name an instance of it, as in task = Toy()"),
        ("task.version = '1'", "has the version '1'; it must be a whole number"),
        ("task.version = True", "has the version True; it must be a whole number"),
        ("task.fidelity = (1, 2, 3)", "has the fidelity (1, 2, 3); it must be a Fidelity"),
        ("task.settings = None", "has the settings None; they must map each name to a Setting"),
        ("task.settings = {'depth': 3}", "has the settings {'depth': 3}; they must map each name to a Setting"),
        (
            "task.settings = {'depth': Setting(3, only={'kind': ('deep',)})}",
            "has a setting that acts `only` at levels of 'kind', which is not one of its settings",
        ),
        (
            "task.settings = {'epochs': Setting(3)}",
            "has a setting 'epochs', which is the name of a part of the fidelity; give it another name",
        ),
        (
            "task.settings = {'seed': Setting(0)}",
            "has a setting 'seed', which is the name of the trial's own seed; give it another name, such as",
        ),
        ("task.settings = {'': Setting(0)}", "has a setting ''; a name must be a text of printable characters"),
        ("task.settings = {' a': Setting(0)}", "has a setting ' a'; a name must be a text of printable characters"),
        ("task.settings = {'a\\nb': Setting(0)}", r"has a setting 'a\nb'; a name must be a text of printable"),
        ("task.packages = 'numpy'", "has the packages 'numpy'; they must be a list of names, such as ('scipy',)"),
        ("task.packages = [1]", "has the packages [1]; they must be a list of names"),
        (
            "task.packages = ['no-such-package']",
            "names the package 'no-such-package', which is not installed; install it, or leave it out of `packages`",
        ),
        ("task.scores_by_chance = 0.1", "has the scores_by_chance 0.1; they must map metrics to numbers, such as "),
        ("task.scores_by_chance = {'acc': 'low'}", "has the scores_by_chance {'acc': 'low'}; they must map metrics "),
        ("task.metric_groups = ['acc']", "has the metric_groups ['acc']; they must map each name to a regular "),
        ("task.metric_groups = {'a': '(('}", "has the metric group 'a', whose '((' is not a regular expression: "),
        (
            "task.metric_groups = {'a': 'acc'}",
            "has the metric group 'a', whose 'acc' must have one pair of brackets, not 0",
        ),
        ("Toy.settings = property(lambda self: 1 / 0)", "cannot be imported: ZeroDivisionError: "),
    ],
)
def test_a_task_whose_parts_are_not_what_they_should_be_is_refused(change: str, message: str, tmp_path: Path) -> None:
    code = "from study.task import Setting\nfrom tests import toy_task\nclass Toy(toy_task.Toy): pass\ntask = Toy()\n"
    (tmp_path / "odd.py").write_text(f"{code}{change}\n")
    with pytest.raises(TaskError) as caught:
        load_task("./odd.py:task", folder=tmp_path)
    assert str(caught.value).startswith(f"task './odd.py:task' {message}")


def test_a_file_that_failed_is_read_again_once_mended(tmp_path: Path) -> None:
    file = tmp_path / "mended.py"
    file.write_text("raise RuntimeError\n")
    before = set(sys.modules)
    with pytest.raises(TaskError):
        load_task("mended.py:task", folder=tmp_path)
    assert not {name for name in set(sys.modules) - before if "mended" in name}
    file.write_text(OWN)
    assert load_task("mended.py:task", folder=tmp_path).name == "toy"


def test_an_error_in_the_tasks_file_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("from study.task import Setting\n\nSetting(None, choices=(None, 1.0))\n")
    with pytest.raises(TaskError, match=r"TaskError: the default None cannot be a level: .* \(mine\.py, line 3\)$"):
        load_task("./mine.py:task", folder=tmp_path)
    with pytest.raises(TaskError, match=r"no such task: './a\\x00\.py:task'"):
        load_task("./a\0.py:task", folder=tmp_path)


def test_an_object_that_a_file_does_not_define_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("digits_task = 1\n")
    with pytest.raises(TaskError, match=r"'digit_task', which .* does not define; did you mean 'digits_task'\?$"):
        load_task("./own.py:digit_task", folder=tmp_path)
