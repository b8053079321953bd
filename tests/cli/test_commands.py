"""Every command is known, loads only what it needs, and answers bad input with one line."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from study.cli.commands import CACHE_COMMANDS, COMMANDS, Command, parser
from study.ledger.store import default_store
from tests.conftest import ROOT, SMOKE, study

EVERY_COMMAND = (*COMMANDS, *CACHE_COMMANDS)


def imported_modules(*arguments: str) -> set[str]:
    """The top-level modules that a command imports."""
    code = f"import sys; from study.cli import main; main({list(arguments)!r}); print('MODULES', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.rpartition("MODULES")[2].split()}


@pytest.mark.parametrize("command", [("check", SMOKE), ("check", "search_spaces/qr_depth.toml", "--json"), ("list",)])
def test_light_commands_load_nothing_heavy(command: tuple[str, ...], tmp_path: Path) -> None:
    heavy = {"tensorflow", "keras", "mlflow", "pandas", "scipy", "matplotlib", "jax"}
    assert not imported_modules(*command, "--store", str(tmp_path)) & heavy


def test_help_needs_nothing_but_the_standard_library() -> None:
    code = "import sys, atexit; atexit.register(lambda: print('MODULES', *sys.modules)); from study.cli import main; "
    code += "main(['--help'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"numpy", "optuna", "rich", "tomllib", "tensorflow", "mlflow", "pandas"}
    assert not heavy & set(done.stdout.rpartition("MODULES")[2].split())
    assert "check" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "nowhere.toml"), "nowhere.toml: no such file"),
        (("run", "nowhere.toml"), "nowhere.toml: no such file"),
        (("status", "nothing"), "no study 'nothing'"),
        (("show", "nothing", "0"), "no study 'nothing'"),
        (("export", "nothing", "--out", "x.xlsx"), "--out must end in .csv or .parquet"),
        (("export", "nothing", "--out", "x.csv"), "no study 'nothing'"),
        (("export", "nothing", "--out", "x.jsonl"), "no study 'nothing'"),
        (("export", "nothing", "--out", "x.jsonl", "--epochs"), "--out must end in .csv or .parquet, not"),
        (("effects", "nothing"), "no study 'nothing'"),
        (("effects", SMOKE), "has not run yet"),
        (("effects", "nowhere.csv"), "nowhere.csv: no such file"),
        (("import", "nowhere.jsonl"), "nowhere.jsonl: cannot be read"),
        (("import", "README.md"), "README.md: is no file of records"),
        (("run", SMOKE, "--records", "x.csv"), "--records must end in .jsonl"),
        (("run", "search_spaces/qr_sweep.toml", "--records", "x.jsonl"), "run it without --records"),
        (("relocate",), "nothing was logged yet"),
        (("ui",), "nothing was logged yet"),
        (("run", SMOKE, "--threads", "0"), "must be a whole number of at least 1"),
        (("run", SMOKE, "--gpus", "auto"), "no NVIDIA GPU was found"),
        (("run", SMOKE, "--address", "auto"), "add --engine ray"),
        (("run", SMOKE, "--max-hours", "-1"), "must be a number of hours above 0"),
        (("fly",), "invalid choice: 'fly'"),
    ],
)
def test_bad_input_gets_a_clear_line_and_writes_nothing(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert words in study(
        *arguments[:1], *arguments[1:], *(() if arguments == ("fly",) else ("--store", str(store))), status=2
    )
    assert not store.exists()


@pytest.mark.parametrize("arguments", [["--store", "a", "list"], ["list", "--store", "a"]])
def test_the_store_may_be_given_before_or_after_the_command(arguments: list[str]) -> None:
    assert parser().parse_args(arguments).store == Path("a").absolute()
    assert parser().parse_args(["list"]).store == default_store()


@pytest.mark.parametrize(
    "command", (*COMMANDS, *CACHE_COMMANDS), ids=lambda command: f"{command.module}.{command.function}"
)
def test_every_command_has_its_function(command: Command) -> None:
    assert callable(getattr(importlib.import_module(f"study.cli.{command.module}"), command.function))
