"""Event selections: one file per signature."""
