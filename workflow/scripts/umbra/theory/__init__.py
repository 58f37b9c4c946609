"""Dark-sector models: coupling to width, branching fraction, lifetime."""
