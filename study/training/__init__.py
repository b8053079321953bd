"""The work inside a worker: it builds a Keras model, trains it, measures it and saves it."""
