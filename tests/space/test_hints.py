"""A message shows values as the file has them, short and on one line, and the word that was meant."""

from typing import Any

import pytest

from study.space.hints import did_you_mean, hint, listed, one_line, short, some


@pytest.mark.parametrize(
    ("word", "known", "end"),
    [
        ("dept", ("depth", "width"), "; did you mean 'depth'?"),
        ("val_auc", ("val_accuracy", "val_AUC"), "; did you mean 'val_AUC'?"),
        ("Depht", ("width", "depth"), "; did you mean 'depth'?"),
        ("zzz", ("depth", "width"), ""),
        (3, ("depth",), ""),
        ("dept", (3, True, "depth"), "; did you mean 'depth'?"),
        ("dept", (), ""),
    ],
)
def test_the_word_that_was_meant_is_named_if_one_is_near(word: Any, known: tuple[Any, ...], end: str) -> None:
    assert did_you_mean(word, known) == end


def test_if_no_word_is_near_all_are_named_in_order() -> None:
    assert hint("dept", ["width", "depth"]) == "; did you mean 'depth'?"
    assert hint("zzz", ["width", "depth"]) == "; known are depth, width"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (0, "0"),
        (0.5, "0.5"),
        ("", "''"),
        ("max", "'max'"),
        ({"a": 1}, "a table"),
        ([], "[]"),
        ([1, [2, [3]], {}], "[1, […], a table]"),
        (list(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16..."),
        (["a"] * 25, "['a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', '..."),
        ("x" * 58, f"'{'x' * 58}'"),
        ("x" * 59, f"'{'x' * 56}..."),
    ],
)
def test_a_value_is_shown_as_the_file_has_it_and_cut_if_it_is_long(value: Any, text: str) -> None:
    assert short(value) == text
    assert len(short(value)) <= 60


def test_a_long_list_is_cut_and_shown_at_once() -> None:
    assert short([1] * 20) == f"[{', '.join(['1'] * 20)}]"
    assert short([1] * 21).endswith("1,...")
    assert short([1] * 10_000_000) == short([1] * 21)


def test_of_many_things_the_first_ten_are_listed() -> None:
    assert some(["a", "b"]) == "a, b"
    assert some([str(n) for n in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert some([str(n) for n in range(11)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"
    assert some([str(n) for n in range(1_234)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1,224 more"


def test_a_message_stays_on_its_line() -> None:
    assert one_line("a\nb\t c") == "a b c"
    assert one_line("a\u001b[2Jb") == "a\ufffd[2Jb"


def test_words_are_listed_as_in_a_sentence() -> None:
    assert [listed("a"), listed("ab"), listed("abc")] == ["a", "a and b", "a, b and c"]
