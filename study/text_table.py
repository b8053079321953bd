"""A table of texts that fits its terminal: names fold at blanks, and the least important columns are left out."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Literal

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions
from rich.text import Text

_GAP = 2
_COMFORTABLE, _TIGHT = 18, 12
"""The widths to which a column of names is narrowed at first, and before an important column would go."""
_IMPORTANT = 2
"""The last rank of the columns that go only after names have folded inside their words."""
_MARKS = ("=", "_./-:,")
"""After these a word that is wider than its column goes on in the next line, after the first one rather."""
_CLAUSES = re.compile("(?<=,) ")
"""Where clauses are parted."""
_INDENT = "  "
"""Stands before each line of a name but its first, so that it is not taken for another row."""


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    title: str
    kind: Literal["name", "clauses", "text", "number"] = "number"
    """Names fold, clauses only after a comma, a text neither folds nor is cut, and numbers stand on the right."""
    rank: int = 0
    """How soon the column goes if there is no room: the highest rank goes first, and rank 0 always stays."""


@dataclass(frozen=True)
class TextTable:
    """A table without lines. A column is left out if it is empty, unless its rank is 0."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Text]]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        widths = self._layout(options.max_width)
        if any(column.title for column in self.columns):
            yield from self._lines([Text(column.title, style="bold") for column in self.columns], widths)
        for row in self.rows:
            yield from self._lines(row, widths)
        if hidden := [self.columns[index].title for index in self._filled if index not in widths]:
            words = f"a wider terminal also shows: {', '.join(dict.fromkeys(hidden))}"
            yield from (Text(line, style="dim") for line in folded(words, options.max_width))

    @cached_property
    def _filled(self) -> list[int]:
        texts = enumerate(self.columns)
        return [index for index, column in texts if column.rank == 0 or any(row[index].plain for row in self.rows)]

    @cached_property
    def _natural(self) -> list[int]:
        """The width that each column needs so that nothing folds."""
        titles = [cell_len(column.title) for column in self.columns]
        rows = ([text.cell_len for text in row] for row in self.rows)
        return [max(widths) for widths in zip(titles, *rows, strict=True)]

    def _layout(self, room: int) -> dict[int, int]:
        """Returns the columns that are shown, each with its width. Rank 0 may need more than there is room."""
        ranks = [column.rank for column in self.columns]
        order = sorted(self._filled, key=lambda index: (ranks[index], index))
        always, last = (sum(ranks[index] <= rank for index in order) for rank in (0, _IMPORTANT))
        comfortable, tight = self._narrow(_COMFORTABLE, whole_words=True), self._narrow(_TIGHT, whole_words=False)
        ways = [(count, comfortable) for count in range(len(order), last - 1, -1)]
        ways += [(last, self._with_folded_clauses(comfortable))]
        ways += [(count, self._with_folded_clauses(tight)) for count in range(last, always - 1, -1)]
        for count, narrow in ways:
            widths = {index: narrow[index] for index in sorted(order[:count])}
            if _total(widths) <= room:
                break
        return self._widened(widths, room)

    def _narrow(self, most: int, *, whole_words: bool) -> list[int]:
        """Returns the width of each column if names take several lines. Whole words fold at blanks and after `=`."""
        widths = list(self._natural)
        for index, column in enumerate(self.columns):
            if column.kind == "name":
                names = [row[index].plain for row in self.rows]
                words = chain(*(_word_widths(name, most) for name in names)) if whole_words else ()
                widths[index] = min(widths[index], max(most, cell_len(column.title), *words, 0))
        return widths

    def _with_folded_clauses(self, widths: Sequence[int]) -> list[int]:
        """Returns the widths with those of clauses as narrow as they can be."""
        narrow = list(widths)
        for index, column in enumerate(self.columns):
            if column.kind == "clauses":
                clauses = chain(*(_part_widths(_CLAUSES.split(row[index].plain)) for row in self.rows))
                narrow[index] = max(cell_len(column.title), *clauses, 0)
        return narrow

    def _widened(self, widths: Mapping[int, int], room: int) -> dict[int, int]:
        """Returns the widths with the room that is left given to the columns that fold."""
        wide = dict(widths)
        while _total(wide) < room and (folding := [index for index in wide if wide[index] < self._natural[index]]):
            wide[min(folding, key=wide.__getitem__)] += 1
        return wide

    def _lines(self, row: Sequence[Text], widths: Mapping[int, int]) -> Iterator[Text]:
        cells = [self._cell(row[index], index, width) for index, width in widths.items()]
        for number in range(max(map(len, cells))):
            line = Text()
            for cell, (index, width) in zip(cells, widths.items(), strict=True):
                part = cell[number] if number < len(cell) else Text()
                blanks = " " * (width - part.cell_len)
                line.append(blanks if self.columns[index].kind == "number" else "").append_text(part)
                line.append(("" if self.columns[index].kind == "number" else blanks) + " " * _GAP)
            line.rstrip()
            yield line

    def _cell(self, text: Text, index: int, width: int) -> list[Text]:
        """Returns the lines of a cell."""
        if self.columns[index].kind not in ("name", "clauses") or text.cell_len <= width:
            return [text]
        parts = text.plain.split() if self.columns[index].kind == "name" else _CLAUSES.split(text.plain)
        return [Text(line, style=text.style) for line in _in_lines(parts, width, indent=_INDENT)]


def _word_widths(name: str, most: int) -> Iterator[int]:
    """Yields the width of each word of a name with its indent, or that of each part if it may fold after a `=`."""
    words = (part for word in name.split() for part in (re.split("(?<==)", word) if cell_len(word) > most else [word]))
    return _part_widths(words)


def _part_widths(parts: Iterable[str]) -> Iterator[int]:
    """Yields the width of each part with its indent. The first one has none."""
    return (cell_len(part) + (len(_INDENT) if place else 0) for place, part in enumerate(parts))


def _total(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + _GAP * (len(widths) - 1)


def folded(text: str, width: int) -> list[str]:
    """Returns a text as lines, folded at blanks. A word folds, too, if it is wider than `width` columns."""
    return _in_lines(text.split(), width)


def _in_lines(parts: Iterable[str], width: int, *, indent: str = "") -> list[str]:
    """Returns the parts in lines, each with as many as there is room for. A part that is wider folds, too.

    `indent` stands before each line but the first.
    """
    lines: list[str] = []
    for part in parts:
        start = indent if lines else ""
        if lines and cell_len(f"{lines[-1]} {part}") <= width:
            lines[-1] += f" {part}"
        elif cell_len(start + part) <= width:
            lines.append(start + part)
        else:
            first, *others = _broken(part, max(1, width - len(indent)))
            lines += [start + first, *(indent + piece for piece in others)]
    return lines


def _broken(word: str, width: int, marks: Sequence[str] = _MARKS) -> list[str]:
    """Returns the parts of a word, each of at most `width` columns."""
    if cell_len(word) <= width:
        return [word]
    if not marks:
        return chop_cells(word, width)
    mark, parts = re.escape(marks[0]), [""]
    for piece in re.findall(f"[^{mark}]*[{mark}]+|[^{mark}]+", word):
        for part in _broken(piece, width, marks[1:]):
            joined = parts[-1] + part
            parts[-1:] = [joined] if cell_len(joined) <= width else [parts[-1], part]
    return parts
