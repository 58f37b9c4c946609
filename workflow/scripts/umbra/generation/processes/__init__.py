"""Production processes: one file per family."""
