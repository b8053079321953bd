"""Sets, as scripts for one training do, what holds for the whole process."""

import builtins
import gc
import locale
import os
import random
import signal
import sys
import warnings

import keras
import numpy as np
import tensorflow as tf

from tests.user_tasks.points import Points


class WholeProcess(Points):
    name = "whole_process"

    def build(self, settings, *, steps):
        model = super().build(settings, steps=steps)
        keras.config.set_floatx("float64")
        keras.config.set_epsilon(1e-2)
        keras.config.set_image_data_format("channels_first")
        keras.config.disable_interactive_logging()
        keras.config.set_max_epochs(1)
        keras.saving.get_custom_objects()["Dense"] = keras.layers.Dropout
        tf.config.run_functions_eagerly(True)
        tf.data.experimental.enable_debug_mode()
        tf.config.set_soft_device_placement(False)
        tf.config.experimental.enable_tensor_float_32_execution(False)
        tf.config.optimizer.set_jit(True)
        tf.config.optimizer.set_experimental_options({"constant_folding": False, "layout_optimizer": False})
        np.seterr(all="raise")
        np.random.seed(1)
        random.seed(1)
        os.chdir("/")
        os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
        sys.path.insert(0, "/nowhere")
        sys.setrecursionlimit(3000)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        warnings.simplefilter("ignore")
        locale.setlocale(locale.LC_NUMERIC, "C")
        gc.disable()
        builtins.extra = model
        return model


task = WholeProcess()
