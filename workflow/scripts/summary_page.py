"""Rule `summary_page`: the summaries of all portals as one page for a browser."""

from umbra.stages import summary_page

summary_page.main(snakemake)
