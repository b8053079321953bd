"""What the levels of the surgery's factors mean, and how they stand in a cell's key."""

import json
from dataclasses import replace

from study.space.factor import Factor
from study.space.search_space import SearchSpace
from study.space.surgery import AS_IT_IS, Operation, Surgery, TaskWithSurgery
from tests.toy_task import space, task

BLOCK = Operation("remove", ("conv_5", "norm_5"))
SURGERY = Surgery({"remove": {"conv_3": Operation("remove", ("conv_3",)), "block": BLOCK}})


def operated(surgery: Surgery = SURGERY) -> SearchSpace:
    view = TaskWithSurgery(task, surgery)
    settings = {name: setting.default for name, setting in view.settings.items()}
    return space(*surgery.as_factors(), defaults=settings, baseline=settings, surgery=surgery)


def test_each_operation_is_a_factor_whose_baseline_leaves_the_model_as_it_is() -> None:
    assert SURGERY.as_factors() == [Factor("remove", levels := ("nothing", "conv_3", "block"), levels)]
    assert SURGERY.operations({"remove": "nothing"}) == ()
    assert SURGERY.operations({"remove": "block", "depth": 3}) == (BLOCK,)
    assert not AS_IT_IS


def test_cells_that_change_no_layer_keep_the_keys_that_they_had_without_surgery() -> None:
    assert operated().config({}, seed=1).key == space().config({}, seed=1).key
    assert operated().config({"depth": 5}, seed=1).key == space().config({"depth": 5}, seed=1).key


def test_a_key_tells_what_is_done_and_not_how_the_file_calls_it() -> None:
    def key(level: str, operation: Operation) -> str:
        return operated(Surgery({"remove": {level: operation}})).config({"remove": level}, seed=0).key

    first = key("block", BLOCK)
    assert key("other", replace(BLOCK, layers=("norm_5", "conv_5"))) == first
    others = [replace(BLOCK, layers=("conv_5",)), replace(BLOCK, mend="project"), replace(BLOCK, kind="identity")]
    keys = {first, operated().config({}, seed=0).key, *(key("block", other) for other in others)}
    assert len(keys) == 5


def test_a_task_gets_its_own_settings_only() -> None:
    config = operated().config({"remove": "block", "depth": 5}, seed=0)
    assert set(config.task_settings) == set(task.settings)
    assert config.task_settings["depth"] == 5
    assert config.delta(operated().config({}, seed=0)) == "depth=5 remove=block"


def test_a_study_is_stored_with_its_surgery_and_without_one_as_before() -> None:
    text = json.dumps(operated().to_json())
    assert SearchSpace.from_json(json.loads(text)) == operated()
    assert "surgery" not in space().to_json()
    assert SearchSpace.from_json(space().to_json()) == space()
