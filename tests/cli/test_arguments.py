"""The values that arguments may have."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from study.cli.arguments import gpus, hours, not_negative, positive
from study.cli.commands import parser


def test_allowed_values_are_read() -> None:
    assert (positive("3"), not_negative("0"), hours("0.5"), gpus("auto"), gpus("2")) == (3, 0, 0.5, "auto", "2")


@pytest.mark.parametrize(
    ("read", "text"),
    [(positive, "0"), (positive, "-1"), (positive, "x"), (not_negative, "-1"), (hours, "0"), (hours, "nan"),
     (hours, str(math.inf)), (hours, "x"), (gpus, "0"), (gpus, "all")],
)  # fmt: skip
def test_other_values_are_refused_and_shown(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"not '{text}'$"):
        read(text)


def test_the_file_of_records_stays_where_it_is_when_a_task_changes_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = parser().parse_args(["run", "any.toml", "--records", "cells.jsonl"])
    assert given.records == tmp_path / "cells.jsonl"
    assert given.store.is_absolute()
