"""Rule `plot`: the figures of a channel."""

from umbra.stages import plot

plot.main(snakemake)
