"""Samples: events of one machine and process, shared by all channels that ask for the same.

Reads the machine and what the generator is told; writes `results/samples/<machine>/<process>/<key>-<chunk>.root`
and a JSON file with the cross-section beside it. The key is the digest of what the generator is told.
"""

import os

asked = configuration.entry(SAMPLES, "machine", "process", "key")


rule generate:
    """Generate one chunk of a sample (for a signal: all its masses) in the laboratory frame."""
    input:
        local(lambda wildcards: asked(wildcards)["files"]),
    output:
        events=raw("results/samples/{machine}/{process}/{key}-{chunk}.root"),
        info="results/samples/{machine}/{process}/{key}-{chunk}.json",
    log:
        "logs/samples/{machine}/{process}/{key}-{chunk}.log",
    cache: "SNAKEMAKE_OUTPUT_CACHE" in os.environ
    priority: configuration.entry(PROJECT.priorities, "machine", "process", "key")
    conda:
        "../../envs/umbra.yaml"
    params:
        sample=asked,
        chunk="{chunk}",
        process="{process}",
        machine="{machine}",
    script:
        "../scripts/generate.py"
