"""Rule `skim`: detector and selection for one sample."""

from umbra.stages import skim

skim.main(snakemake)
