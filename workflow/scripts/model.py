"""Rule `model`: signal efficiency and shape, background templates."""

from umbra.stages import model

model.main(snakemake)
