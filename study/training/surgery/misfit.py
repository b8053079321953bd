"""The reason for which a model cannot be changed, and the words in which reasons speak of shapes."""

from collections.abc import Sequence


class MisfitError(Exception):
    """A change is impossible. The message says why, and the caller says of which change."""

    def __init__(self, text: str, *, mendable: bool = False) -> None:
        super().__init__(text)
        self.mendable = mendable
        """Whether a projection may help."""


def in_words(shape: Sequence[int | None]) -> str:
    """Returns the shape of one example as a person writes it: `(28, 28, 32)`."""
    return f"({', '.join('any' if size is None else str(size) for size in shape[1:])})"
