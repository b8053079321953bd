"""Texts from outside become texts that every encoding and every terminal takes."""

import os

import pytest

from study.space.printable import printable, printable_cell, printable_line, printable_part, printable_texts

NAME = os.fsdecode(b"/data/caf\xe9.h5")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain, with a tab\tand a line\n", "plain, with a tab\tand a line\n"),
        ("Überraschung 🐎 日本", "Überraschung 🐎 日本"),
        (NAME, "/data/caf\\udce9.h5"),
        ("a\0b", "a\\x00b"),
        ("\x1b[1;31mred\x1b[0m and \x1b]0;title\x07done", "red and done"),
        ("\x1b", "\\x1b"),
        ("old\rnew\r\n", "old\\rnew\n"),
        ("one\u2028two\x85", "one\\u2028two\\x85"),
        ("gnp.\u202eexe\u2066", "gnp.\\u202eexe\\u2066"),  # It would be shown as if it ended otherwise.
    ],
)
def test_only_what_does_harm_is_replaced(text: str, safe: str) -> None:
    assert printable(text) == safe == printable(safe)
    safe.encode()


def test_every_character_becomes_one_that_utf8_has() -> None:
    everything = "".join(map(chr, range(0x110000)))
    safe = printable(everything)
    safe.encode()
    assert not [letter for letter in map(chr, [*range(9), *range(11, 32), *range(127, 160)]) if letter in safe]


def test_a_line_is_one_line_and_no_longer_than_it_may_be() -> None:
    assert printable_line("  a\n\n b\x00 ", most=20) == "a b\\x00"
    long = printable_line("word " * 10**6, most=20)
    assert (len(long), long[-1]) == (20, "…")
    assert printable_line(long, most=20) == long


@pytest.mark.parametrize("filling", ["x", "\0", "\n", NAME])
def test_a_long_text_keeps_its_beginning_and_its_end(filling: str) -> None:
    text = printable_part("Traceback" + filling * 100_000 + "ValueError", most=500)
    assert len(text) <= 500
    assert text.startswith("Traceback")
    assert text.endswith("ValueError")
    assert printable_part(text, most=500) == text


def test_a_cell_of_a_table_in_markdown_is_one_line_without_its_border() -> None:
    assert printable_cell("a|b\nc \x1b[31mred\0") == "a\\|b c red\\x00"


def test_the_texts_inside_a_value_are_made_printable() -> None:
    value = {"name": NAME, "list": ["\0", 1, None, 2.5], NAME: {"deep": "\x1b[1mbold"}}
    safe = {"name": "/data/caf\\udce9.h5", "list": ["\\x00", 1, None, 2.5], "/data/caf\\udce9.h5": {"deep": "bold"}}
    assert printable_texts(value) == safe
