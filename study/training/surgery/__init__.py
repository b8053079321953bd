"""Changes the layers of a built model, as a point of a study asks."""
