"""Rule `table`: the limits of a channel in one table, and outlines of the regions that are excluded."""

from umbra.stages import table

table.main(snakemake)
