"""Rule `validation`: ours against what was published."""

from umbra.stages import validation

validation.main(snakemake)
