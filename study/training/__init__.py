"""What happens inside a worker: build a Keras model, fit it, measure it, keep it."""
