"""What a package index shows, what a wheel ships, and how the environment is made."""

import tomllib

import pytest

from tests.conftest import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_classifiers_name_every_python_that_is_allowed() -> None:
    prefix = "Programming Language :: Python :: 3."
    named = {int(text.removeprefix(prefix)) for text in SETTINGS["project"]["classifiers"] if text.startswith(prefix)}
    assert SETTINGS["project"]["requires-python"] == f">=3.{min(named)},<3.{max(named) + 1}"
    assert named == set(range(min(named), max(named) + 1))


@pytest.mark.parametrize("package", ["study", "analysis"])
def test_each_package_ships_the_mark_that_it_is_typed(package: str) -> None:
    assert "py.typed" in SETTINGS["tool"]["setuptools"]["package-data"][package]
    assert (ROOT / package / "py.typed").is_file()


def test_uv_trusts_the_certificates_of_the_system() -> None:
    assert "export UV_SYSTEM_CERTS" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_package_ships_the_templates_of_its_report() -> None:
    assert "report/templates/*" in SETTINGS["tool"]["setuptools"]["package-data"]["study"]
    assert any(text.startswith("jinja2") for text in SETTINGS["project"]["dependencies"])
    assert {path.name for path in (ROOT / "study" / "report" / "templates").iterdir()} == {
        "report.css",
        "report.html",
        "report.md",
    }
