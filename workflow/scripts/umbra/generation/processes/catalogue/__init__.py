"""The processes: one module of entries for each module of classes beside it, and nothing else to register."""
