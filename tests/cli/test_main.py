"""The command as a user types it: what it prints, what it leaves alone, how it exits."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from study.cli.plan import detectable_effect
from study.inference.power import detectable
from study.space.toml_file import read
from tests.analysis.synthetic_tables import csv, grid, sweep
from tests.conftest import ROOT, study

SMOKE = "search_spaces/smoke.toml"
COUNTS = {"complete": 8, "running": 0, "pruned": 0, "refused": 0, "diverged": 0, "failed": 0, "missing": 0}


def imported(*arguments: str) -> set[str]:
    """The top-level modules that a command imports."""
    code = f"import sys; from study.cli import main; main({list(arguments)!r}); print('MODULES', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.rpartition("MODULES")[2].split()}


@pytest.mark.parametrize("command", [("check", SMOKE), ("check", "search_spaces/qr_depth.toml", "--json"), ("list",)])
def test_light_commands_load_nothing_heavy(command: tuple[str, ...], tmp_path: Path) -> None:
    heavy = {"tensorflow", "keras", "mlflow", "pandas", "scipy", "matplotlib", "jax"}
    assert not imported(*command, "--store", str(tmp_path)) & heavy


def test_help_needs_nothing_but_the_standard_library() -> None:
    code = "import sys, atexit; atexit.register(lambda: print('MODULES', *sys.modules)); from study.cli import main; "
    code += "main(['--help'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"numpy", "optuna", "rich", "tomllib"} & set(done.stdout.rpartition("MODULES")[2].split())
    assert "check" in done.stdout


def test_check_says_what_would_run() -> None:
    out = study("check", SMOKE)
    assert "smoke.toml is valid" in out
    assert "8 cells: 4 points, each on seeds 0, 1" in out
    assert "\n  conv_depth=1\n" in out
    assert json.loads(study("check", SMOKE, "--json"))["points"][:2] == ["baseline", "conv_depth=1"]


def test_run_ends_with_a_table_and_what_to_type_next(smoke: tuple[Path, str]) -> None:
    out = smoke[1]
    assert "running 8 on" in out
    assert "[8/8]" in out
    assert out.count("pooling=global_average") >= 3
    assert "python -m analysis smoke" in out


def test_a_second_run_runs_nothing_and_says_so(smoke: tuple[Path, str]) -> None:
    out = study("run", SMOKE, "--store", str(smoke[0]))
    assert out.startswith("nothing to run: all 8 cells of study 'smoke' are there")


def test_status_counts_add_up(smoke: tuple[Path, str], tmp_path: Path) -> None:
    status = json.loads(study("status", "smoke", "--json", "--store", str(smoke[0])))
    assert status == {"study": "smoke", "cells": 8, **COUNTS}
    by_file = json.loads(study("status", SMOKE, "--json", "--store", str(tmp_path)))
    assert by_file == {"study": "smoke", "cells": 8, **dict.fromkeys(COUNTS, 0), "missing": 8}
    assert "8 complete" in study("status", SMOKE, "--store", str(smoke[0]))


def test_list_names_every_study(smoke: tuple[Path, str], tmp_path: Path) -> None:
    assert json.loads(study("list", "--json", "--store", str(smoke[0]))) == {
        "studies": [{"study": "smoke", "cells": 8, **COUNTS}]
    }
    assert "holds no study yet" in study("list", "--store", str(tmp_path))


def test_show_gives_settings_curve_and_where_the_time_went(smoke: tuple[Path, str]) -> None:
    store = str(smoke[0])
    key = pd.read_csv(_export(smoke[0], "show.csv")).key[0]
    out = study("show", "smoke", key[:10], "--store", store)
    assert out.startswith(f"baseline, seed 0: complete, trial 0\nkey {key}")
    assert "batch_norm_momentum  0.8" in out
    assert re.search(r"epoch +loss +val_loss +acc +val_acc\n +1( +\d\.\d{4}){4}\n +2", out)
    assert re.search(r"\ndigit_6_acc( +\d\.\d{4}){2}\n", out)
    assert "validate" in out
    unknown = study("show", "smoke", "zzz", "--store", store, status=2)
    assert "no cell has the key 'zzz'" in unknown


def _export(store: Path, name: str, *options: str) -> Path:
    out = store / name
    study("export", "smoke", "--out", str(out), "--store", str(store), *options)
    return out


def test_export_has_the_promised_columns(smoke: tuple[Path, str]) -> None:
    table = pd.read_csv(_export(smoke[0], "cells.csv"))
    promised = (
        "study key point seed state objective direction epochs train_examples validation_examples parameters flops"
    )
    levels = ["level.conv_depth", "level.width", "level.pooling", "metric.val_acc", "metric.val_number_acc"]
    assert {*promised.split(), "seconds", "backend", "device", "threads", *levels} <= set(table)
    assert len(table) == 8
    epochs = pd.read_parquet(_export(smoke[0], "epochs.parquet", "--epochs"))
    assert len(epochs) == 16
    last = epochs[epochs.epoch == 2].set_index("key")["metric.val_acc"]
    assert (last == table.set_index("key")["metric.val_acc"]).all()


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


def test_a_store_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in study("run", SMOKE, "--store", str(tmp_path / "file" / "store"), status=2)


def test_a_study_with_another_definition_is_refused_with_the_difference(
    smoke: tuple[Path, str], tmp_path: Path
) -> None:
    other = tmp_path / "smoke.toml"
    other.write_text((ROOT / SMOKE).read_text().replace("epochs = 2", "epochs = 3"))
    out = study("run", str(other), "--store", str(smoke[0]), status=2)
    assert "fidelity.epochs: 2 -> 3" in out
    assert "give the file another `name`" in out


def running(store: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "study", "run", SMOKE, "--store", str(store), "--workers", "1", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def test_ctrl_c_ends_a_run_with_its_epoch_and_loses_nothing(smoke: tuple[Path, str], tmp_path: Path) -> None:
    process = running(tmp_path)
    assert process.stdout is not None
    while "[1/8]" not in (line := process.stdout.readline()):
        assert line, "the run ended before its first cell"
    process.send_signal(signal.SIGINT)
    out = process.communicate(timeout=60)[0]
    assert process.returncode == 130
    assert "stopping when each trial's epoch is over" in out
    assert "of 8 cells are there and nothing is lost" in out
    status = json.loads(study("status", "smoke", "--json", "--store", str(tmp_path)))
    assert (status["running"], status["complete"] + status["missing"]) == (0, 8)
    assert 1 <= status["complete"] <= 2
    assert "running" in study("run", SMOKE, "--store", str(tmp_path))
    ours, theirs = (pd.read_csv(_export(store, "end.csv")) for store in (tmp_path, smoke[0]))
    numbers = [str(name) for name in ours if str(name).startswith("metric.")]
    assert ours[["key", *numbers]].equals(theirs[["key", *numbers]])


def test_max_hours_ends_a_run_cleanly(tmp_path: Path) -> None:
    out = study("run", SMOKE, "--store", str(tmp_path), "--max-hours", "0.0001", status=130)
    assert "0 of 8 cells are there and nothing is lost" in out


def test_a_replay_gives_every_number_again(smoke: tuple[Path, str]) -> None:
    store = str(smoke[0])
    key = pd.read_csv(_export(smoke[0], "replay.csv")).key[3]
    assert study("replay", "smoke", key[:12], "--store", store).startswith("identical: 36 numbers of 2 epochs")
    curve = next((smoke[0] / "studies" / "smoke" / "cells" / key[:16]).glob("curve.jsonl"))
    kept = curve.read_text()
    try:
        curve.write_text(kept.replace('"val_acc": 0.', '"val_acc": 1.', 1))
        assert "1 of 36 numbers differ" in study("replay", "smoke", key[:12], "--store", store, status=1)
    finally:
        curve.write_text(kept)


def test_retry_runs_again_what_failed_for_good(smoke: tuple[Path, str], tmp_path: Path) -> None:
    assert "no cell of study 'smoke' failed for good" in study("retry", "smoke", "--store", str(smoke[0]))
    for name in ("handwritten.py", "handwritten.toml"):
        (tmp_path / name).write_text((ROOT / "tests" / name).read_text())
    toml, task, store = tmp_path / "handwritten.toml", tmp_path / "handwritten.py", str(tmp_path / "store")
    toml.write_text("max_retries = 0\n" + toml.read_text().replace("seeds = 2", "seeds = 1"))
    whole = task.read_text()
    task.write_text(
        whole.replace("        import keras\n\n        model", '        raise ValueError("mine")\n        model')
    )
    out = study("run", str(toml), "--store", store, status=1)
    assert "4 of 4 cells failed for good" in out
    status = study("status", "handwritten", "--store", store)
    assert "failed (exception): ValueError: mine (handwritten.py, line " in status
    key = re.findall(r"^([0-9a-f]{12})  baseline", status, flags=re.MULTILINE)[0]
    shown = study("show", "handwritten", key, "--store", store)
    assert shown.index("In the task:\n  File ") < shown.index("All of it:")
    assert study("run", str(toml), "--store", store, status=1).startswith("nothing to run")
    task.write_text(whole)
    assert "running 4 on" in study("retry", "handwritten", "--store", store)


def test_plan_gives_sizes_and_times_of_every_model(tmp_path: Path) -> None:
    begin = time.monotonic()
    made = json.loads(study("plan", SMOKE, "--json", "--store", str(tmp_path)))
    assert time.monotonic() - begin < 120
    assert (made["study"], made["cells"]) == ("smoke", 8)
    models = {model["label"]: model for model in made["models"]}
    assert list(models) == ["baseline", "conv_depth=1", "width=2", "pooling=global_average"]
    assert models["baseline"]["parameters"] == 504
    assert models["baseline"]["flops"] == 2 * (9 * 4 * 441 + 9 * 16 * 441 + 6 * 40)
    assert all(0 < model["seconds"] < 300 for model in models.values())
    assert made["detectable"] == pytest.approx(detectable(seeds=2, variants=3, method="welch"))
    assert list(tmp_path.iterdir()) == []


def test_effects_are_said_of_a_study_its_file_and_its_export(smoke: tuple[Path, str]) -> None:
    store = str(smoke[0])
    by_name, by_file = (study("effects", name, "--store", store) for name in ("smoke", SMOKE))
    by_table = [study("effects", str(_export(smoke[0], f"effects.{end}"))) for end in ("csv", "parquet")]
    assert {by_name, by_file, *by_table} == {by_name}
    assert re.search(r"^baseline +\d\.\d{3} +2\b", by_name, flags=re.MULTILINE)
    assert re.search(r"^pooling=global_average +global_max → global_average +0\.\d{3}", by_name, flags=re.MULTILINE)
    assert "Welch's t, for variances may differ; 95 % intervals of each alone, and of all 3 at once" in by_name
    assert "p adjusted for 3 variants by step-down" in by_name


def test_effects_of_a_file_that_asks_for_other_results_are_refused(smoke: tuple[Path, str], tmp_path: Path) -> None:
    other = tmp_path / "smoke.toml"
    other.write_text((ROOT / SMOKE).read_text().replace('"maximize"', '"minimize"'))
    for command in ("effects", "status"):
        refused = study(command, str(other), "--store", str(smoke[0]), status=2)
        assert "objective.direction: maximize -> minimize" in refused
    assert "standard deviations of a point's seeds" in detectable_effect(read(other), smoke[0])
    other.write_text((ROOT / SMOKE).read_text() + "\n")
    other.write_text("margin = 0.5\n" + other.read_text())
    assert "Revised after 8 results: margin none → 0.5" in study("effects", str(other), "--store", str(smoke[0]))


def test_effects_of_a_grid_count_what_its_best_levels_leave_aside(tmp_path: Path) -> None:
    cells = grid().assign(nuisance="conv_depth")
    cells.loc[cells["level.conv_depth"] == 2, "state"] = "diverged"
    assert "in no mean: 12 diverged\n" in study("effects", str(csv(cells, tmp_path / "t.csv")))


def test_effects_of_a_search_say_what_they_are_the_best_of(tmp_path: Path) -> None:
    cells = sweep()
    cells.loc[5, "state"] = "pruned"
    out = study("effects", str(csv(cells, tmp_path / "t.csv")))
    assert "the best of a search of 17 trials, 1 pruned, on fresh seeds" in out


def test_effects_name_what_is_left_out_and_how_that_bends_the_means(smoke: tuple[Path, str]) -> None:
    cells = pd.read_csv(_export(smoke[0], "left.csv"))
    cells.loc[0, "state"] = "failed"
    cells.loc[cells["point"] == "width=2", "state"] = "diverged"
    cells.assign(paired=True, margin=0.5).to_csv(smoke[0] / "left.csv", index=False)
    out = study("effects", str(smoke[0] / "left.csv"))
    assert "no test: 1 seed" in out
    assert "nothing is tested" in out
    assert "because no cell of theirs is complete: width=2\n" in out
    assert "fewer pairs than seeds: conv_depth=1 1; pooling=global_average 1\n" in out
    assert "in no mean: 2 diverged, 1 failed" in out
    assert "flatters a point that often does not" in out
    assert "within ±0.5 by two one-sided tests" in out
    cells.assign(state="failed").to_csv(smoke[0] / "left.csv", index=False)
    assert "no cell of the baseline is complete" in study("effects", str(smoke[0] / "left.csv"), status=2)
    cells.drop(columns="objective").to_csv(smoke[0] / "left.csv", index=False)
    assert "no column objective" in study("effects", str(smoke[0] / "left.csv"), status=2)


def test_a_plan_promises_in_points_once_there_are_cells(smoke: tuple[Path, str], tmp_path: Path) -> None:
    space = read(ROOT / SMOKE)
    before, after = detectable_effect(space, tmp_path), detectable_effect(space, smoke[0])
    assert re.fullmatch(r"3 variants on 2 seeds: .* from [\d.]+ standard deviations of a point's seeds on", before)
    assert re.search(
        r"from [\d.]+ in val_acc \([\d.]+ standard deviations of a point's seeds, [\d.]+ so far\) on", after
    )
    assert "can never find an effect" in detectable_effect(replace(space, seeds=(0,)), tmp_path)
    paired = detectable_effect(replace(space, comparison="paired"), smoke[0])
    assert "standard deviations of the pairs' differences" in paired


def test_the_cache_is_filled_listed_verified_and_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))
    assert "holds no data set yet" in study("cache", "list")
    file = str(ROOT / "tests" / "handwritten.toml")
    assert study("cache", "make", file).count("made in") == 2
    assert study("cache", "make", file).count("was there, and is whole") == 2
    assert study("cache", "verify") == "2 data sets, 0 damaged\n"
    entry, other = json.loads(study("cache", "list", "--json"))["entries"]
    damaged = tmp_path / "cache" / entry["name"] / "pool.inputs.npy"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*")}
    assert "pool.inputs.npy is not as it was written" in study("cache", "verify", status=1)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*")} == before
    freed = entry["bytes"] + other["bytes"] - 1
    assert study("cache", "clear") == f"{freed / 1e6:,.1f} MB given back\n"
    assert "holds no data set yet" in study("cache", "list")


def test_a_sweep_s_data_are_made_for_every_level_that_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "own.toml"
    file.write_text(SWEEP.format(task=ROOT / "tests" / "handwritten.py"))
    assert study("cache", "make", str(file)).count("made in") == 3


SWEEP = """
task = "{task}:task"
objective = {{ metric = "val_acc", direction = "maximize" }}
[factors]
layers = [0, 1, 2]
noise = [0.0, 0.1, 0.2]
[design]
kind = "sweep"
trials = 4
"""
