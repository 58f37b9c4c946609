"""Rule `generate`: one chunk of a sample."""

from umbra.stages import generate

generate.main(snakemake)
