"""What may change in a file whose study has results, and how a change is told."""

from study.space.design import Confirm, Design
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.revision import changes, refusal, revision, thread_changes, wider
from study.space.search_space import SearchSpace
from study.space.surgery import Operation, Surgery
from tests.toy_task import DEPTH, NORM, POOLING, space


def test_what_changes_no_result_is_no_change() -> None:
    before, now = space(DEPTH), space(DEPTH, NORM, seeds=(0, 1), margin=0.1, comparison="paired", max_retries=9)
    assert list(changes(before, now)) == []


def test_what_would_make_other_results_is_named_with_both_values() -> None:
    now = space(DEPTH, objectives=(Objective("val_acc", "minimize"),), vary=("data",), task_version=2)
    assert list(changes(space(DEPTH), now)) == [
        "task version: 1 -> 2",
        "objective.direction: maximize -> minimize",
        "vary: order, weights -> data",
    ]


def test_a_setting_that_was_added_to_the_task_changes_nothing_at_its_default() -> None:
    before = space(DEPTH)
    more = {**before.defaults, "bias": False}
    assert list(changes(before, space(DEPTH, defaults=more, baseline=more))) == []
    other = space(DEPTH, defaults=more, baseline={**more, "bias": True})
    assert list(changes(before, other)) == ["baseline.bias: False -> True"]


def test_a_level_that_does_something_else_to_the_layers_is_named_and_a_new_one_is_not() -> None:
    def operated(**levels: tuple[str, ...]) -> SearchSpace:
        operations = {level: Operation("remove", layers) for level, layers in levels.items()}
        return space(DEPTH, surgery=Surgery({"remove": operations}))

    before = operated(block=("a", "b"))
    assert list(changes(space(DEPTH), before)) == []
    assert list(changes(before, operated(block=("b", "a"), more=("c",)))) == []
    assert list(changes(before, operated(block=("a",)))) == ["surgery.remove.block: remove a, b -> remove a"]


def test_a_revision_is_told_once_there_are_results() -> None:
    before, now = space(DEPTH, seeds=(0, 1)), space(DEPTH, NORM, seeds=(2, 1, 0), margin=0.5)
    assert revision(before, now, results=0) == ""
    assert revision(before, before, results=9) == ""
    assert revision(before, now, results=1_200) == (
        "after 1,200 results: seeds 0 1 → 0 1 2, margin none → 0.5, norm fixed → false true"
    )


def test_another_order_is_no_revision() -> None:
    shuffled = Factor("depth", (5, 3, 1))
    assert revision(space(DEPTH, seeds=(0, 1)), space(shuffled, seeds=(1, 0)), results=5) == ""


def test_a_sweep_is_revised_by_its_trials_and_ranges() -> None:
    small = space(Factor("rate", Range(0.05, 1.0)), design=Design("sweep", trials=4, confirm=Confirm(1, 2)))
    large = space(Factor("rate", Range(0.01, 1.0)), design=Design("sweep", trials=8, confirm=Confirm(2, 2)))
    assert revision(small, large, results=3) == (
        "after 3 results: trials 4 → 8, confirmed points 1 → 2, rate 0.05 to 1 → 0.01 to 1"
    )


def test_a_wider_study_has_every_cell_and_more() -> None:
    small, large = space(DEPTH, seeds=(0,)), space(DEPTH, POOLING, seeds=(0, 1))
    assert wider(small, large)
    assert not wider(large, small)
    assert not wider(small, small)
    assert not wider(small, space(DEPTH, kind="sweep"))


def test_other_threads_are_told() -> None:
    assert list(thread_changes(2, None)) == list(thread_changes(2, 2)) == []
    (line,) = thread_changes(2, 1)
    assert line.startswith("threads: 2 -> 1 ")


def test_a_refusal_lists_the_differences_and_the_way_out() -> None:
    message = refusal("depth", ["task version: 1 -> 2", "vary: order -> data"])
    assert message.startswith("study 'depth' has results, ")
    assert "\n  task version: 1 -> 2\n  vary: order -> data\n" in message
    assert message.endswith("undo that, or give the file another `name`")
