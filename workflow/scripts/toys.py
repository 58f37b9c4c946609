"""Rule `toys`: one chunk of pseudo-experiments of the whole scan."""

from umbra.stages import toys

toys.main(snakemake)
