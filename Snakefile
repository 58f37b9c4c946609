"""Umbra: dark-sector exclusion limits of e+e- colliders, from generated events to exclusion plots."""

import os

from snakemake.utils import min_version

min_version("9.27")

# Every key has a default: a folder to work in, or a workflow that uses this one as a module, needs no file of its own.
if os.path.exists("config/config.yaml"):

    configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/samples.smk"


for channel, settings in CHANNELS.items():
    family = f"{channel}_"

    module:
        name: channel
        pathvars:
            results=f"results/{channel}",
            logs=f"logs/{channel}",
            benchmarks=f"logs/benchmarks/{channel}",
        snakefile:
            "workflow/rules/channel.smk"
        config:
            settings

    use rule * from channel as family*


include: "workflow/rules/summary.smk"
include: "workflow/rules/validation.smk"


rule all:
    """Limits and plots of every channel, the summary of each portal and the comparison with what was published."""
    default_target: True
    input:
        collect("results/{channel}/exclusion.png", channel=CHANNELS),
        rules.summary.output.figures,
        rules.validation.output.page,
        rules.cross_sections.output,
