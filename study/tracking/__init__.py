"""What people browse: MLflow's runs and models. All of it can be made again from the ledger.

No other package knows a name that MLflow gives to anything. One experiment a study, one parent run in it, one child run
a trial.
"""
