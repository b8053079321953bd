"""A study without Optuna or MLflow: results in one file, and its import into a store."""
