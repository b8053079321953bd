"""What code can set in TensorFlow for the whole process."""

import tensorflow as tf
from tensorflow.python.data.ops import debug_mode
from tensorflow.python.eager import context
from tensorflow.python.framework import config, ops

from study.engines.process_state import Switch


def _set_determinism(wanted: bool) -> None:
    # TensorFlow has no public way back.
    (config.enable_op_determinism if wanted else config.disable_op_determinism)()


def _options() -> dict[str, object]:
    # The public function cannot take an option back, only switch it off.
    return dict(context.context()._optimizer_experimental_options)


def _set_options(options: dict[str, object]) -> None:
    context.context()._optimizer_experimental_options = dict(options)
    context.context()._thread_local_data.function_call_options = None  # It is made anew from the options.


def _version_1() -> tuple[bool, ...]:
    compat = tf.compat.v1
    eager = tf.executing_eagerly()
    return eager, compat.control_flow_v2_enabled(), compat.resource_variables_enabled(), tf.Tensor._USE_EQUALITY


def _threads() -> tuple[int, int]:
    threading = tf.config.threading
    return threading.get_intra_op_parallelism_threads(), threading.get_inter_op_parallelism_threads()


SWITCHES = (
    Switch("TensorFlow's eager functions", tf.config.functions_run_eagerly, tf.config.run_functions_eagerly),
    Switch("tf.data's debugging", lambda: debug_mode.DEBUG_MODE, debug_mode.toggle_debug_mode),
    Switch("TensorFlow's soft placement", tf.config.get_soft_device_placement, tf.config.set_soft_device_placement),
    Switch(
        "TensorFloat-32",
        tf.config.experimental.tensor_float_32_execution_enabled,
        tf.config.experimental.enable_tensor_float_32_execution,
    ),
    Switch("TensorFlow's compilation", tf.config.optimizer.get_jit, tf.config.optimizer.set_jit),
    Switch("TensorFlow's graph optimizer", _options, _set_options),
    Switch("TensorFlow's determinism", config.is_op_determinism_enabled, _set_determinism),
    Switch(
        "TensorFlow's synchronous execution",
        tf.config.experimental.get_synchronous_execution,
        tf.config.experimental.set_synchronous_execution,
    ),
    Switch(
        "TensorFlow's device policy",
        tf.config.experimental.get_device_policy,
        tf.config.experimental.set_device_policy,
    ),
    Switch("TensorFlow's log of devices", tf.debugging.get_log_device_placement, tf.debugging.set_log_device_placement),
    Switch("TensorFlow's strategy", tf.distribute.has_strategy),
    Switch("TensorFlow's callbacks of operations", lambda: list(context.context().op_callbacks)),
    Switch("TensorFlow's NumPy behaviour", ops.get_dtype_conversion_mode),
    Switch("TensorFlow 1's behaviour", _version_1),
    Switch("TensorFlow's threads", _threads),
    Switch("TensorFlow's visible devices", tf.config.get_visible_devices),
)
