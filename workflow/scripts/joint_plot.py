"""Rule `joint_plot`: the figure of a joint fit."""

from umbra.stages import joint_plot

joint_plot.main(snakemake)
