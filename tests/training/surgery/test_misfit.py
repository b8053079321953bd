"""How reasons speak of shapes."""

from study.training.surgery.misfit import in_words


def test_a_shape_is_that_of_one_example() -> None:
    assert in_words((None, 8, None, 3)) == "(8, any, 3)"
    assert in_words((32, 5)) == "(5)"
