"""From expectation and data to fits: data, workspaces, pseudo-experiments."""
