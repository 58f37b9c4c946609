"""Rule `data`: what plays the part of the data."""

from umbra.stages import data

data.main(snakemake)
