"""Which of the user's files a task is made of, and their fingerprints."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from study.space import user_modules
from study.space.task_code import TaskCode, task_code

TASK = """import numpy as np

import helper
from inner.nets import net

SEED = 3  # The seed of the points.


class Mine:
    def data(self, settings, progress):
        return helper.points(np, SEED)

    def build(self, settings, *, steps):
        import late

        return net(late)


task = Mine()
"""
FILES = {
    "own.py": TASK,
    "helper.py": "import deep\n\n\ndef points(np, seed):\n    return np.zeros(seed)\n",
    "deep.py": "X = 1\n",
    "late.py": "Y = 1\n",
    "inner/__init__.py": "",
    "inner/nets.py": "from . import parts\nfrom .parts import more\n\n\ndef net(late):\n    return late\n",
    "inner/parts/__init__.py": "",
    "inner/parts/more.py": "",
    "unused.py": "",
}
Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)
    # Other tests have let Python find the modules beside their tasks.
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if folder not in user_modules._added])

    def files(texts: Mapping[str, str]) -> Path:
        for name, text in texts.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text.encode())
        return tmp_path

    return files


def code(folder: Path, reference: str = "./own.py:task") -> TaskCode:
    return task_code(reference, folder=folder)


def changed(before: TaskCode, after: TaskCode) -> list[str]:
    names = before.files.keys() | after.files.keys()
    return sorted(name for name in names if before.files.get(name) != after.files.get(name))


def test_a_task_is_made_of_its_file_and_of_the_users_modules_that_it_imports(write: Write) -> None:
    made = code(write(FILES))
    assert set(made.files) == set(FILES) - {"unused.py"}
    assert len(made.fingerprint) == 16


def test_files_that_data_or_build_name_are_part_of_the_code_and_the_datas_of_the_data(write: Write) -> None:
    files = {
        "own.py": TASK.replace("SEED = 3", 'SEED = np.loadtxt("seed.csv")').replace(
            "return net(late)",
            'return net(late).load_weights("late.weights.h5")\n\n    def callbacks(self):\n'
            '        return [keras.callbacks.CSVLogger("log.csv"), read("other.csv")]',
        )
    }
    folder = write({**FILES, **files})
    before = code(folder)
    named = {"seed.csv": "1", "late.weights.h5": "2", "log.csv": "3", "other.csv": "4"}
    made = code(write(named))
    assert set(made.files) - set(before.files) == {"seed.csv", "late.weights.h5"}
    assert made.data != before.data
    weights = code(write({"late.weights.h5": "3"}))
    assert changed(made, weights) == ["late.weights.h5"]
    assert weights.data == made.data
    seed = code(write({"seed.csv": "2"}))
    assert changed(weights, seed) == ["seed.csv"]
    assert seed.data != weights.data
    write({"seed.csv": "9"})
    assert seed.edited() == ["seed.csv"]


def test_a_task_that_lists_its_files_has_only_these(write: Write) -> None:
    folder = write({**FILES, "own.py": f'files = ["images"]\nFILE = "table.csv"\n{TASK}'})
    write({"table.csv": "1", "images/1.png": "1"})
    before = code(folder)
    assert set(before.files) - set(FILES) == {"images"}
    after = code(write({"images/2.png": "2"}))
    assert changed(before, after) == ["images"]
    assert after.data != before.data


@pytest.mark.parametrize("name", sorted(set(FILES) - {"unused.py"}))
def test_a_change_of_any_of_its_files_is_another_code(write: Write, name: str) -> None:
    before = code(write(FILES))
    after = code(write({name: FILES[name] + "\n# A comment.\n"}))
    assert after.fingerprint != before.fingerprint
    assert changed(before, after) == [name]
    assert after.data == before.data


def test_a_change_of_a_file_that_it_does_not_import_is_none(write: Write) -> None:
    before = code(write(FILES))
    assert code(write({"unused.py": "Z = 1\n"})) == before


def test_a_module_that_its_data_import_is_part_of_the_data_and_one_that_only_build_imports_is_not(write: Write) -> None:
    before = code(write(FILES))
    assert code(write({"deep.py": "X = 2\n"})).data != before.data
    assert code(write({"deep.py": FILES["deep.py"], "late.py": "Y = 2\n"})).data == before.data
    assert (
        code(write({"late.py": FILES["late.py"], "inner/nets.py": "def net(late):\n    return 1\n"})).data
        == before.data
    )


def test_files_that_come_and_go_are_named(write: Write) -> None:
    before = code(write(FILES))
    after = code(write({"helper.py": "from new import points\n", "new.py": ""}))
    assert changed(before, after) == ["deep.py", "helper.py", "new.py"]


def test_the_ends_of_lines_do_not_count(write: Write) -> None:
    before = code(write(FILES))
    assert code(write({name: text.replace("\n", "\r\n") for name, text in FILES.items()})) == before


def test_the_same_files_elsewhere_are_the_same_code(write: Write) -> None:
    folder = write({**FILES, **{f"copy/{name}": text for name, text in FILES.items()}})
    code_there = task_code("copy/own.py:task", folder=folder)
    # The helpers of the current folder are found first, as they are when the task is imported.
    assert code(folder).files["own.py"] == code_there.files["own.py"]


def test_a_task_in_a_package_counts_with_the_package(write: Write) -> None:
    folder = write({"mine/__init__.py": "", "mine/tasks.py": "from . import extra\ntask = 1\n", "mine/extra.py": ""})
    assert set(code(folder, "mine.tasks:task").files) == {"__init__.py", "tasks.py", "extra.py"}


def test_a_file_of_a_package_counts_with_what_its_dots_reach(write: Write) -> None:
    texts = {"__init__.py": "import aside\n", "deep/__init__.py": "", "deep/own.py": "from ..base import task\n"}
    folder = write({**{f"mine/{name}": text for name, text in texts.items()}, "mine/base.py": "import mine.other\n"})
    write({"mine/other.py": "", "mine/unused.py": ""})
    files = task_code("mine/deep/own.py:task", folder=folder).files
    assert set(files) == {"../__init__.py", "__init__.py", "own.py", "../base.py", "../other.py"}


def test_a_folder_that_the_task_adds_to_the_search_path_counts_whether_the_task_is_loaded_or_not(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = "import sys\nfrom pathlib import Path\nsys.path.insert(0, str(Path(__file__).parent / 'lib'))\n"
    folder = write({"own.py": f"{first}import mine\n", "lib/mine.py": "import paths, other\n"})
    write({"lib/paths.py": "import sys\nsys.path.append(f'{sys.path[0]}/../x')\nsys.path.append('more')\n"})
    write({"more/other.py": ""})
    made = code(folder)
    assert set(made.files) == {"own.py", "lib/mine.py", "lib/paths.py", "more/other.py"}
    monkeypatch.syspath_prepend(folder / "lib")
    assert code(folder) == made


def test_a_package_without_an_init_file_counts(write: Write) -> None:
    texts = {"own.py": "from apart.deeper.nets import net\nimport apart.also\n", "apart/deeper/nets.py": "net = 1\n"}
    folder = write({**texts, "apart/also.py": ""})
    assert set(code(folder).files) == {"own.py", "apart/deeper/nets.py", "apart/also.py"}


def test_a_module_that_is_imported_by_its_name_as_a_text_counts(write: Write) -> None:
    text = 'task = importlib.import_module("deep"), __import__("late"), importlib.import_module(name)\n'
    assert set(code(write({**FILES, "own.py": text})).files) == {"own.py", "deep.py", "late.py"}


def test_a_module_that_is_loaded_by_its_path_counts(write: Write) -> None:
    text = 'spec = spec_from_file_location("x", Path(__file__).with_name("deep.py"))\nX = "none.py", "\\0.py"\n'
    made = code(write({**FILES, "own.py": f"{text}LONG = {'x' * 5_000 + '.py'!r}\ntask = 1\n"}))
    assert set(made.files) == {"own.py", "deep.py"}


def test_a_file_that_cannot_be_parsed_is_left_to_its_import(write: Write) -> None:
    before = code(write({**FILES, "helper.py": "def broken(:\n"}))
    assert "helper.py" in before.files
    assert changed(before, code(write({"own.py": "def broken(:\n"})))


def test_code_that_is_nested_too_deeply_to_be_taken_apart_counts_whole(write: Write) -> None:
    deep = f"X = {'+'.join(['1'] * 2_000)}\n"
    before = code(write({"own.py": f"{deep}def data(settings, progress):\n    return X\n"}))
    assert code(write({"own.py": f"{deep}def data(settings, progress):\n    return -X\n"})).data != before.data


def test_modules_that_import_each_other_are_no_trouble(write: Write) -> None:
    made = code(write({"own.py": "import helper\n", "helper.py": "import own\n"}))
    assert set(made.files) == {"own.py", "helper.py"}


def test_a_built_in_task_an_installed_one_and_a_missing_one_have_no_code_of_the_users(write: Write) -> None:
    folder = write({"site-packages/theirs.py": "task = 1\n"})
    for reference in ("qr_digits", "study.tasks.qr_digits:task", "numpy:task", "nowhere.to_be:task", "./none.py:task"):
        assert code(folder, reference) == TaskCode()
    assert code(folder, "./site-packages/theirs.py:task") == TaskCode()
    assert TaskCode().fingerprint == ""


def test_installed_modules_never_count(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(
        {"own.py": "import theirs\nimport numpy\nimport json\nimport study.task\n", "lib/site-packages/theirs.py": ""}
    )
    monkeypatch.syspath_prepend(folder / "lib" / "site-packages")
    assert set(code(folder).files) == {"own.py"}


def test_a_checkout_that_is_installed_as_a_link_counts(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"own.py": "import linked.nets\n", "checkout/linked/__init__.py": "", "checkout/linked/nets.py": ""})

    class Finder:
        """As an editable install writes one."""

        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> object:
            import importlib.util

            there = folder / "checkout" / "linked"
            if name != "linked":
                return None
            return importlib.util.spec_from_file_location(
                name, there / "__init__.py", submodule_search_locations=[str(there)]
            )

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert set(code(folder).files) == {"own.py", "checkout/linked/__init__.py", "checkout/linked/nets.py"}
    assert "linked" not in sys.modules


def test_folders_without_init_are_packages_too(write: Write) -> None:
    folder = write({"outer/inner/own.py": "from outer.inner.helper import X\n", "outer/inner/helper.py": "X = 1\n"})
    assert set(code(folder, "./outer/inner/own.py:task").files) == {"own.py", "helper.py"}


FUNCTIONS = {
    "own.py": "from helper import points, net\n\n\ndef data(): return points()\n\n\ndef build(): return net()\n",
    "helper.py": "def points():\n    return 1\n\n\ndef net():\n    return 2\n",
}


def test_a_file_of_functions_is_code_as_a_class_is(write: Write) -> None:
    folder = write(FUNCTIONS)
    made = code(folder, "./own.py")
    assert set(made.files) == {"own.py", "helper.py"}
    (folder / "own_functions.py").write_text(FUNCTIONS["own.py"])
    assert code(folder, "own_functions").data == made.data, "a module is known by its name"
    assert made.data
    other = code(write({"own.py": FUNCTIONS["own.py"].replace("return net()", "return -net()")}), "./own.py")
    assert other.fingerprint != made.fingerprint
    assert other.data == made.data
    assert code(write({"helper.py": FUNCTIONS["helper.py"].replace("1", "3")}), "./own.py").data != made.data


@pytest.mark.parametrize(
    "imports", ["from helper import points as data, net as build", "from helper import data, build"]
)
def test_the_build_beside_an_imported_data_decides_no_data(write: Write, imports: str) -> None:
    helper = FUNCTIONS["helper.py"]
    if "points" not in imports:
        helper = helper.replace("points", "data").replace("net", "build")
    before = code(write({"own.py": imports, "helper.py": helper}), "./own.py")
    assert code(write({"helper.py": helper.replace("2", "3")}), "./own.py").data == before.data
    assert code(write({"helper.py": helper.replace("1", "3")}), "./own.py").data != before.data
