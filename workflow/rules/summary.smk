"""Summary: one exclusion plot for each portal, ours and the published limits together.

Reads the limit tables of all channels and the published limits; writes `results/summary/`.
"""


rule summary:
    """Lay the channels of each portal together with the published limits."""
    input:
        tables=collect("results/{channel}/limits.csv", channel=CHANNELS),
        contours=collect("results/{channel}/contours.csv", channel=CHANNELS),
        published=local(PROJECT.published),
    output:
        figures=report(collect("results/summary/{portal}.png", portal=PROJECT.portals), category="Summary"),
        others=collect(
            "results/summary/{portal}.{suffix}", portal=PROJECT.portals, suffix=["pdf", "csv", "txt", "bib"]
        ),
    log:
        "logs/summary.log",
    benchmark:
        "logs/benchmarks/summary.tsv"
    conda:
        "../../envs/umbra.yaml"
    params:
        code=lookup(dpath="summary", within=CODES),
        slice=PROJECT.plot_slices,
        portals=PROJECT.portals,
    script:
        "../scripts/summary.py"


rule summary_page:
    """Show all portals on one page for a browser, without a network."""
    input:
        tables=rules.summary.input.tables,
        contours=rules.summary.input.contours,
        published=local(PROJECT.published),
        figures=rules.summary.output.figures,
    output:
        "results/summary/index.html",
    log:
        "logs/summary_page.log",
    benchmark:
        "logs/benchmarks/summary_page.tsv"
    conda:
        "../../envs/umbra.yaml"
    params:
        code=lookup(dpath="summary_page", within=CODES),
        slice=PROJECT.plot_slices,
        portals=PROJECT.portals,
    script:
        "../scripts/summary_page.py"
