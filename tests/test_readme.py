"""The README does what it says: its commands run, its example is the one that is tested."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analysis import claims
from study import cli
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
RUN = [line for line in LINES if "not run" not in line]
PARSED = [line for line in LINES if "not run" in line]


def words(line: str) -> list[str]:
    """A command without its comment, on the small study in place of the long ones."""
    command = line.partition("#")[0]
    command = re.sub(r"search_spaces/qr_\w+\.toml", str(ROOT / "search_spaces" / "smoke.toml"), command)
    command = re.sub(r"(?<!/)\bqr_\w+\b", "smoke", command)
    return shlex.split(re.sub(r"(?<= )(?=tests/|analysis/results/)", f"{ROOT}/", command))


def test_it_has_commands_of_both_kinds() -> None:
    assert len(RUN) >= 10
    assert {line.split()[0] for line in PARSED} >= {"make", "study"}


@pytest.mark.parametrize("line", RUN)
def test_a_command_runs(line: str, smoke: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_STORE", str(smoke[0]))
    program, *arguments = words(line)
    module = ["-m", "study", *arguments] if program == "study" else arguments
    done = subprocess.run([sys.executable, *module], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    assert done.stdout.strip()


@pytest.mark.parametrize("line", PARSED)
def test_a_command_that_is_not_run_exists(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program, *arguments = words(line)
    if program == "make":
        assert subprocess.run(["make", "-n", *arguments], cwd=ROOT, capture_output=True, check=False).returncode == 0
    elif program == "study":
        assert callable(cli.parser().parse_args(arguments).command)
    elif program in ("pip", "ray", "srun"):
        assert "study" not in arguments or callable(
            cli.parser().parse_args(arguments[arguments.index("study") + 1 :]).command
        )
    else:
        assert (ROOT / f"{arguments[1].replace('.', '/')}.py").is_file()


SHOWN = re.findall(
    r"^study effects (analysis/results/\w+\.csv)$.*?^```\n(variant .*?)^```", README, re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize(("table", "shown"), SHOWN)
def test_a_table_of_effects_is_what_its_command_prints(
    table: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["effects", str(ROOT / table)]) == 0
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in map(str.rstrip, shown.splitlines()) if line not in printed] == []


def test_the_claims_are_what_their_command_prints(tmp_path: Path) -> None:
    (command,) = [line for line in RUN if "analysis.claims" in line]
    tables = [str(ROOT / name) for name in re.findall(r"analysis/results/\w+\.csv", command)]
    assert claims.SCRIPT.main([*tables, "--out", str(tmp_path / "claims.md")]) == 0
    printed = (tmp_path / "claims.md").read_text(encoding="utf-8").splitlines()
    shown = README[README.index("| # | the article says") :].split("\n\n")[0].splitlines()
    assert shown == [line for line in printed if line.startswith("|")]


@pytest.mark.parametrize("name", ["handwritten.py", "handwritten.toml"])
def test_the_example_is_the_one_that_is_tested(name: str) -> None:
    source = (ROOT / "tests" / name).read_text(encoding="utf-8")
    assert source[source.find("class ") if name.endswith(".py") else 0 :].strip() in README
    assert len(source.splitlines()) < 80


def test_a_study_loads_in_python_as_shown(smoke: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_STORE", str(smoke[0]))
    (example,) = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "load_study" in block]
    names: dict[str, Any] = {}
    exec(example.replace("qr_quick", "smoke"), names)
    assert (len(names["cells"]), len(names["first"]), names["width"]) == (8, 8, 4)
    assert names["best"]["mean"] == names["study"].summary["mean"].max()
    assert "baseline" in repr(names["study"])


def test_every_linked_file_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).is_file(), target
