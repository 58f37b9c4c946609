"""Rule `audits`: what stock pyhf says of all channels."""

from umbra.stages import audits

audits.main(snakemake)
