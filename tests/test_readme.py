"""The READMEs do what they say: commands run, examples run, tables are what their commands print, links lead somewhere.

A block of commands runs, unless a comment such as `<!-- not run: takes hours -->` stands on the line before it. Readers
do not see the comment. The commands of such a block must still exist.
"""

import ast
import importlib
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from analysis import __main__ as every_figure
from analysis import claims
from analysis.drawing.figure_script import FigureScript
from study.cli import commands, first_files
from tests.conftest import ROOT

PAGES = (
    "README.md",
    "search_spaces/README.md",
    "study/README.md",
    "analysis/README.md",
    "tests/README.md",
    "tests/samples/README.md",
)
TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
BLOCK = re.compile(r"^(<!-- not run: [^\n]+ -->\n)?```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMANDS = [
    (line, not mark)
    for text in TEXTS.values()
    for mark, block in BLOCK.findall(text)
    for line in block.splitlines()
    if line.strip()
]
RUN = list(dict.fromkeys(line.partition("#")[0].strip() for line, runs in COMMANDS if runs))
PARSED = list(dict.fromkeys(line for line, runs in COMMANDS if not runs))
"""Commands that the tests do not run: they take hours, a cluster or a network, or change what other tests share."""
LONG = re.compile(r"study (plan|plot|report)\b")
"""Commands that take half a minute each. Tests of their own run them in `make test` on smaller studies."""
FOLDERS = "study|analysis|search_spaces|tests"
PATH = re.compile(rf"(?<![\w./-])(?:{FOLDERS})/[\w./-]*(?:\.(?:py|toml|csv|jsonl|png|md)\b|/(?![\w.]))")
"""A file or a folder of the repository as a README names it."""


def words(line: str) -> list[str]:
    """A command without its comment, on the small study instead of the long ones."""
    command = re.sub(r"^([A-Z_]+=\S+ )+", "", line.partition("#")[0])
    command = re.sub(r"search_spaces/qr_\w+\.toml", str(ROOT / "search_spaces" / "smoke.toml"), command)
    command = re.sub(r"(?<!/)\bqr_\w+\b", "smoke", command)
    return shlex.split(re.sub(r"(?<= )(?=tests/|analysis/results/)", f"{ROOT}/", command))


def exists(program: str, arguments: list[str]) -> bool:
    """Whether a command is one that the project, or a tool that it needs, would accept."""
    if program == "make":
        return subprocess.run(["make", "-n", *arguments], cwd=ROOT, capture_output=True, check=False).returncode == 0
    if program == "study":
        return callable(commands.parser().parse_args(arguments).command)
    if program == "srun":
        return exists("study", arguments[arguments.index("study") + 1 :])
    if program == "python":
        module = ROOT / arguments[1].replace(".", "/")
        return arguments[0] == "-m" and (module.is_dir() or module.with_suffix(".py").is_file())
    return program in ("pip", "python3", "ray", ".")


def anchors(page: Path) -> set[str]:
    """The anchors that a forge makes of a page's headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_are_commands_of_both_kinds() -> None:
    assert len(RUN) >= 20
    assert {line.split()[0] for line in RUN} == {"study", "python"}
    assert {words(line)[0] for line in PARSED} >= {"make", "study", "python", "pip"}


def test_every_block_of_commands_is_read() -> None:
    for page, text in TEXTS.items():
        assert len(BLOCK.findall(text)) == text.count("```sh"), page
        assert len([mark for mark, _ in BLOCK.findall(text) if mark]) == text.count("<!--"), page


def test_the_first_page_is_short_and_no_page_shows_marks_of_the_tests() -> None:
    assert len(TEXTS["README.md"].splitlines()) <= 200
    for page, text in TEXTS.items():
        assert "# not run" not in text, page


def run(program: str, *arguments: str) -> int:
    """Runs a command in this process, which has imported already what takes a command of its own seconds."""
    if program == "study":
        return commands.main(arguments)
    assert (program, arguments[0]) == ("python", "-m")
    name, *rest = arguments[1:]
    if name == "analysis":
        return every_figure.main(rest)
    script: FigureScript = importlib.import_module(name).SCRIPT
    return script.main(rest)


@pytest.mark.parametrize(
    "line", [pytest.param(line, marks=pytest.mark.slow if LONG.match(line) else ()) for line in RUN]
)
def test_a_command_runs(
    line: str,
    smoke: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("STUDY_STORE", str(smoke[0]))
    monkeypatch.chdir(tmp_path)
    assert run(*words(line)) == 0
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("line", PARSED)
def test_a_command_that_is_not_run_exists(line: str) -> None:
    program, *arguments = words(line)
    assert exists(program, arguments)


EFFECTS = r"^study effects (analysis/results/\w+\.csv)$[^`]*^```\n+^```\n(variant .*?)^```"
SHOWN = [
    (page, table, shown)
    for page, text in TEXTS.items()
    for table, shown in re.findall(EFFECTS, text, re.DOTALL | re.MULTILINE)
]


def effects(table: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that `study effects` prints of an exported table."""
    assert commands.main(["effects", str(ROOT / table)]) == 0
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_every_table_of_effects_is_compared() -> None:
    assert len(SHOWN) == len(re.findall(r"^variant ", "\n".join(TEXTS.values()), re.MULTILINE)) >= 5


@pytest.mark.parametrize(("page", "table", "shown"), SHOWN)
def test_a_table_of_effects_is_what_its_command_prints(
    page: str, table: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = effects(table, capsys)
    assert [line for line in map(str.rstrip, shown.splitlines()) if line not in printed] == [], page


def test_the_table_of_the_first_page_holds_the_results_that_are_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = re.findall(r"^point +seeds .*?\n(.*?)^```", TEXTS["README.md"], re.DOTALL | re.MULTILINE)
    printed = {line.split()[0]: line for line in effects("analysis/results/qr_quick.csv", capsys) if line}
    assert len(shown.splitlines()) == 6
    for line in shown.splitlines():
        point, seeds, mean, _, *difference = re.split(r" {2,}", line)
        assert mean in printed[point]
        assert printed[point].split()[-1] == seeds
        assert all(number in printed[point] for number in difference[:-1]), line


@pytest.mark.slow
def test_the_claims_are_what_their_command_prints(tmp_path: Path) -> None:
    (command,) = [line for line in RUN if "analysis.claims" in line]
    tables = [str(ROOT / name) for name in re.findall(r"analysis/results/\w+\.csv", command)]
    assert claims.SCRIPT.main([*tables, "--out", str(tmp_path / "claims.md")]) == 0
    printed = (tmp_path / "claims.md").read_text(encoding="utf-8").splitlines()
    page = TEXTS["analysis/README.md"]
    shown = page[page.index("| # | the article says") :].split("\n\n")[0].splitlines()
    assert shown == [line for line in printed if line.startswith("|")]


@pytest.mark.parametrize("name", ["convnet.py", "convnet.toml"])
def test_the_example_is_the_one_that_is_tested(name: str) -> None:
    source = (ROOT / "tests" / "workloads" / "mnist" / name).read_text(encoding="utf-8")
    assert f"\n{source}```" in TEXTS["README.md"]


def python_blocks() -> list[str]:
    return [block for text in TEXTS.values() for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL)]


@pytest.mark.slow
def test_a_study_is_declared_in_python_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits.py").write_text(first_files.TASK)
    (example,) = [block for block in python_blocks() if "Study(" in block]
    declaring, _, rest = example.partition("study.run(")
    names: dict[str, Any] = {}
    exec(declaring, names)
    assert repr(names["study"]) == "digits\nmaximize val_accuracy; 9 cells, none of which has run"
    members = {node.attr for node in ast.walk(ast.parse(f"study.run({rest}")) if isinstance(node, ast.Attribute)}
    assert members == {"run", "summary", "best", "best_params", "effects", "table", "model"}
    assert all(hasattr(type(names["study"]), name) for name in members)


def test_a_study_loads_in_python_as_shown(smoke: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_STORE", str(smoke[0]))
    (example,) = [block for block in python_blocks() if "load_study" in block]
    names: dict[str, Any] = {}
    exec(example.replace("qr_quick", "smoke"), names)
    assert (len(names["cells"]), len(names["first"]), names["width"]) == (8, 8, 4)
    assert names["best"]["mean"] == names["study"].summary["mean"].max()
    assert "baseline" in repr(names["study"])
    assert set(names["levels"]) == {factor.name for factor in names["study"].space.factors}
    assert len(names["effects"]) == len(names["study"].summary) - 1


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[page]):
        name, _, anchor = target.partition("#")
        path = Path(os.path.normpath((ROOT / page).parent / name)) if name else ROOT / page
        assert path.is_file(), target
        assert not anchor or anchor in anchors(path), target


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_is_named_exists(page: str) -> None:
    prose = re.sub(r"\]\([^)]+\)", "]", TEXTS[page])
    assert [path for path in PATH.findall(prose) if not (ROOT / path).exists()] == []


def test_every_folder_of_the_package_is_described() -> None:
    folders = {f"study/{path.parent.name}/" for path in (ROOT / "study").glob("*/__init__.py")}
    assert {folder for folder in folders if f"| `{folder}` |" not in TEXTS["study/README.md"]} == set()
