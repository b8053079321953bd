"""The reason for which a model cannot be changed, and the words in which reasons speak of shapes."""

import re
from collections.abc import Sequence

from study.space.printable import printable_line

_MOST_OF_ERROR = 200
_WHERE = re.compile(r"Exception encountered when calling \S+\.|Arguments received by .*", re.DOTALL)
"""What Keras's messages say besides the reason: in which layer, and every argument of it."""


class MisfitError(Exception):
    """A change is impossible. The message says why, and the caller says of which change."""

    def __init__(self, text: str, *, mendable: bool = False) -> None:
        super().__init__(text)
        self.mendable = mendable
        """Whether a projection may help."""


def reason_of(error: BaseException) -> str:
    """Returns the reason in the message of Keras, or of the user's layer, as one short line."""
    text = str(error)
    shorter = printable_line(text, most=len(text) + 1)
    return printable_line(_WHERE.sub("", shorter), most=_MOST_OF_ERROR) or type(error).__name__


def in_words(shape: Sequence[int | None]) -> str:
    """Returns the shape of one example as a person writes it: `(28, 28, 32)`."""
    return f"({', '.join('any' if size is None else str(size) for size in shape[1:])})"
