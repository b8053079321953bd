"""A design has the defaults that the page about the grammar promises."""

from study.space.design import Confirm, Design


def test_a_sweep_is_confirmed_on_three_points_and_five_seeds_unless_it_says_otherwise() -> None:
    design = Design("sweep", trials=9)
    assert design.confirm == Confirm(top=3, seeds=5)
    assert (design.seed, design.sampler, design.pruner) == (0, "tpe", "none")
