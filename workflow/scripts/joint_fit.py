"""Rule `joint_fit`: limits of one block of masses of a joint fit."""

from umbra.stages import joint_fit

joint_fit.main(snakemake)
