"""What happened: the cells of a study and their trials. The ledger is the truth."""
