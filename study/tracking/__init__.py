"""What people browse: MLflow's runs and models. All of it can be made again from the ledger."""
