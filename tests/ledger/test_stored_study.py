"""A study as it is stored: which changes it accepts, and which of them it records as revisions."""

from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from study.errors import StoreError
from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from study.ledger.stored_study import StoredStudy
from study.space.design import Design
from study.space.factor import Factor
from study.space.objective import Objective
from study.space.points import count_cells
from study.space.revision import revision
from study.space.search_space import SearchSpace
from study.task import Fidelity
from tests.ledger.launches import BOTH, RATE, changed, killed, named, run, states, stored, sweep, work
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import space


def study_with(*, results: int) -> StoredStudy:
    study = optuna.create_study()
    for name, value in {"id": "a", "threads": 2, "space": space().to_json()}.items():
        study.set_user_attr(name, value)
    for _ in range(results):
        study.add_trial(
            optuna.trial.create_trial(value=1.0, user_attrs={"cell": {"key": "a"}, "result": {"state": "complete"}})
        )
    return StoredStudy.of(study)


def test_the_attributes_of_a_study_become_a_value() -> None:
    study = study_with(results=3)
    assert (study.id, study.threads, study.space, study.results) == ("a", 2, space(), 3)
    assert (study.revisions, study.forgiven) == ((), 0)


def test_another_definition_is_accepted_until_there_are_results() -> None:
    other = space(task_version=2)
    assert study_with(results=1).accepts(space(), threads=2)
    assert not study_with(results=0).accepts(other)
    assert not study_with(results=0).accepts(space(), threads=1)
    with pytest.raises(StoreError, match="task version: 1 -> 2"):
        study_with(results=1).accepts(other)


def test_a_change_that_decides_conclusions_is_kept_once() -> None:
    now = study_with(results=4).revised(space(margin=0.1))
    assert now.revisions == ("after 4 results: margin none → 0.1",)
    assert now.definition == space(margin=0.1).to_json()
    assert replace(now, space=space()).revised(space(margin=0.1)).revisions == now.revisions
    assert study_with(results=0).revised(space(margin=0.1)).revisions == ()


GROWN = {
    "seeds": (space(seeds=(0, 1, 5)), ["baseline 5", "depth=1 5", "depth=5 5"]),
    "fewer seeds": (space(seeds=(1,)), []),
    "levels": (space(Factor("depth", (1, 3, 5, 9))), ["depth=9 0", "depth=9 1"]),
    "factors": (space(DEPTH, NORM), ["norm=false 0", "norm=false 1"]),
    "another kind": (
        space(DEPTH, NORM, kind="grid", seeds=(0,)),
        ["norm=false 0", "depth=1 norm=false 0", "depth=5 norm=false 0"],
    ),
}


@pytest.mark.parametrize("name", GROWN)
def test_a_study_that_grows_runs_its_new_cells_alone(tmp_path: Path, name: str) -> None:
    grown, new = GROWN[name]
    run(tmp_path, space())
    assert named(run(tmp_path, grown)) == new
    assert states(tmp_path) == {"complete": count_cells(grown)}
    assert run(tmp_path, grown) == []


def test_a_setting_that_the_task_gets_or_loses_changes_nothing_at_its_default(tmp_path: Path) -> None:
    run(tmp_path, space())
    more = {**space().defaults, "new": 7}
    assert run(tmp_path, space(defaults=more, baseline=more)) == []
    assert run(tmp_path, space()) == []


def test_a_task_may_allow_more_choices_than_before(tmp_path: Path) -> None:
    run(tmp_path, space(Factor("pooling", ("max", "mean"), ("max", "mean"))))
    assert named(run(tmp_path, space(POOLING))) == ["pooling=flat 0", "pooling=flat 1"]


EDITS = {
    "baseline.width: 16 -> 32": space(baseline=changed(width=32)),
    "default.width: 16 -> 32": space(defaults=changed(width=32)),
    "fidelity.epochs: 3 -> 5": space(fidelity=Fidelity(5, 100, 10)),
    "objective.metric: val_acc -> loss": space(objectives=(Objective("loss", "maximize"),)),
    "objective.direction: maximize -> minimize": space(objectives=(Objective("val_acc", "minimize"),)),
    "vary: order, weights -> data, order, weights": space(vary=("weights", "order", "data")),
    "task version: 1 -> 2": space(task_version=2),
    "design.kind: no sweep -> sweep": space(design=Design("sweep", trials=9), seeds=(0,)),
}


@pytest.mark.parametrize("change", EDITS)
def test_edits_that_would_spoil_results_are_refused_with_what_differs(tmp_path: Path, change: str) -> None:
    run(tmp_path, space(), most=1)
    journal = study_folder(tmp_path, "played") / "trials.journal"
    before = journal.read_bytes()
    with pytest.raises(StoreError) as error, Ledger.own(tmp_path, EDITS[change]):
        pass
    assert change in [line.strip() for line in str(error.value).splitlines()]
    assert "another `name`" in str(error.value)
    assert journal.read_bytes() == before
    assert len(run(tmp_path, space())) == 5


def test_a_removed_setting_that_was_not_at_its_default_is_refused(tmp_path: Path) -> None:
    more = {**space().defaults, "new": 7}
    run(tmp_path, space(defaults=more, baseline={**more, "new": 8}))
    with pytest.raises(StoreError, match=r"baseline\.new: 8 -> 7"), Ledger.own(tmp_path, space()):
        pass


@pytest.mark.parametrize("change", EDITS)
def test_without_results_a_study_may_still_become_another(tmp_path: Path, change: str) -> None:
    killed(tmp_path, space(), after=0)
    edited = EDITS[change]
    trials = run(tmp_path, edited, most=2)
    assert len(trials) == 2
    assert Ledger.read(tmp_path, "played").space == edited
    assert stored(tmp_path).direction.name.lower() == edited.objective.direction


def test_what_is_no_part_of_a_result_is_free_to_edit(tmp_path: Path) -> None:
    run(tmp_path, space())
    edited = space(
        max_retries=5, trial_timeout=9.0, margin=0.1, nuisance=("depth",), description="new", comparison="paired",
        design=Design("ablation", seed=3), reference="tests.toy_task:task",
    )  # fmt: skip
    assert run(tmp_path, edited) == []
    assert Ledger.read(tmp_path, "played").space == edited


def test_a_revision_of_what_decides_a_conclusion_is_kept(tmp_path: Path) -> None:
    killed(tmp_path, space(), after=0)
    run(tmp_path, space(margin=0.2))
    assert Ledger.read(tmp_path, "played").revisions == []  # There were no results yet.
    results = len(list(Ledger.read(tmp_path, "played").finished()))
    asked = space(margin=0.1, comparison="paired", max_retries=7)
    said = [f"after {results} results: comparison welch → paired, margin 0.2 → 0.1"]
    assert Ledger.read(tmp_path, "played", space=asked).revisions == said
    run(tmp_path, asked)
    run(tmp_path, asked)
    assert Ledger.read(tmp_path, "played").revisions == said
    run(tmp_path, space(margin=0.1, comparison="paired", seeds=(0, 1, 2, 3, 4, 5)))
    (first, second) = Ledger.read(tmp_path, "played").revisions
    assert (first, second.split(": ")[1]) == (said[0], "seeds 0 1 → 0 1 2 3 4 5")


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (space(), space(seeds=(1, 0)), ""),
        (space(POOLING, NORM), space(NORM, POOLING), ""),
        (space(POOLING, NORM), space(POOLING, NORM, kind="grid"), "design ablation → grid"),
        (space(DEPTH), space(DEPTH, nuisance=("depth",)), "nuisance none → depth"),
        (space(RATE, design=Design("sweep", trials=4)), space(RATE, design=Design("sweep", trials=8)), "trials 4 → 8"),
    ],
)  # fmt: skip
def test_a_revision_is_what_decides_and_not_its_order(before: SearchSpace, now: SearchSpace, said: str) -> None:
    assert revision(before, now, results=9) == (f"after 9 results: {said}" if said else "")
    assert revision(before, now, results=0) == ""


def test_threads_are_fixed_by_the_first_result(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space(), threads=2) as ledger:
        assert ledger.threads == 2
    with Ledger.own(tmp_path, space()) as ledger:
        assert ledger.threads == 2
    with Ledger.own(tmp_path, space(), threads=3) as ledger:
        work(ledger, most=1)
    with pytest.raises(StoreError, match="threads: 3 -> 1"), Ledger.own(tmp_path, space(), threads=1):
        pass
    with Ledger.own(tmp_path, space()) as ledger:
        assert ledger.threads == 3
    assert Ledger.read(tmp_path, "played").threads == 3


SWEEP_EDITS = {
    "design.sampler: tpe -> random": sweep(DEPTH, sampler="random"),
    "design.pruner: none -> median": sweep(DEPTH, pruner="median"),
    "second objective.metric: not given -> flops": sweep(DEPTH, objectives=BOTH),
}


@pytest.mark.parametrize("change", SWEEP_EDITS)
def test_how_a_sweep_chooses_must_not_be_edited(tmp_path: Path, change: str) -> None:
    run(tmp_path, sweep(DEPTH), most=2)
    with pytest.raises(StoreError, match=change), Ledger.own(tmp_path, SWEEP_EDITS[change]):
        pass
