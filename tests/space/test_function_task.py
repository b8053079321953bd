"""Tasks that are files with plain functions: what is read from their text, and what only an import tells."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from study.errors import TaskError
from study.space.function_task import FunctionTask
from study.space.task_loading import load_task
from study.task import PRECISIONS, Fidelity, Setting, Task, defaults

PLAIN = """\
from typing import Annotated, Literal

import no_such_package_that_is_slow

epochs, batch_size = 10, 64


def data(noise: Annotated[float, 0, 1] = 0.0):
    return {"pool": noise}


def build(
    units: Annotated[int, 1, 512] = 32,
    activation: Literal["relu", "gelu"] = "relu",
    skip=True,
    learning_rate: float = 1e-2,
    *,
    steps,
):
    return units, activation, skip, learning_rate, steps
"""
BODIES = "def data(): return {}\ndef build(): return None\n"


def written(folder: Path, code: str, name: str = "own.py") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(code))
    return path


def loaded(folder: Path, code: str, name: str = "own.py") -> FunctionTask:
    task = load_task(str(written(folder, code, name)), folder=Path())
    assert isinstance(task, FunctionTask)
    return task


def problem(folder: Path, code: str) -> str:
    with pytest.raises(TaskError) as caught:
        loaded(folder, code)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_parameters_are_the_settings_and_nothing_is_imported(tmp_path: Path) -> None:
    task = loaded(tmp_path, PLAIN)
    assert isinstance(task, Task)
    assert (task.name, task.version, task.fidelity) == ("own", 1, Fidelity(10, None, None))
    assert task.settings == {
        "noise": Setting(0.0, low=0, high=1, part="data", any_text=True),
        "units": Setting(32, low=1, high=512, any_text=True),
        "activation": Setting("relu", choices=("relu", "gelu"), any_text=True),
        "skip": Setting(True, any_text=True),
        "learning_rate": Setting(0.01, any_text=True),
        "batch_size": Setting(64, low=1, part="training"),
        "precision": Setting("float32", choices=PRECISIONS, part="training"),
    }


def test_a_function_gets_what_it_names_and_no_more(tmp_path: Path) -> None:
    task = loaded(tmp_path, PLAIN.replace("import no_such_package_that_is_slow", ""))
    assert task.build({**defaults(task), "units": 8}, steps=70) == (8, "relu", True, 0.01, 70)
    assert task.call("data", {"noise": 0.5}, {"progress": lambda: None}) == {"pool": 0.5}
    assert task.problems(defaults(task)) == ()


def test_only_a_file_with_problems_is_imported_for_them(tmp_path: Path) -> None:
    checked = BODIES + "def problems(batch_size): return ['too large'] if batch_size > 32 else None\n"
    task = loaded(tmp_path, checked)
    assert task.problems(defaults(task)) == ()
    assert task.problems({"batch_size": 64}) == ["too large"]


@pytest.mark.parametrize(
    "written_as",
    [
        "units: 'int' = 32",
        "units=2 ** 5",
        "units: int = 32.0",
        "units: 'Annotated[int, 1, 512]' = SIZE",
        "units=SIZES['small']",
        "units=int('32')",
        "*, units: int = +32",
        "units: Size = 4 * 8",
        "units: int | None = 32",
        "units=helper.SIZE",
        "units=np.int64(32)",
        "units: helper.Size = 32",
        "units: 'helper.Size' = 32",
    ],
)
def test_a_default_is_the_same_whatever_way_it_is_written(tmp_path: Path, written_as: str) -> None:
    (tmp_path / "helper.py").write_text("SIZE = 32\nfrom typing import Annotated\nSize = Annotated[int, 1, 512]\n")
    imports = "import helper\nimport numpy as np\n" if "helper" in written_as or "np" in written_as else ""
    code = f"""\
from __future__ import annotations
from typing import Annotated
{imports}
SIZE, SIZES = 32, {{"small": 32}}
Size = Annotated[int, 1, 512]
def data(): return {{}}
def build({written_as}): return units
"""
    task = loaded(tmp_path, code)
    setting = task.settings["units"]
    assert (setting.default, type(setting.default)) == (32, int)
    assert setting.low == (
        1 if "Size" in written_as.replace("SIZE", "") or "Annotated" in written_as else -float("inf")
    )
    assert task.build({"units": 8}, steps=1) == 8


@pytest.mark.parametrize(
    "functions",
    [
        "from parts import data, build",
        "from parts import *",
        "import parts\ndata, build = parts.data, parts.build",
        "from functools import partial\nfrom parts import data, build as bare\nbuild = partial(bare, units=32)",
        "from parts import data, wrapped\n@wrapped\ndef build(units: int = 32): return units",
        "from parts import data\nbuild = lambda units=32: units",
        "from parts import data, Builder\nbuild = Builder()",
        "from parts import data\nif True:\n    def build(units: int = 32): return units",
        "from parts import data, build\nunits = 4",
    ],
)
def test_functions_that_only_an_import_shows_are_imported(tmp_path: Path, functions: str) -> None:
    parts = """\
import functools
def data(noise: "float" = 0): return noise
def build(units: int = 32): return units
def wrapped(function):
    @functools.wraps(function)
    def inner(**settings): return function(**settings)
    return inner
class Builder:
    def __call__(self, units: int = 32): return units
"""
    (tmp_path / "parts.py").write_text(parts)
    task = loaded(tmp_path, functions)
    assert list(task.settings) == ["noise", "units", "batch_size", "precision"]
    assert task.settings["noise"] == Setting(0.0, part="data", any_text=True)
    assert task.build({"units": 8}, steps=1) == 8


def test_constants_and_optional_functions_are_parts_of_the_task(tmp_path: Path) -> None:
    code = """\
version, shuffle = 2, False
packages = ["numpy"]
metric_groups = {"digit": r"val_digit_(\\d+)_acc"}
scores_by_chance = {"val_acc": 0.1}
text = "a variable that has nothing to do with the task's `text`"
description = "ignored"
def data(size=28, *, progress): return size
def build(size, units=32, train=None): return size, units, train
def callbacks(units, patience: int = 3): return [units, patience]
def before_epoch(model, epoch, unfreeze_at: int = 2): return None
def fresh(count, seed, size, other=1): return count, seed, size, other
"""
    task = loaded(tmp_path, code)
    assert (task.version, task.shuffle, task.packages) == (2, False, ["numpy"])
    assert task.metric_groups == {"digit": r"val_digit_(\d+)_acc"}
    assert task.scores_by_chance == {"val_acc": 0.1}
    assert {name: setting.part for name, setting in task.settings.items()} == {
        "size": "data",
        "units": "model",
        "patience": "training",
        "unfreeze_at": "training",
        "batch_size": "training",
        "precision": "training",
    }
    assert "text" not in task.signatures
    assert task.fidelity.epochs == 1
    assert task.call("build", {"size": 8}, {"train": lambda: "examples", "steps": lambda: 1 / 0}) == (8, 32, "examples")
    assert task.call("callbacks", {"patience": 5}, {}) == [32, 5]
    assert task.call("fresh", {"size": 8}, {"count": lambda: 3, "seed": lambda: 4}) == (3, 4, 8, 1)


def test_a_task_may_be_a_module_or_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "digits_project"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "net.py").write_text("from .sizes import SIZE\ndef data(): ...\ndef build(units=SIZE): ...\n")
    (package / "sizes.py").write_text("SIZE = 3\n")
    (package / "deep" / "__init__.py").write_text(BODIES)
    assert load_task("digits_project.net", folder=Path("/")).settings["units"].default == 3
    assert load_task("digits_project.deep", folder=Path("/")).name == "deep"
    assert load_task("./digits_project/deep/__init__.py", folder=tmp_path).name == "deep"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def build(): ...", "own.py: has `build`, but no function `data`; a task has both"),
        ("def data(): ...", "own.py: has `data`, but no function `build`; a task has both"),
        ("x = 1", "own.py: has no function `data` and no function `build`; a task has both"),
        (
            "class Mine: ...\n\ntask = Mine()",
            "own.py: has no functions `data` and `build`, but an object `task`; write 'own.py:task' to name it",
        ),
        (
            BODIES + "class Mine: ...\ntask = Mine()",
            "own.py, line 4: the file has functions `data` and `build`, and an object `task`, too; write 'own.py:task'",
        ),
        (
            "def data(): ...\ndef build(\n    units,\n): ...",
            "own.py, line 3: `units` of build(): it has no default, as in `units: int = 32`, so it is no setting, and "
            "it is not handed over: build() gets `steps`, `epochs`, `train`, and settings",
        ),
        (
            BODIES + "def fresh(count, digits): ...",
            "own.py, line 3: `digits` of fresh(): it has no default, as in `units: int = 32`, so it is no setting, and "
            "it is not handed over: fresh() gets `count`, `seed`, and settings",
        ),
        (
            "def data(size=1): ...\ndef build(size=2): ...",
            "own.py, line 2: `size` of build(): its default is 2 here, but 1 in data; give it the same in both",
        ),
        (
            "batch_size = 32\n" + BODIES.replace("build()", "build(batch_size=64)"),
            "own.py, line 3: `batch_size` of build(): its default is 64 here, but 32 in the file; give it the same",
        ),
        (
            "from typing import Literal\ndef data(k: Literal['a'] = 'a'): ...\n"
            "def build(k: Literal['a', 'b'] = 'a'): ...",
            "own.py, line 3: `k` of build(): its annotation allows other values here than in data(); give it the same",
        ),
        (
            BODIES.replace("build()", "build(units=None)"),
            "own.py, line 2: `units` of build(): the default None cannot be a level: a level is a text, a number or a "
            "truth value: write 'none'",
        ),
        (
            BODIES.replace("build()", "build(units=(64, 32))"),
            "own.py, line 2: `units` of build(): the default (64, 32) cannot be a level: a level is a text, a number "
            "or a truth value: write a text such as '64-32', and take it apart in `build`",
        ),
        (
            "from typing import Annotated\n" + BODIES.replace("build()", "build(p: Annotated[float, 0, 1] = 2)"),
            "own.py, line 3: `p` of build(): the default 2.0 breaks its own rule: must be between 0 and 1",
        ),
        (
            "from typing import Annotated\n" + BODIES.replace("build()", "build(p: Annotated[float, 0] = 2)"),
            "own.py, line 3: `p` of build(): the number of bounds in its Annotated must be two, not 1; write the",
        ),
        (
            BODIES.replace("build()", "build(units: int = 2.5)"),
            "own.py, line 2: `units` of build(): its default 2.5 is not a whole number, as its annotation says",
        ),
        (
            BODIES.replace("build()", "build(units=3, **rest)"),
            "own.py, line 2: build() takes **rest, so its settings are not known; name each parameter (a",
        ),
        (
            BODIES.replace("data()", "data(*parts)"),
            "own.py, line 1: data() takes *parts, so its settings are not known",
        ),
        (
            BODIES.replace("build()", "build(units=3, /)"),
            "own.py, line 2: build() takes units without a name; take the '/' out of its signature",
        ),
        ("async " + BODIES, "own.py, line 1: data() is `async`, and nothing waits for it; make it a plain function"),
        (
            BODIES.replace("data()", "data(steps=3)"),
            "own.py, line 1: `steps` of data(): this is the name of what build() is handed, and no setting; give it an",
        ),
        (
            BODIES.replace("data()", "data(seed=3)"),
            "own.py, line 1: `seed` of data(): this is the name of the trial's own seed; give it another name, such as",
        ),
        (
            "from __future__ import annotations\n" + BODIES.replace("build()", "build(p: Anotated[float, 0, 1] = 0.5)"),
            "own.py, line 3: `p` of build(): its annotation 'Anotated[float, 0, 1]' means nothing in the file when it",
        ),
        (BODIES + "callbacks = []", "own.py, line 3: `callbacks` must be a function; a task's `callbacks` is called"),
        ("epochs = 0\n" + BODIES, "own.py, line 1: epochs must be a whole number of at least 1, not 0"),
        (
            "x = 1\nbatch_size = 'a'\n" + BODIES,
            "own.py, line 2: batch_size must be a whole number of at least 1, not 'a'",
        ),
        (
            "x = 1\nprecision = 'bfloat16'\n" + BODIES,
            "own.py, line 2: precision must be one of float32, mixed_bfloat16, mixed_float16, not 'bfloat16'",
        ),
        ("shuffle = 'no'\n" + BODIES, "own.py, line 1: shuffle must be True or False, not 'no'"),
        ("version = '2'\n" + BODIES, "has the version '2'; it must be a whole number"),
        ("packages = 'numpy'\n" + BODIES, "has the packages 'numpy'; they must be a list of names"),
        (
            "import os\nbuild = os.sep\ndef data(): ...",
            "own.py: `build` must be a function; a task's `build`",
        ),
        ("def data(:\n", "own.py' cannot be imported: SyntaxError: invalid syntax (own.py, line 1)"),
        (
            "import no_such_module\nfrom parts import data, build",
            "own.py' cannot be imported: ModuleNotFoundError: No module named 'no_such_module' (own.py, line 1)",
        ),
    ],
)
def test_a_file_that_is_no_task_gets_one_line_that_names_the_place(tmp_path: Path, code: str, message: str) -> None:
    assert message in problem(tmp_path, code)


def test_an_imported_function_is_refused_at_its_own_place(tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text("def data(): ...\n\n\ndef build(units=None, *rest): ...\n")
    assert problem(tmp_path, "from parts import data, build").startswith(
        "parts.py, line 4: build() takes *rest, so its"
    )


def test_a_text_without_choices_may_be_any_text(tmp_path: Path) -> None:
    setting = loaded(tmp_path, BODIES.replace("build()", "build(activation='relu')")).settings["activation"]
    assert [setting.problem(value) for value in ("gelu", "", 1, True, "a\0")] == [None, None, *["must be a text"] * 3]


def test_a_whole_default_without_a_type_says_how_fractions_are_allowed(tmp_path: Path) -> None:
    task = loaded(tmp_path, BODIES.replace("build()", "build(dropout=0, units: int = 3, rate: float = 1)"))
    way_out = "must be a whole number (to allow fractions, write `dropout: float = 0` in own.py, line 2)"
    assert task.settings["dropout"].problem(0.5) == way_out
    assert task.settings["units"].problem(0.5) == "must be a whole number"
    assert task.settings["rate"].problem(0.5) is None


def test_what_is_not_there_when_a_function_is_called_is_said(tmp_path: Path) -> None:
    task = loaded(tmp_path, BODIES.replace("build()", "build(train)"))
    with pytest.raises(TaskError, match=r"own\.py, line 2: build\(\) is not handed `train` here; leave it out"):
        task.build({}, steps=1)


def test_a_name_is_checked_before_the_file_is_read(tmp_path: Path) -> None:
    written(tmp_path, BODIES)
    written(tmp_path, BODIES, name="only_here.py")
    for reference, message in {
        "only_here": "no such task: 'only_here'; did you mean './only_here.py'?",
        "./owm.py": "no such file: .*owm.py; did you mean 'own.py'",
        "./none/own.py": "no such file: ",
        "no_such_module": "no such task: 'no_such_module'; give 'qr_digits', './file.py', 'package.module' or",
        "no_such.module": "no such task: ",
        "random": "no such task: 'random'; give",
        "./own.py:task": "task './own.py:task' names 'task', which ./own.py does not define; its functions are a task: "
        "write './own.py'",
        "./own.py:build": "task './own.py:build' is a function; the functions of a file are a task: write './own.py'",
        "./own": "no such task: './own'; did you mean './own.py'?",
        "a\0.py": "no such task: ",
    }.items():
        with pytest.raises(TaskError, match=message):
            load_task(reference, folder=tmp_path)
    with pytest.raises(TaskError, match="a file of functions must be named with letters, digits, '_' and '-'"):
        loaded(tmp_path, BODIES, name="my digits.py")


def test_check_reads_a_file_that_imports_keras_without_importing_it(tmp_path: Path) -> None:
    written(tmp_path, PLAIN.replace("no_such_package_that_is_slow", "keras"))
    code = f"""
import json, sys
from pathlib import Path
from study.space.task_loading import load_task
load_task({str(tmp_path / "own.py")!r}, folder=Path())
print(json.dumps([name for name in ("keras", "numpy", "tensorflow", "study_task") if name in sys.modules]))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy: list[Any] = json.loads(result.stdout)
    assert heavy == []
