"""What people browse: MLflow's runs and models. All of it can be made again from the ledger.

Only this package uses MLflow's own names. Each study has one experiment with one parent run. Each trial has one child
run of that parent.
"""
