"""Rule `injection`: what a channel finds of a signal that is put into pseudo-data."""

from umbra.stages import injection

injection.main(snakemake)
