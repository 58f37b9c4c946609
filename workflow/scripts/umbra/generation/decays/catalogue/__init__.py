"""The decay chains: one module of entries for each module of functions beside it, and nothing else to register."""
