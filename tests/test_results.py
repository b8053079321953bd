"""The store as a table: its columns, a row a cell, and the same table from a file."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from study.errors import StoreError
from study.ledger.ledger import Ledger
from study.results import epochs, load_study, name_of, read_epochs, read_table, table, uniform
from study.running.loop import run
from study.space.design import Confirm, Design
from study.space.factor import Factor
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig, TrialResult
from tests.running.test_loop import Notes
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import ENVIRONMENT, Inline, Outcome, curve, diverge, fail, space, succeed

MASK = Factor("mask", ("library", 0, 1), ("library", 0, 1))
COLUMNS = [
    *("study", "key", "point", "changes", "seed", "phase", "state", "objective", "direction"),
    *(
        "paired",
        "equal_variances",
        "margin",
        "task",
        "baseline",
        "fixed",
        "nuisance",
        "vary",
        "revised",
        "test_openings",
    ),
    *("level.depth", "level.norm"),
    *("metric.loss", "metric.val_acc", "epochs", "train_examples", "validation_examples", "parameters", "flops"),
    *("seconds", "backend", "device", "threads", "version.python", "reason"),
]


def store_of(folder: Path, space: SearchSpace, outcome: Outcome = succeed) -> Path:
    with Ledger.own(folder, space) as ledger:
        run(ledger, Inline(outcome), Notes(), Notes())
    return folder


def by_depth(config: TrialConfig) -> TrialResult:
    return {1: fail, 3: succeed, 5: diverge}[int(config.settings["depth"])](config)


def test_a_row_a_cell_with_the_promised_columns(tmp_path: Path) -> None:
    frame = read_table("played", store=store_of(tmp_path, space(DEPTH, NORM)))
    assert list(frame) == COLUMNS
    assert len(frame) == 8
    cells = Ledger.read(tmp_path, "played").cells()
    assert list(frame["key"]) == [cell.config.key for cell in cells]
    assert list(frame["point"][:4]) == ["baseline", "depth=1", "depth=5", "norm=false"]
    assert list(frame["seed"]) == [0, 0, 0, 0, 1, 1, 1, 1]
    assert list(frame["level.depth"][:4]) == [3, 1, 5, 3]
    assert list(frame["level.norm"][:4]) == [True, True, True, False]
    for _, row in frame.iterrows():
        cell = next(cell for cell in cells if cell.config.key == row["key"])
        assert row["metric.val_acc"] == curve(cell.config)[-1]["val_acc"]
    same = {
        "study": "played", "state": "complete", "objective": "val_acc", "direction": "maximize", "epochs": 3,
        "train_examples": 100, "validation_examples": 10, "parameters": 10, "flops": 20, "seconds": 0.5,
        "backend": "none", "device": "cpu", "threads": 1, "phase": "", "reason": "",
        "task": "toy", "baseline": "baseline", "fixed": "", "nuisance": "", "vary": "weights order", "revised": "",
        "version.python": "3", "paired": False, "equal_variances": False, "test_openings": 0,
    }  # fmt: skip
    assert frame["margin"].isna().all()
    for column, value in same.items():
        assert set(frame[column]) == {value}, column


def test_every_way_to_end_has_its_row(tmp_path: Path) -> None:
    frame = read_table("played", store=store_of(tmp_path, space(seeds=(0,), max_retries=1), by_depth))
    assert list(frame["state"]) == ["complete", "failed", "diverged"]
    assert list(frame["reason"]) == ["", "ValueError: no luck", "the loss is not a number after epoch 2"]
    assert list(frame["metric.val_acc"].isna()) == [False, True, False]
    assert list(frame["metric.loss"].isna()) == [False, True, True]


def test_cells_that_did_not_run_have_rows_without_numbers(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        claim = ledger.next()
        assert claim is not None
        ledger.record(claim.number, succeed(claim.config))
        ledger.next()
        frame = table(ledger)
    assert list(frame["state"]) == ["complete", "running", *["missing"] * 4]
    assert list(frame["metric.val_acc"].notna()) == [True] + [False] * 5


def test_the_phases_of_a_sweep_are_told_apart(tmp_path: Path) -> None:
    how = Design("sweep", trials=5, confirm=Confirm(top=1, seeds=2))
    frame = read_table("played", store=store_of(tmp_path, space(DEPTH, POOLING, design=how, seeds=(0,))))
    assert list(frame["phase"]) == ["search"] * 5 + ["confirm"] * 4
    assert list(frame["seed"]) == [0] * 5 + [1, 1, 2, 2]


def test_a_row_an_epoch(tmp_path: Path) -> None:
    frame = read_epochs("played", store=store_of(tmp_path, space(seeds=(0,)), by_depth))
    assert list(frame) == ["study", "key", "point", "changes", "seed", "epoch", "metric.loss", "metric.val_acc"]
    assert list(frame["point"]) == ["baseline"] * 3 + ["depth=5"] * 2
    assert list(frame["epoch"]) == [1, 2, 3, 1, 2]
    heights = [metrics["val_acc"] for metrics in curve(space().config({}, seed=0))]
    assert list(frame["metric.val_acc"][:3]) == heights
    assert math.isnan(frame["metric.loss"].iloc[-1])


def test_a_study_without_an_epoch_has_an_empty_table_of_them(tmp_path: Path) -> None:
    store_of(tmp_path, space(seeds=(0,), max_retries=0), fail)
    frame = epochs(Ledger.read(tmp_path, "played"))
    assert len(frame) == 0
    assert list(frame) == ["study", "key", "point", "changes", "seed", "epoch"]


def written(frame: pd.DataFrame, path: Path) -> str:
    """Export as the command does."""
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return str(path)


NONE = Factor("pooling", ("max", "none", "NA", "nan", "null"), ("max", "none", "NA", "nan", "null"))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("factors", [(DEPTH, NORM), (MASK, POOLING), (NONE,)])
def test_a_file_gives_back_what_was_written(tmp_path: Path, suffix: str, factors: tuple[Factor, ...]) -> None:
    store_of(tmp_path, space(*factors, name="0123"))
    frame = read_table("0123", store=tmp_path)
    back = read_table(written(frame, tmp_path / f"table{suffix}"), store=tmp_path)
    assert_frame_equal(back, frame)
    for column in frame.filter(like="level."):
        assert list(back[column]) == list(frame[column])
        assert list(map(type, back[column])) == list(map(type, frame[column]))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_study_with_failures_and_gaps_survives_a_file(tmp_path: Path, suffix: str) -> None:
    store_of(tmp_path, space(DEPTH, MASK, max_retries=0), by_depth)
    frame = read_table("played", store=tmp_path)
    back = read_table(written(frame, tmp_path / f"table{suffix}"), store=tmp_path)
    assert_frame_equal(back, frame)
    assert list(back["reason"]) == list(frame["reason"])
    curves = read_epochs("played", store=tmp_path)
    assert_frame_equal(read_epochs(written(curves, tmp_path / f"epochs{suffix}"), store=tmp_path), curves)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_study_that_has_not_begun_survives_a_file(tmp_path: Path, suffix: str) -> None:
    with Ledger.own(tmp_path, space(DEPTH, MASK)) as ledger:
        frame = table(ledger)
    back = read_table(written(frame, tmp_path / f"table{suffix}"), store=tmp_path)
    assert list(back) == list(frame)
    assert list(back["state"]) == ["missing"] * 10
    assert list(back["phase"]) == list(back["reason"]) == [""] * 10
    assert back["backend"].isna().all()


def test_levels_of_texts_and_numbers_are_texts_everywhere(tmp_path: Path) -> None:
    frame = read_table("played", store=store_of(tmp_path, space(MASK, seeds=(0,))))
    assert list(frame["level.mask"]) == ["library", "0", "1"]
    assert_frame_equal(uniform(frame), frame)


def test_the_table_names_the_machine_that_each_number_came_from(tmp_path: Path) -> None:
    def elsewhere(config: TrialConfig) -> TrialResult:
        return replace(succeed(config), environment={**ENVIRONMENT, "device": "gpu" if config.seed else "cpu"})

    frame = read_table("played", store=store_of(tmp_path, space(), elsewhere))
    assert list(frame["device"]) == ["cpu"] * 3 + ["gpu"] * 3


def test_a_source_that_is_none_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_text("no table")
    with pytest.raises(StoreError, match="no study 'played'"):
        read_table("played", store=tmp_path)
    with pytest.raises(StoreError, match=r"absent\.csv: no such file; `study export NAME --out absent\.csv` makes one"):
        read_table(str(tmp_path / "absent.csv"), store=tmp_path)
    with pytest.raises(StoreError, match="is not a table that `study export` wrote"):
        read_table(str(tmp_path / "broken.parquet"), store=tmp_path)


def test_a_study_may_be_named_by_its_file() -> None:
    assert name_of("search_spaces/smoke.toml") == "smoke"
    assert name_of("smoke") == "smoke"


def test_the_table_says_how_the_baseline_differs_from_the_tasks_defaults(tmp_path: Path) -> None:
    changed = space(baseline={**space().baseline, "width": 8, "norm": False}, seeds=(0,))
    assert set(read_table("played", store=store_of(tmp_path, changed))["baseline"]) == {"width=8 norm=false"}


def test_a_study_for_use_in_python(tmp_path: Path) -> None:
    store_of(tmp_path, space(DEPTH, NORM, description="Deep & <wide>?"))
    study = load_study("played", store=str(tmp_path))
    assert study.space.name == "played"
    assert_frame_equal(study.table, read_table("played", store=tmp_path))
    assert_frame_equal(study.epochs, read_epochs("played", store=tmp_path))
    assert list(study.summary["point"]) == ["baseline", "depth=1", "depth=5", "norm=false"]
    means = study.table.groupby("point")["metric.val_acc"].mean()
    assert (study.best["point"], study.best["mean"]) == (means.idxmax(), pytest.approx(means.max()))


@pytest.mark.parametrize(("training", "said"), [(("rate",), "rate=0.1"), ((), "width=32")])
def test_what_is_fixed_is_how_it_was_trained_else_what_the_baseline_changes(
    tmp_path: Path, training: tuple[str, ...], said: str
) -> None:
    played = space(DEPTH, NORM, training=training, nuisance=("norm",), vary=("data",))
    changed = replace(played, baseline={**played.baseline, "width": 32})
    frame = read_table("played", store=store_of(tmp_path, changed))
    assert set(zip(frame["fixed"], frame["nuisance"], frame["vary"], strict=True)) == {(said, "norm", "data")}


def test_a_study_shows_itself(tmp_path: Path) -> None:
    store_of(tmp_path, space(DEPTH, description="Deep & <wide>?"), by_depth)
    study = load_study("played", store=tmp_path)
    first, second, head, *rows, last = repr(study).splitlines()
    assert first == "played: Deep & <wide>?"
    assert second.startswith("maximize val_acc; 6 cells: 2 complete, 2 failed, 2 diverged;")
    assert head.split()[:3] == ["point", "seeds", "mean"]
    assert [row.split()[:2] for row in rows] == [["baseline", "2"]]
    assert "nan" not in rows[0].lower()
    assert last.startswith("Scientific: depth; fixed, not tuned for each point: 3 epochs, 100 training examples")
    page = study._repr_html_()
    assert "Deep &amp; &lt;wide&gt;?" in page
    assert page.count("<tr") == 2
    assert page.endswith(f"<p>{last}</p>")


def test_a_study_of_which_nothing_ran_shows_itself_and_has_no_best(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()):
        pass
    study = load_study("played", store=tmp_path)
    assert "6 missing" in repr(study)
    assert study.summary.empty
    assert "<table" in study._repr_html_()
    with pytest.raises(StoreError, match="no cell is complete"):
        _ = study.best
    with pytest.raises(StoreError, match="no study 'other'"):
        load_study("other", store=tmp_path)
