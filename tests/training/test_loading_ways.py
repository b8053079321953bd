"""The ways to load a file, from the one that needs nothing to the one that needs the task's code."""

import platform

from study.training.building_code import BuildingCode
from study.training.loading_code import SampleArray, SampleFile
from study.training.loading_ways import file_ways, rebuilt
from study.training.own_objects import OwnObjects
from study.training.task_home import TaskHome

SAMPLES = SampleFile("s.npz", SampleArray("inputs", "float32", (3,)))
HOME = TaskHome("/x/digits.py:task")


def test_a_file_without_own_parts_has_one_way() -> None:
    (way,) = file_ways(SAMPLES, "model.keras", OwnObjects({}, lambdas=False), HOME)
    assert way.folders == ()
    assert way.in_markdown().startswith("```python\nimport keras\n")
    assert way.in_markdown().endswith("\n```\n\nIt needs Keras 3 and no code of the study.")


def test_code_in_the_file_is_run_only_by_those_who_trust_it() -> None:
    alone, trusting = file_ways(SAMPLES, "model.keras", OwnObjects({}, lambdas=True), HOME)
    assert "safe_mode" not in alone.code
    assert "safe_mode=False" in trusting.code
    assert "only if you trust its origin" in trusting.words
    assert f"Python {platform.python_version().rpartition('.')[0]}, Keras 3 and no other code" in trusting.words


def test_own_parts_are_imported_from_where_they_are_defined() -> None:
    *_, own = file_ways(SAMPLES, "model.keras", OwnObjects({"sqrt": "math"}, lambdas=False), HOME)
    assert "from math import sqrt\n" in own.code
    assert 'custom_objects={"sqrt": sqrt}' in own.code
    assert own.folders == ["/x"]
    assert own.words == "It needs Keras 3 and the task's own sqrt, whose code (`math`) is not in this folder."


def test_what_cannot_be_imported_is_no_way() -> None:
    assert len(list(file_ways(SAMPLES, "a.keras", OwnObjects({"no_such": "math"}, lambdas=False), HOME))) == 1


def test_the_last_way_says_why_it_is_needed() -> None:
    way = rebuilt(
        SAMPLES, "w.npz", BuildingCode(["import digits"], ["model = digits.build()"]), HOME, problem="no luck"
    )
    assert way.words == (
        "Keras alone cannot load this model: no luck. This code takes the task's own, `digits.py`, which is not in "
        "this folder."
    )
    assert way.folders == ["/x"]
