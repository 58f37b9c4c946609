"""Rule `injections`: what all channels find of injected signals."""

from umbra.stages import injections

injections.main(snakemake)
