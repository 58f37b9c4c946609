"""Rule `significance`: the global significance of the largest excess."""

from umbra.stages import significance

significance.main(snakemake)
