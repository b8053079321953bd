"""The ledger as tables: their columns, a row for each cell and a row for each epoch."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from study.inference.answer import answer
from study.inference.cell_table import counts_best_epoch, equal_size, isolated, objective_name
from study.inference.changes import changes
from study.inference.dose import doses
from study.inference.nuisance import scope_sentence
from study.ledger.ledger import Ledger
from study.ledger.tables import epochs, table
from study.running.loop import run
from study.space.design import Confirm, Design
from study.space.match import Match
from study.space.objective import Objective
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig, TrialResult
from tests.running.test_loop import Notes
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import ENVIRONMENT, Inline, Outcome, curve, diverge, fail, space, succeed

COLUMNS = [
    *("study", "key", "point", "changes", "seed", "trial", "phase", "state", "objective", "direction"),
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
    *("seconds", "backend", "device", "threads", "processor", "variables", "code", "data", "version.python", "reason"),
]


def store_of(folder: Path, space: SearchSpace, outcome: Outcome = succeed) -> Path:
    """Runs a study. Returns its store."""
    with Ledger.own(folder, space) as ledger:
        run(ledger, Inline(outcome), Notes(), Notes())
    return folder


def stored(folder: Path) -> Ledger:
    """The study that `store_of` ran."""
    return Ledger.read(folder, "played")


def by_depth(config: TrialConfig) -> TrialResult:
    return {1: fail, 3: succeed, 5: diverge}[int(config.settings["depth"])](config)


def test_a_row_a_cell_with_the_promised_columns(tmp_path: Path) -> None:
    frame = table(stored(store_of(tmp_path, space(DEPTH, NORM))))
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
        "data": "f" * 64, "version.python": "3", "paired": False, "equal_variances": False, "test_openings": 0,
    }  # fmt: skip
    assert frame["margin"].isna().all()
    for column, value in same.items():
        assert set(frame[column]) == {value}, column


def test_every_way_to_end_has_its_row(tmp_path: Path) -> None:
    frame = table(stored(store_of(tmp_path, space(seeds=(0,), max_retries=1), by_depth)))
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
    frame = table(stored(store_of(tmp_path, space(DEPTH, POOLING, design=how, seeds=(0,)))))
    assert list(frame["phase"]) == ["search"] * 5 + ["confirm"] * 4
    assert list(frame["seed"]) == [0] * 5 + [1, 1, 2, 2]


def test_a_row_an_epoch(tmp_path: Path) -> None:
    frame = epochs(stored(store_of(tmp_path, space(seeds=(0,)), by_depth)))
    assert list(frame) == [
        "study",
        "key",
        "point",
        "changes",
        "seed",
        "phase",
        "data",
        "epoch",
        "metric.loss",
        "metric.val_acc",
    ]
    assert list(frame["point"]) == ["baseline"] * 3 + ["depth=5"] * 2
    assert list(frame["epoch"]) == [1, 2, 3, 1, 2]
    heights = [metrics["val_acc"] for metrics in curve(space().config({}, seed=0))]
    assert list(frame["metric.val_acc"][:3]) == heights
    assert math.isnan(frame["metric.loss"].iloc[-1])


def test_a_study_without_an_epoch_has_an_empty_table_of_them(tmp_path: Path) -> None:
    store_of(tmp_path, space(seeds=(0,), max_retries=0), lambda config: TrialResult("refused", parameters=10))
    frame = epochs(stored(tmp_path))
    assert len(frame) == 0
    assert list(frame) == ["study", "key", "point", "changes", "seed", "phase", "data", "epoch"]


def test_the_table_names_the_machine_that_each_number_came_from(tmp_path: Path) -> None:
    def elsewhere(config: TrialConfig) -> TrialResult:
        return replace(succeed(config), environment={**ENVIRONMENT, "device": "gpu" if config.seed else "cpu"})

    frame = table(stored(store_of(tmp_path, space(), elsewhere)))
    assert list(frame["device"]) == ["cpu"] * 3 + ["gpu"] * 3


def test_the_table_says_how_the_baseline_differs_from_the_tasks_defaults(tmp_path: Path) -> None:
    changed = space(baseline={**space().baseline, "width": 8, "norm": False}, seeds=(0,))
    assert set(table(stored(store_of(tmp_path, changed)))["baseline"]) == {"width=8 norm=false"}


@pytest.mark.parametrize(("training", "said"), [(("rate",), "rate=0.1"), ((), "width=32")])
def test_what_is_fixed_is_how_it_was_trained_else_what_the_baseline_changes(
    tmp_path: Path, training: tuple[str, ...], said: str
) -> None:
    played = space(DEPTH, NORM, training=training, nuisance=("norm",), vary=("data",))
    changed = replace(played, baseline={**played.baseline, "width": 32})
    frame = table(stored(store_of(tmp_path, changed)))
    assert set(zip(frame["fixed"], frame["nuisance"], frame["vary"], strict=True)) == {(said, "norm", "data")}


def test_a_table_says_if_the_best_epoch_counts_and_holds_the_kept_weights_metrics(tmp_path: Path) -> None:
    def peaks(config: TrialConfig) -> TrialResult:
        return replace(succeed(config), final={"loss": 0.1, "val_acc": 0.99})

    best = replace(space(DEPTH, NORM), objectives=(Objective("val_acc", "maximize", "best"),))
    ledger = stored(store_of(tmp_path, best, peaks))
    frame = table(ledger)
    assert ledger.space == best
    assert list(frame.drop(columns="objective_epoch")) == COLUMNS
    assert counts_best_epoch(frame)
    assert objective_name(frame) == "val_acc at the best epoch"
    assert set(frame["metric.val_acc"]) == {0.99}
    assert not counts_best_epoch(frame.drop(columns="objective_epoch"))


def test_what_makes_points_equally_large_is_no_change_that_is_asked_about(tmp_path: Path) -> None:
    sizes = {"baseline": 10, "depth=1": 10, "depth=5": 10}
    match = Match("width", "parameters", 0.02, {"depth=1": 40, "depth=5": 12}, sizes)
    frame = table(stored(store_of(tmp_path, space(DEPTH, match=match))))
    assert set(frame["point"]) == {"baseline", "depth=1 width=40", "depth=5 width=12"}
    assert changes(frame)["depth=5 width=12"] == {"depth": "5"}
    assert doses(frame) == ["depth"]
    assert isolated(frame, "depth")
    assert equal_size(frame) == "at equal parameters (width chosen for each point, within 2 %)"
    assert "at equal parameters" in answer(frame)
    assert "at equal parameters (width chosen for each point, within 2 %)" in scope_sentence(frame)
    assert equal_size(table(stored(store_of(tmp_path / "other", space(DEPTH))))) == ""
