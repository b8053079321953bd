"""How reasons speak of shapes."""

import pytest

from study.training.surgery.misfit import in_words, reason_of


def test_a_shape_is_that_of_one_example() -> None:
    assert in_words((None, 8, None, 3)) == "(8, any, 3)"
    assert in_words((32, 5)) == "(5)"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "Exception encountered when calling Pool.call().\n\n\x1b[1mToo small.\x1b[0m\n\nArguments received by "
            "Pool.call():\n  • inputs=1",
            "Too small.",
        ),
        ("no luck\nnone at all", "no luck none at all"),
        ("", "ValueError"),
    ],
)
def test_a_reason_is_short_and_without_what_keras_says_around_it(text: str, reason: str) -> None:
    assert reason_of(ValueError(text)) == reason
    assert len(reason_of(ValueError(f"{text or 'x'} " * 99))) <= 200
