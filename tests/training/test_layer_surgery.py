"""Layers left out, replaced, frozen, drawn anew or given another activation, in every kind of model."""

from typing import Any

import keras
import numpy as np
import pytest

from study.errors import SurgeryError, TaskError
from study.space.surgery import REFUSED, Operation
from study.training.layer_surgery import check_runs, operate
from tests.training.surgery.models import batch, by_chance, chain, compiled, nested, residual, towers


@pytest.fixture(autouse=True)
def _seeded() -> None:
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)


def done(model: Any, kind: Any, *layers: str, **more: Any) -> Any:
    """The model after one operation; it then trains a step."""
    changed = operate(model, [Operation(kind, layers, **more)], seed=3)
    inputs, targets = batch(changed)
    assert np.isfinite(changed.train_on_batch(inputs, targets)).all()
    return changed


def refusal(model: Any, kind: Any, *layers: str, **more: Any) -> str:
    with pytest.raises(SurgeryError) as caught:
        operate(model, [Operation(kind, layers, **more)], seed=3)
    text = str(caught.value)
    assert text.startswith(REFUSED)
    assert "\n" not in text
    return text.removeprefix(REFUSED)


def names(model: Any) -> list[str]:
    return [layer.name for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]


def test_a_layer_is_removed_and_the_others_keep_their_weights() -> None:
    model = chain()
    before = {layer.name: layer.get_weights() for layer in model.layers}
    changed = operate(model, [Operation("remove", ("conv_2",))], seed=3)
    assert names(changed) == [name for name in names(model) if name != "conv_2"]
    assert isinstance(changed, keras.Sequential)
    for layer in changed.layers:
        for now, then in zip(layer.get_weights(), before[layer.name], strict=True):
            np.testing.assert_array_equal(now, then)


def test_a_layer_that_others_depend_on_is_refused_unless_it_may_be_mended() -> None:
    text = refusal(chain(), "remove", "conv_1")
    assert text == (
        "conv_1 cannot be removed: norm_1 was built for (8, 8, 4) and would get (8, 8, 3); ask for mend = 'project', "
        "or change the layers together that depend on each other (a group)"
    )
    changed = done(chain(), "remove", "conv_1", mend="project")
    added = changed.get_layer("conv_1_projection")
    assert (added.kernel_size, added.filters) == ((1, 1), 4)


def test_nothing_is_added_where_the_rest_fits() -> None:
    assert names(done(chain(), "remove", "conv_2", mend="project")) == names(done(chain(), "remove", "conv_2"))


def test_a_pool_is_mended_by_a_stride_and_a_valid_convolution_by_its_middle() -> None:
    pooled = done(chain(), "remove", "pool", mend="project")
    assert pooled.get_layer("pool_projection").strides == (2, 2)
    valid = done(chain(), "remove", "conv_3", mend="project")
    assert valid.get_layer("conv_3_projection_crop").cropping == ((0, 1), (0, 1))


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ("answer", "answer cannot be removed: answer gives the model's answer"),
        ("flat", "flat cannot be removed: a 1x1 projection cannot make (54) of (3, 3, 6)"),
    ],
)
def test_what_cannot_be_mended_is_refused_with_a_reason(layer: str, reason: str) -> None:
    assert refusal(chain(), "remove", layer, mend="project").startswith(reason)


def test_a_group_or_a_pattern_goes_together() -> None:
    changed = done(chain(), "remove", "conv_?", "norm_1", "relu_3", mend="project")
    assert names(changed) == [
        "conv_2_projection",
        "pool",
        "relu_3_projection_crop",
        "relu_3_projection",
        "flat",
        "answer",
    ]


def test_a_branch_without_layers_is_left_out_of_its_merge_and_an_identity_stays() -> None:
    assert names(done(residual(), "remove", "block_*")) == ["stem", "squeeze", "gate", "gated", "pool", "answer"]
    model = residual()
    inputs, _ = batch(model)
    layers = {layer.name: layer for layer in model.layers}
    x = 2 * layers["stem"](inputs)
    expected = layers["answer"](layers["pool"](x * layers["gate"](layers["squeeze"](x))))
    identity = operate(model, [Operation("identity", ("block_1", "block_2"))], seed=3)
    np.testing.assert_allclose(identity(inputs), expected, rtol=1e-5)


def test_a_merge_that_is_removed_loses_its_shortcut_and_a_gate_its_gate() -> None:
    assert "merge" not in names(changed := done(residual(), "remove", "merge"))
    assert {"block_1", "block_2"} <= {*names(changed)}
    assert names(done(residual(), "remove", "gated")) == ["stem", "block_1", "block_2", "merge", "pool", "answer"]
    assert refusal(residual(), "identity", "merge").startswith(
        "merge cannot be replaced by the identity: merge has 2 inputs; remove it, or one of its branches"
    )


def test_sizes_of_one_are_never_repeated_in_silence() -> None:
    assert "gated would get (8, 8, 4)" in refusal(residual(), "identity", "squeeze")


def test_a_concatenation_with_fewer_branches_is_mended() -> None:
    model = residual(keras.layers.Concatenate)
    assert "was built for" in refusal(model, "remove", "block_1", "block_2")
    assert "merge_projection" in names(
        done(residual(keras.layers.Concatenate), "remove", "block_1", "block_2", mend="project")
    )


def test_a_whole_input_may_be_left_out_and_answers_keep_their_losses() -> None:
    changed = done(towers(), "remove", "read", mend="project")
    assert "both" not in names(changed)
    assert set(changed.output_names) == {"size", "kind"}
    raw = done(towers(), "identity", "read", mend="project")
    assert raw.get_layer("read_projection").units == 3


def test_layers_inside_a_model_are_changed_wherever_it_is_used() -> None:
    for name in ("conv_2", "backbone/conv_2"):
        changed = done(nested(), "remove", name)
        assert names(changed.get_layer("backbone")) == ["conv_1", "pool"]
    assert names(done(nested(), "remove", "backbone/conv_1", mend="project").get_layer("backbone")) == [
        "conv_1_projection",
        "conv_2",
        "pool",
    ]


def test_a_name_that_no_layer_has_is_a_mistake_of_the_file() -> None:
    with pytest.raises(TaskError, match=r"surgery: the model has no layer 'conv_22'; did you mean 'conv_2'\?"):
        operate(chain(), [Operation("remove", ("conv_22",))], seed=3)


def test_frozen_layers_keep_their_weights_through_training() -> None:
    model = chain()
    frozen, others = model.get_layer("conv_1").get_weights(), model.get_layer("conv_2").get_weights()
    changed = done(model, "freeze", "conv_1", "norm_1")
    for now, then in zip(changed.get_layer("conv_1").get_weights(), frozen, strict=True):
        np.testing.assert_array_equal(now, then)
    assert not np.array_equal(changed.get_layer("conv_2").get_weights()[0], others[0])
    assert refusal(chain(), "freeze", "pool") == "pool cannot be frozen: nothing in it is trained"
    assert "nothing would be left to train" in refusal(chain(), "freeze", "*_?", "answer")


def test_weights_are_drawn_anew_from_the_seed_alone() -> None:
    first, second, other = chain(), chain(), chain()
    for model, seed in ((first, 5), (second, 5), (other, 6)):
        operate(model, [Operation("reinitialise", ("conv_2",))], seed=seed)
    kernels = [model.get_layer("conv_2").get_weights()[0] for model in (first, second, other, chain())]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[0], kernels[2])
    assert not np.array_equal(kernels[0], kernels[3])
    assert refusal(chain(), "reinitialise", "flat") == "flat cannot be drawn anew: flat has no weights"


def test_activations_are_exchanged_in_layers_of_either_kind() -> None:
    changed = done(chain(), "activation", activation="gelu")
    assert changed.get_layer("conv_1").activation is keras.activations.gelu
    assert changed.get_layer("relu_3").activation is keras.activations.gelu
    assert changed.get_layer("answer").activation is keras.activations.linear
    gated = done(residual(), "activation", activation="tanh")
    assert gated.get_layer("gate").activation is keras.activations.sigmoid
    assert done(residual(), "activation", "gate", activation="relu").get_layer("gate").activation is (
        keras.activations.relu
    )
    assert refusal(chain(), "activation", "pool", activation="gelu").endswith("pool has no activation")


class Own(keras.Model):  # type: ignore[misc]
    """A model whose layers only its code knows."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.answer = keras.layers.Dense(3, name="hidden"), keras.layers.Dense(2, name="answer")

    def call(self, inputs: Any) -> Any:
        return self.answer(self.hidden(inputs))


def test_a_model_without_a_graph_can_be_frozen_but_not_taken_apart() -> None:
    model = compiled(Own())
    model(np.zeros((2, 4), "float32"))
    assert refusal(model, "remove", "hidden").endswith(
        "Own is neither functional nor sequential, so that only its code knows its layers"
    )
    changed = operate(model, [Operation("freeze", ("hidden",))], seed=3)
    assert changed is model
    assert [weight.path.split("/")[-2] for weight in changed.trainable_weights] == ["answer", "answer"]


def test_several_operations_are_done_together() -> None:
    work = [Operation("remove", ("conv_2",)), Operation("freeze", ("conv_1",)), Operation("activation", (), "tanh")]
    changed = operate(chain(), work, seed=3)
    assert "conv_2" not in names(changed)
    assert not changed.get_layer("conv_1").trainable
    assert changed.get_layer("conv_1").activation is keras.activations.tanh


def test_a_layer_that_finds_out_late_that_a_shape_does_not_fit_is_refused() -> None:
    with pytest.raises(SurgeryError, match=r"^surgery: the changed model does not take the data: "):
        check_runs(chain(), np.zeros((2, 5), "float32"))


CHANGES: list[dict[str, Any]] = [
    {"kind": "remove", "mend": "none"},
    {"kind": "remove", "mend": "project"},
    {"kind": "identity", "mend": "project"},
]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_each_layer_of_a_model_that_chance_made_is_left_out_or_refused(seed: int) -> None:
    model = by_chance(seed)
    trained = 0
    for change in CHANGES:
        for name in [operation.name for operation in model._operations]:
            try:
                trained += done(model, change["kind"], name, mend=change["mend"]) is not model
            except SurgeryError as error:
                assert str(error).startswith(f"{REFUSED}{name} cannot be ")
    assert trained
