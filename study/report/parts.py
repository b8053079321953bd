"""What a report consists of, before it becomes a page: sections of sentences, tables, figures and commands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of finished texts."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: int = 1
    """How many of the first columns hold texts. The others hold numbers."""
    verdicts: Sequence[str] = ()
    """The verdict that colours each row; empty if the rows have none."""
    folded: str = ""
    """The line that opens the table; empty if it is always open."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure, drawn for light and for dark pages."""

    name: str
    title: str
    """The question."""
    answer: str
    """The question's answer in one sentence; empty if there is none."""
    caption: str
    """What the figure rests on, and how to read it."""
    light: str
    """An image in SVG, without these words."""
    dark: str
    whole: Callable[[], str] = field(compare=False)
    """Draws the light image with its words, for where it stands alone."""
    command: str
    """The command that draws it again."""

    @property
    def text(self) -> str:
        """What the figure shows, for readers who cannot see it."""
        return f"{self.title} {self.answer}".strip()


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a report under its own heading. What it holds stands in this order."""

    title: str
    sentences: Sequence[str] = ()
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()
    commands: Sequence[str] = ()
    notes: Sequence[str] = ()
    """Sentences below the tables."""
    definition: str = ""
    """The text of the study's file, which is folded."""
    listed: bool = False
    """Whether the sentences are a list."""

    @property
    def anchor(self) -> str:
        """The name by which a page's own links find the section."""
        return self.title.lower().replace(" ", "-")


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole report."""

    study: str
    question: str
    answer: str
    """One or two sentences."""
    facts: Sequence[tuple[str, str]]
    """A few numbers at first sight: what, and how much."""
    sections: Sequence[Section]

    @property
    def pictures(self) -> Sequence[Picture]:
        """The figures of all sections."""
        return [picture for section in self.sections for picture in section.pictures]
