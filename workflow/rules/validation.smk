"""Validation: ours against what was published, bin by bin.

Reads the limit tables of all channels and the published limits; writes `results/validation/`.
"""


rule validation:
    """Compare every channel with its published limits."""
    input:
        tables=collect("results/{channel}/limits.csv", channel=CHANNELS),
        contours=collect("results/{channel}/contours.csv", channel=CHANNELS),
        provenance=collect("results/{channel}/limits.provenance.json", channel=CHANNELS),
        spectra=collect("results/{channel}/spectra.csv", channel=PROJECT.with_spectra),
        published=local(PROJECT.published),
        full_scans=local(PROJECT.validation["full_scans"]),
    output:
        page=report("results/validation/index.md", category="Validation"),
        bins="results/validation/bins.csv",
        verdicts="results/validation/verdicts.csv",
        spectra="results/validation/spectra.csv",
    log:
        "logs/validation.log",
    benchmark:
        "logs/benchmarks/validation.tsv"
    conda:
        "../../envs/umbra.yaml"
    params:
        code=lookup(dpath="validation", within=CODES),
        slice=PROJECT.plot_slices,
        scan=lookup(dpath="scan", within=PROJECT.run),
    script:
        "../scripts/validation.py"


rule cross_sections:
    """Lay our cross-sections beside those of other generators, formulas and talks."""
    input:
        local(PROJECT.validation["cross_sections"]),
    output:
        collect("results/validation/cross_sections.{suffix}", suffix=["csv", "pdf", "png"]),
    log:
        "logs/cross_sections.log",
    benchmark:
        "logs/benchmarks/cross_sections.tsv"
    conda:
        "../../envs/umbra.yaml"
    params:
        code=lookup(dpath="cross_sections", within=CODES),
        scan=lookup(dpath="scan", within=PROJECT.run),
    script:
        "../scripts/cross_sections.py"


rule injections:
    """Gather what the channels find of injected signals; made on demand."""
    input:
        collect("results/{channel}/injection.json", channel=CHANNELS),
    output:
        collect("results/validation/injection.{suffix}", suffix=["csv", "pdf", "png"]),
    log:
        "logs/injections.log",
    conda:
        "../../envs/umbra.yaml"
    params:
        code=lookup(dpath="injections", within=CODES),
    script:
        "../scripts/injections.py"


rule audits:
    """Gather what stock pyhf says of the limits of all channels."""
    input:
        collect("results/{channel}/audit.json", channel=CHANNELS),
    output:
        table="results/validation/audit.csv",
        page=report("results/validation/audit.md", category="Validation"),
    log:
        "logs/audits.log",
    conda:
        "../../envs/umbra.yaml"
    params:
        code=lookup(dpath="audits", within=CODES),
    script:
        "../scripts/audits.py"
