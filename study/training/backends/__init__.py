"""One module for each Keras backend. Only these modules import TensorFlow, JAX or PyTorch."""
