"""Sweeps and ablation studies of Keras models; the command is `study`, the modules are its parts."""
