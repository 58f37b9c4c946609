"""Rule `audit`: stock pyhf asked for CLs at some of a channel's limits."""

from umbra.stages import audit

audit.main(snakemake)
