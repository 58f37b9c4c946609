"""Rule `limit`: limits of one block of mass points."""

from umbra.stages import limit

limit.main(snakemake)
