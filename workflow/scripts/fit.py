"""Rule `fit`: workspaces and fits of one block of hypotheses."""

from umbra.stages import fit

fit.main(snakemake)
