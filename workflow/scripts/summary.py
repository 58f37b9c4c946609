"""Rule `summary`: one exclusion plot for each portal."""

from umbra.stages import summary

summary.main(snakemake)
