"""What the storage says about a study, as a value."""

from dataclasses import replace

import optuna
import pytest

from study.errors import StoreError
from study.ledger.stored_study import StoredStudy
from tests.trial_functions import space


def stored(*, results: int) -> StoredStudy:
    study = optuna.create_study()
    for name, value in {"id": "a", "threads": 2, "space": space().to_json()}.items():
        study.set_user_attr(name, value)
    for _ in range(results):
        study.add_trial(optuna.trial.create_trial(value=1.0, user_attrs={"result": {}}))
    return StoredStudy.of(study)


def test_the_attributes_of_a_study_become_a_value() -> None:
    study = stored(results=3)
    assert (study.id, study.threads, study.space, study.results) == ("a", 2, space(), 3)
    assert (study.revisions, study.forgiven) == ((), 0)


def test_another_definition_is_accepted_until_there_are_results() -> None:
    other = space(task_version=2)
    assert stored(results=1).accepts(space(), threads=2)
    assert not stored(results=0).accepts(other)
    assert not stored(results=0).accepts(space(), threads=1)
    with pytest.raises(StoreError, match="task version: 1 -> 2"):
        stored(results=1).accepts(other)


def test_a_change_that_decides_conclusions_is_kept_once() -> None:
    now = stored(results=4).revised(space(margin=0.1))
    assert now.revisions == ("after 4 results: margin none → 0.1",)
    assert now.definition == space(margin=0.1).to_json()
    assert replace(now, space=space()).revised(space(margin=0.1)).revisions == now.revisions
    assert stored(results=0).revised(space(margin=0.1)).revisions == ()
