"""What Snakemake reads while it parses: channels, samples, grids."""
