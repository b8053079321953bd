"""Functions that a task has put in the place of a library's come back."""

import sys
from types import ModuleType
from typing import Any

import pytest

from study.training.library_functions import LibraryFunctions


class Layer:
    """Stands for a class of a library."""

    number = 1

    def call(self) -> int:
        return 1

    @property
    def size(self) -> int:
        return 2


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = ModuleType("a_library.layers")
    vars(made).update(Layer=type("Layer", (Layer,), {**vars(Layer), "__module__": made.__name__}), relu=max, number=1)
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


def test_nothing_has_changed_at_first(library: Any) -> None:
    assert LibraryFunctions(["a_library"]).changed() == []


def test_functions_methods_and_constants_come_back_and_values_of_classes_do_not(library: Any) -> None:
    functions = LibraryFunctions(["a_library"])
    library.relu, library.Layer.call, library.Layer.size = min, lambda self: 5, property(lambda self: 6)
    library.number = library.Layer.number = 2
    names = [(library, "relu"), (library, "number"), (library.Layer, "call"), (library.Layer, "size")]
    assert functions.changed() == names
    functions.put_back()
    assert functions.changed() == []
    assert (library.relu, library.Layer().call(), library.Layer().size) == (max, 1, 2)
    assert (library.number, library.Layer.number) == (1, 2)


def test_a_counter_of_the_library_itself_goes_on(library: Any) -> None:
    library._number = 1
    functions = LibraryFunctions(["a_library"])
    library._number = 2
    assert functions.changed() == []


def test_a_function_gets_its_own_code_and_defaults_again(library: Any) -> None:
    library.rate = eval("lambda x=0.9, *, y=1: (x, y)")
    functions = LibraryFunctions(["a_library"])
    library.rate.__defaults__, library.rate.__kwdefaults__ = (0.5,), {"y": 2}
    assert functions.changed() == [(library.rate, "its parts")]
    functions.put_back()
    assert (functions.changed(), library.rate()) == ([], (0.9, 1))


def test_a_module_that_was_replaced_comes_back(library: Any) -> None:
    functions = LibraryFunctions(["a_library"])
    sys.modules["a_library.layers"] = ModuleType("a_library.layers")
    assert functions.changed() == [(sys.modules, "a_library.layers")]
    functions.put_back()
    assert sys.modules["a_library.layers"] is library


def test_a_function_that_was_deleted_comes_back(library: Any) -> None:
    functions = LibraryFunctions(["a_library"])
    del library.Layer.call
    functions.put_back()
    assert library.Layer().call() == 1


def test_a_module_can_be_named_without_those_inside_it(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ModuleType("a_library")
    vars(whole).update(relu=max)
    monkeypatch.setitem(sys.modules, whole.__name__, whole)
    functions = LibraryFunctions([], ["a_library", "not_loaded"])
    whole.relu = library.relu = min  # type: ignore[attr-defined]
    assert functions.changed() == [(whole, "relu")]
