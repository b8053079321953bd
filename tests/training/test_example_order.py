"""Which examples a trial trains on, and in which order."""

from study.space.trial import TrialConfig
from study.task import Fidelity
from study.training.example_order import chosen_examples, epoch_order


def config(**changes: object) -> TrialConfig:
    plain: dict[str, object] = {
        "task": "toy",
        "task_version": 1,
        "settings": {"batch_size": 32},
        "defaults": {"batch_size": 32},
        "fidelity": Fidelity(3, 100, 10),
        "seed": 1,
    }
    return TrialConfig(**{**plain, **changes})  # type: ignore[arg-type]


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    first = epoch_order(config(), 1, count=100)
    assert sorted(first) == list(range(100))
    assert (first == epoch_order(config(), 1, count=100)).all()
    assert (first != epoch_order(config(), 2, count=100)).any(), "Keras on TensorFlow repeats one order for ever"
    assert (first != epoch_order(config(seed=2), 1, count=100)).any()
    fixed = [epoch_order(config(seed=seed, vary=("weights",)), 1, count=100) for seed in (1, 2)]
    assert (fixed[0] == fixed[1]).all()


def test_a_task_may_keep_the_order_of_its_data() -> None:
    assert epoch_order(config(), 2, count=5, shuffle=False).tolist() == [0, 1, 2, 3, 4]


def test_a_budget_without_a_number_takes_all_examples() -> None:
    whole = Fidelity(3)
    assert chosen_examples(config(fidelity=whole), 7).tolist() == list(range(7))
    assert sorted(chosen_examples(config(vary=("data",), fidelity=whole), 7)) == list(range(7))


def test_the_training_set_is_a_prefix_of_the_pool_or_of_its_permutation() -> None:
    assert chosen_examples(config(), 300).tolist() == list(range(100))
    varied = config(vary=("data",))
    chosen = chosen_examples(varied, 300)
    assert len(set(chosen)) == 100
    assert chosen.max() > 100
    more = chosen_examples(config(vary=("data",), fidelity=Fidelity(3, 200, 10)), 300)
    assert (more[:100] == chosen).all()
