"""A file that is no search space is told in a line, and a large one is read in time."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from study.space import toml_file
from study.space.points import count_cells
from study.space.toml_file import read
from tests.conftest import ROOT
from tests.space.toml_texts import PLAIN, edited, problems, written


def test_a_missing_file_is_told_with_those_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert problems(Path("no.toml")) == ["no such file; . holds no .toml file"]
    for name in ("pyproject.toml", "one.toml", "search_spaces/qr_depth.toml", "search_spaces/qr_grid.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        written(tmp_path, PLAIN, name)
    assert problems(Path("search_spaces/qr_dept.toml")) == ["no such file; did you mean search_spaces/qr_depth.toml?"]
    assert problems(Path("qr_grid")) == ["no such file; did you mean search_spaces/qr_grid.toml?"]
    there = "one.toml, search_spaces/qr_depth.toml, search_spaces/qr_grid.toml"
    assert problems(Path("zzz")) == [f"no such file; there are {there}"]
    for number in range(20):
        written(tmp_path, PLAIN, f"many{number}.toml")
    assert problems(Path("zzz"))[0].endswith(" and 13 more")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = \n", "is not valid TOML: Invalid value (at line 1, column 5)"),
        ("[a]\n[a]\n", "is not valid TOML: Cannot declare ('a',) twice (at line 2, column 3)"),
        (b"x = '\xe9t\xe9'\n", "is not UTF-8 text: line 1 holds the byte 0xe9; save it as UTF-8"),
        (b"a = 1\nb = 2\n\xff\xfe", "is not UTF-8 text: line 3 holds the byte 0xff; save it as UTF-8"),
        ("a = " + "[" * 9_999, "is not valid TOML: a number or a nesting in it is far too large"),
        ("a = " + "9" * 9_999, "is not valid TOML: a number or a nesting in it is far too large"),
        ("a = 0x" + "f" * 9_999, "a: must fit in 64 bits, as every whole number in TOML"),
        ("[x]\ny = [{ z = 9223372036854775808 }]", "x.y.z: must fit in 64 bits, as every whole number in TOML"),
    ],
    ids=["value", "twice", "latin", "utf16", "nesting", "digits", "hexadecimal", "large"],
)
def test_what_is_not_toml_is_told_in_a_line(text: str | bytes, message: str, tmp_path: Path) -> None:
    assert problems(written(tmp_path, text)) == [message]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert problems(tmp_path) == ["cannot be read: Is a directory"]


def test_a_table_nested_without_end_is_a_table(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, edited(PLAIN, "width = 8 -> width" + ".a" * 2_000 + " = 1")))
    assert problem == "baseline.width: must be a whole number, not a table"


@pytest.mark.parametrize(
    "change", [' -> "a\\nb\\u001b[2J" = 1', 'width = 8 -> "\\u2028\\u0085" = 1', ' -> name = "\\u0000\\u0007"']
)
def test_a_strange_key_stays_on_its_line(change: str, tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, edited(PLAIN, change)))
    assert problem.isprintable()


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, edited(PLAIN, "[1, 3, 5] -> '" + "long " * 1_000 + "'")))
    assert len(problem) < 120


def large(depth: int, *more: str) -> str:
    numbers = [0.1, *(n / 1_000 for n in range(1, 10))]
    lists = [f"{name} = {numbers}" for name in ("damage", "dropout", "learning_rate", "batch_norm_momentum")]
    wholes = [f"{name} = {list(range(1, 11))}" for name in ("width", "conv_depth", "wide_factor", "kernel_size")]
    factors = [*lists, *wholes, f"batch_size = {list(range(1, 11))}", f"data_seed = {list(range(10))}"][:depth]
    settings = "damage = 0.1\ndropout = 0.1\nlearning_rate = 0.1\nbatch_norm_momentum = 0.1\nbatch_size = 1"
    text = edited(PLAIN, "tests.toy_task:task -> qr_digits", "seeds = 2 -> seeds = 1", "ablation -> grid", *more)
    text = edited(text, f"width = 8 -> {settings}\nwidth = 1", 'pooling = ["max", "mean"] -> ')
    return edited(text, "depth = [1, 3, 5] -> " + "\n".join(factors))


def test_a_grid_of_a_hundred_thousand_cells_is_read_in_time(tmp_path: Path) -> None:
    path = written(tmp_path, large(5))
    begin = time.process_time()
    assert count_cells(read(path)) == 100_000
    assert time.process_time() - begin < 1.8


def test_more_are_refused_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, large(10, "seeds = 1 -> seeds = 100"))
    begin = time.process_time()
    expected = ["design: asks for 1,000,000,000,000 cells; the most is 100,000: take fewer levels or seeds"]
    assert problems(path) == expected
    assert time.process_time() - begin < 0.2


def test_a_list_of_very_many_levels_is_refused_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, edited(PLAIN, "depth = [1, 3, 5] -> width = " + str(list(range(1, 60_000)))))
    begin = time.process_time()
    assert problems(path)[0].startswith("design: asks for 120,000 cells; ")
    assert time.process_time() - begin < 1.8


def test_reading_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from study.space.toml_file import read; read(Path(sys.argv[1])); "
    code += "print(*sorted({'numpy', 'optuna', 'keras', 'pandas', 'rich'} & set(sys.modules)))"
    command = [sys.executable, "-c", code, str(written(tmp_path, PLAIN))]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "\n"


def test_only_one_module_reads_search_spaces() -> None:
    importers = [path.name for path in (ROOT / "study").rglob("*.py") if "tomllib" in path.read_text(encoding="utf-8")]
    assert importers == [f"{toml_file.__name__.rpartition('.')[2]}.py"]
