"""A plan as people read it: the command, Python and a notebook show the same numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from study.running import planned_study
from study.running.plan import Model, Plan
from study.running.planned_study import COLUMNS, PlannedStudy, plan_study
from study.space.objective import Objective
from tests.ledger.launches import run
from tests.toy_task import DEPTH
from tests.trial_functions import space

SMALL = Model("baseline", 1234, 5_200_000_000, 12.0, 1, measured=True)
LARGE = Model("depth=5 <b>", None, None, None, 2, measured=False)


def planned(*models: Model, **changes: object) -> PlannedStudy:
    plan = Plan("played", 6, models, workers=2, start=3.0, disk=2_500_000, **changes)  # type: ignore[arg-type]
    return PlannedStudy(plan, 1.5, ("it has no variant",))


def test_what_is_not_known_is_left_blank() -> None:
    assert planned(SMALL, LARGE).rows() == [("baseline", "1,234", "5.2 G", "12 s"), ("depth=5 <b>", "", "", "")]
    estimated = Model("a", 1, 1, 12.0, 1, measured=False)
    assert planned(estimated).rows()[0][-1] == "~12 s"


def test_the_lines_below_the_table() -> None:
    assert planned(SMALL).lines() == ["6 cells on 2 workers: about 42 s, 2.5 MB on disk", "it has no variant"]
    assert planned(SMALL, faster=("mixed_bfloat16", 1.54)).lines()[1] == (
        '[baseline] precision = "mixed_bfloat16" would train baseline 1.5 times as fast here'
    )
    line = planned(SMALL, untried=("skip=false", "norm=false")).lines()[1]
    assert line == "not built, because a minute was over: skip=false, norm=false"
    lines = planned(LARGE, refused={"remove=sum": "surgery: sum cannot be removed"}).lines()
    assert lines == [
        "~ not measured, but estimated from FLOPs",
        "6 cells on 2 workers: unknown, 2.5 MB on disk",
        "remove=sum: refused: surgery: sum cannot be removed",
        "it has no variant",
    ]


def test_python_has_the_models_as_a_table() -> None:
    made = planned(SMALL, LARGE)
    assert made.hours == made.plan.hours
    columns = ["label", "parameters", "seconds", "points", "estimated"]
    assert made.table[columns].iloc[0].tolist() == ["baseline", 1234, 12.0, 1, False]
    shown = repr(made)
    assert shown.splitlines()[0].split() == ["model", "parameters", "FLOPs", "a", "trial"]
    assert shown.endswith("\n".join(made.lines()))
    page = made._repr_html_()
    assert all(f"<th>{name}</th>" in page for name in COLUMNS)
    assert "depth=5 &lt;b&gt;" in page


def test_json_holds_what_the_table_does() -> None:
    record = planned(SMALL).to_json()
    assert record["models"][0]["label"] == "baseline"
    assert (record["detectable"], record["cells"], "refused" in record, "faster" in record) == (1.5, 6, False, False)
    assert planned(SMALL, untried=("skip=false",)).to_json()["untried"] == ["skip=false"]
    faster = planned(SMALL, faster=("float32", 3.0)).to_json()["faster"]
    assert faster == {"precision": "float32", "times": 3.0}


def test_a_study_is_planned_with_the_machine_s_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    def make_plan(space: object, **options: object) -> Plan:
        asked.update(options)
        return planned(SMALL).plan

    monkeypatch.setattr(planned_study, "make_plan", make_plan)
    monkeypatch.setattr(planned_study, "default_workers", lambda threads: 10 * threads)
    made = plan_study(space(DEPTH), tmp_path, threads=2, say=pytest.fail)
    assert (asked["threads"], asked["workers"], asked["say"]) == (2, 20, pytest.fail)
    assert made.detectable is not None
    assert made.notes[0].startswith("2 variants on 2 seeds: an effect is found with 80 % probability from ")
    alone = plan_study(space(DEPTH, seeds=(0,)), tmp_path, workers=3, say=pytest.fail)
    assert (alone.detectable, asked["workers"]) == (None, 3)


def test_a_study_that_has_begun_says_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned_study, "make_plan", lambda space, **options: planned(SMALL).plan)
    assert plan_study(space(DEPTH), tmp_path, say=pytest.fail).left is None
    run(tmp_path, space(DEPTH), most=2)
    made = plan_study(space(DEPTH), tmp_path, say=pytest.fail)
    assert made.lines()[1].startswith("it has begun: 2 cells are there, and 4 are left: about ")
    assert made.to_json()["left"] == {"cells": 4, "hours": made.left.hours if made.left else None}
    other = replace(space(DEPTH), objectives=(Objective("loss", "minimize"),))
    assert plan_study(other, tmp_path, say=pytest.fail).left is None
