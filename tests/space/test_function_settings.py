"""The settings that the parameters of a task's functions are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from study.errors import TaskError
from study.space.function_settings import settings_of
from study.space.signature import Signature, signature_of
from study.task import PRECISIONS, Setting


def signatures(**functions: Any) -> Mapping[str, Signature]:
    return {name: signature_of(function, name, file=Path("own.py")) for name, function in functions.items()}


def test_the_function_that_names_a_parameter_first_decides_its_part() -> None:
    def data(size: int = 28) -> None: ...
    def build(size: Annotated[int, 1, 64], rate: float = 1) -> None: ...
    def callbacks(rate: Any, patience: int = 3) -> None: ...

    assert settings_of(signatures(data=data, build=build, callbacks=callbacks), batch_size=None) == {
        "size": Setting(28, low=1, high=64, part="data", any_text=True),
        "rate": Setting(1.0, part="model", any_text=True),
        "patience": Setting(3, part="training", any_text=True),
        "batch_size": Setting(32, low=1, part="training"),
        "precision": Setting("float32", choices=PRECISIONS, part="training"),
    }


def test_a_default_that_is_a_fraction_anywhere_is_one_everywhere() -> None:
    def data(size: Any = 1) -> None: ...
    def build(size: Any = 1.0) -> None: ...

    setting = settings_of(signatures(data=data, build=build), batch_size=None)["size"]
    assert (setting.default, type(setting.default)) == (1.0, float)


def test_the_batch_size_is_a_setting_wherever_it_is_given() -> None:
    def data() -> None: ...
    def build(batch_size: int = 16) -> None: ...
    def named(batch_size: int) -> None: ...
    def streamed(batch_size: int) -> None: ...

    def batch(build: Any, constant: int | None) -> Setting:
        return settings_of(signatures(data=data, build=build), batch_size=constant)["batch_size"]

    assert batch(data, None) == Setting(32, low=1, part="training")
    assert batch(data, 8) == batch(named, 8) == Setting(8, low=1, part="training")
    made = settings_of(signatures(data=streamed, build=named), batch_size=8)["batch_size"]
    assert made == Setting(8, low=1, part="data")
    assert batch(build, None) == batch(build, 16) == Setting(16, low=1, part="model", any_text=True)
    with pytest.raises(TaskError, match="its default is 16 here, but 8 in the file"):
        batch(build, 8)


def test_one_annotation_is_enough_and_two_must_agree() -> None:
    def data(kind: Literal["a", "b"]) -> None: ...
    def build(kind: str = "a") -> None: ...
    def other(kind: Literal["a"] = "a") -> None: ...

    setting = settings_of(signatures(data=data, build=build), batch_size=None)["kind"]
    assert setting == Setting("a", choices=("a", "b"), part="data", any_text=True)
    with pytest.raises(TaskError, match=r"`kind` of build\(\): its annotation allows other values here than in data"):
        settings_of(signatures(data=data, build=other), batch_size=None)
