"""Cells that did not run alike are named, and what they make unknowable."""

from study.inference.effects import compute_effects
from study.inference.mixture import confounded, mixture, mixture_sentence
from tests.analysis.synthetic_tables import table


def test_cells_that_ran_alike_need_no_word() -> None:
    assert (mixture(table()), confounded(table()), mixture_sentence(table())) == ({}, {}, "")


def test_what_differs_is_named_versions_too() -> None:
    cells = table().assign(**{"version.keras": "3.15.1"})
    cells.loc[cells["seed"] == 2, "version.keras"] = "3.15.2"
    cells.loc[cells["seed"] == 1, "threads"] = 1.0
    assert mixture(cells) == {"threads": ["2", "1"], "keras": ["3.15.1", "3.15.2"]}
    assert confounded(cells) == {}
    assert mixture_sentence(cells) == "Not all ran alike: threads 2, 1; keras 3.15.1, 3.15.2."


def test_code_that_differs_is_named_and_unknown_code_differs_from_none() -> None:
    cells = table().assign(code="a1")
    cells.loc[cells["seed"] == 2, "code"] = ""
    assert mixture(cells) == {}
    cells.loc[cells["seed"] == 1, "code"] = "b2"
    assert mixture_sentence(cells) == "Not all ran alike: code a1, b2."


def test_data_that_differ_within_a_point_are_named_and_those_of_points_are_not() -> None:
    cells = table().assign(data="a" * 64)
    cells.loc[cells["point"] == "width=8", "data"] = "b" * 64
    assert mixture(cells) == {}
    cells.loc[(cells["point"] == "width=8") & (cells["seed"] == 1), "data"] = "c" * 64
    assert mixture_sentence(cells) == f"Not all ran alike: data {'b' * 12}, {'c' * 12}."


def test_a_variant_that_shares_nothing_with_the_baseline_is_confounded() -> None:
    cells = table()
    cells.loc[cells["point"] == "width=8", "device"] = "gpu"
    cells.loc[(cells["point"] == "conv_depth=2") & (cells["seed"] == 0), "device"] = "gpu"
    assert confounded(cells) == {"width=8": ["device"]}
    verdicts = {effect.point: effect.verdict for effect in compute_effects(cells)}
    assert verdicts.pop("width=8") == "confounded"
    assert "confounded" not in verdicts.values()
    assert "Confounded: width=8 shared no device with the baseline; more seeds" in mixture_sentence(cells)


def test_cells_that_do_not_count_and_columns_that_say_nothing_do_not_either() -> None:
    cells = table(states={("width=8", seed): "failed" for seed in range(3)})
    cells.loc[cells["point"] == "width=8", "device"] = "gpu"
    cells.loc[cells["point"] == "conv_depth=2", "backend"] = None
    assert mixture_sentence(cells) == ""
    assert mixture_sentence(table().drop(columns=["backend", "device", "threads"])) == ""


def test_processors_and_variables_count_where_they_are_known() -> None:
    cells = table().assign(processor="A 1/1 avx2", variables="none")
    assert mixture(cells) == {}
    cells.loc[cells["seed"] == 1, ["processor", "variables"]] = [None, None]  # Of an earlier version.
    assert mixture(cells) == {}
    cells.loc[cells["seed"] == 2, "variables"] = "TF_ENABLE_ONEDNN_OPTS=0"
    cells.loc[cells["point"] == "width=8", "processor"] = "B 2/1 avx2 avx512f"
    assert mixture(cells).keys() == {"processor", "variables"}
    assert confounded(cells) == {"width=8": ["processor"]}
