"""Rule `joint_table`: the limits of a joint fit in tables, and its page."""

from umbra.stages import joint_table

joint_table.main(snakemake)
