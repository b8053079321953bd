"""The page of a report: HTML that asks the network for nothing, and Markdown."""

import re
from html.parser import HTMLParser

from study.report.page import html_page, markdown_page
from study.report.parts import Picture, Report, Section, Table

BAD = "<script>alert(1)</script> & |"
COMMAND = "study plot depth played"
PICTURE = Picture(
    name="depth",
    title=f"More {BAD}",
    answer="Four.",
    caption="Dots: seeds.",
    light="<svg/>",
    dark="<svg id='d'/>",
    whole=lambda: "<svg id='w'/>",
    command=COMMAND,
)
REPORT = Report(
    study="played",
    question=f"Why {BAD}?",
    answer="width=8 has the highest mean.",
    facts=[("cells", "18 complete")],
    sections=[
        Section(
            title="Verdicts",
            sentences=[BAD],
            tables=[
                Table(
                    columns=("variant", "verdict", "n"),
                    rows=[("baseline", "", "3"), (BAD, "no difference", "3")],
                    texts=2,
                    verdicts=("", "no difference"),
                )
            ],
            notes=["a note"],
        ),
        Section(
            title="Figures",
            pictures=[PICTURE],
        ),
        Section(title="Every cell", tables=[Table(columns=("a",), rows=[("1",)], folded="all")], definition="{}"),
    ],
)
VOID = ("meta", "link", "img", "br")


class _Tags(HTMLParser):
    """Collects tags and texts, and checks that every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def parsed(page: str) -> _Tags:
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    return tags


def test_a_page_asks_the_network_for_nothing() -> None:
    page = html_page(REPORT)
    tags = parsed(page)
    addresses = [attrs[name] or "" for _, attrs in tags.found for name in ("src", "href") if name in attrs]
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert "url(" not in page
    assert "@import" not in page
    assert "script" not in {tag for tag, _ in tags.found}


def test_texts_of_a_user_are_texts() -> None:
    tags = parsed(html_page(REPORT))
    assert f"Why {BAD}?" in tags.text
    assert [attrs["alt"] for tag, attrs in tags.found if tag == "img"] == [f"More {BAD} Four."] * 2


def test_rows_have_their_verdict_and_cells_their_column() -> None:
    tags = parsed(html_page(REPORT)).found
    assert [attrs.get("class") for tag, attrs in tags if tag == "tr"][1:3] == ["", "no-difference"]
    assert [attrs["data-column"] for tag, attrs in tags if tag == "td"][:2] == ["verdict", "n"]


def test_every_link_of_the_page_has_its_place() -> None:
    tags = parsed(html_page(REPORT)).found
    names = {attrs["id"] for _, attrs in tags if "id" in attrs}
    links = [(attrs["href"] or "")[1:] for tag, attrs in tags if tag == "a"]
    assert links == ["verdicts", "figures", "every-cell"]
    assert set(links) <= names
    labels = {attrs["aria-labelledby"] for tag, attrs in tags if tag == "section"}
    assert labels <= names


def test_markdown_keeps_its_tables_whole() -> None:
    page = markdown_page(REPORT)
    assert page.startswith("# played: Why <script>")
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert rows[:3] == ["| variant | verdict | n |", "| --- | --- | --: |", "| baseline |  | 3 |"]
    assert rows[3] == "| <script>alert(1)</script> & \\| | no difference | 3 |"
    assert "- More" in page
    assert "`study plot depth played`" in page
    assert not re.search(r"\n{3,}", page)


def test_the_same_report_is_the_same_page() -> None:
    assert html_page(REPORT) == html_page(REPORT)


def test_a_figures_words_stand_beside_it_as_text() -> None:
    text = parsed(html_page(REPORT)).text
    assert text.index(PICTURE.title) < text.index(PICTURE.answer) < text.index(PICTURE.caption) < text.index(COMMAND)
    assert f"- {PICTURE.text} (`{COMMAND}`)" in markdown_page(REPORT)
