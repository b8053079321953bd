"""A document that is written as TOML reads back as it was."""

import tomllib
from typing import Any

import pytest

from study.space.toml_text import toml_text

TEXTS = ["", 'a "b" \\c', "two\nlines\r\n\tand\x08\x0c\x1b\x00\x7f", "Größe · 尺寸 😀", "[x]", "a = 1 # no", "'''"]
NUMBERS = [0, -5, 2**62, 1e-05, 1e22, -0.1, 1 / 3, 5e-324, 1.0, float("inf"), True, False]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"plain": 1, "table": {"a": 1}, "after": "x"},
        {"texts": TEXTS, "numbers": NUMBERS, "none": [], "empty": {}, "nested": {"a": {"b": {"c": [1, [2]]}}}},
        {"objective": [{"metric": "a"}, {"metric": "b", "inner": {}}], "mixed": [{"a": 1}, 2]},
        {"table": dict.fromkeys(["bare_key-1", "with blank", "", "a.b", "ü", '"', "=", "1"], 1)},
    ],
    ids=["empty", "order", "values", "tables", "keys"],
)
def test_it_reads_back_as_it_was(document: dict[str, Any]) -> None:
    read = tomllib.loads(toml_text(document))
    assert read == document
    assert repr(sorted(read.items())) == repr(sorted(document.items()))  # 1 is not 1.0, and true is not 1.


def test_it_looks_like_a_file_that_a_person_writes() -> None:
    document = {"task": "x", "seeds": 3, "factors": {"a": [1, 2], "b": {"low": 0.1, "log": True}}, "last": True}
    assert toml_text(document) == (
        'task = "x"\nseeds = 3\nlast = true\n\n[factors]\na = [1, 2]\nb = { low = 0.1, log = true }\n'
    )
