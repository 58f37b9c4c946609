"""Rule `cross_sections`: ours beside those of other generators, formulas and talks."""

from umbra.stages import cross_sections

cross_sections.main(snakemake)
