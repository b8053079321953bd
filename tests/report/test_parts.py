"""The parts of a report."""

from study.report.parts import Section


def test_a_section_has_a_name_for_links() -> None:
    assert Section(title="How to redo it").anchor == "how-to-redo-it"
