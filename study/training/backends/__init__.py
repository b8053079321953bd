"""One module for each Keras backend; only these import TensorFlow or JAX."""
