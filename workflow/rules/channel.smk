"""The chain of one channel, from the samples to the plots; the Snakefile instantiates it once for each channel.

Reads the shared samples (literal paths); everything else lives under `<results>`, the channel's own folder.
`config` is the settings of the channel, see `umbra.config.project`. Files marked `local` are the user's or the checkout's:
with a default storage provider they stay here, while results go there.
"""

import os

from umbra.config import project as configuration


rule skim:
    """Pass one sample through detector and selection; count every cut."""
    input:
        events=configuration.entry(config["sample_files"], "sample"),
        infos=configuration.entry(config["sample_infos"], "sample"),
    output:
        skim="<results>/skims/{sample}.root",
        cutflow="<results>/skims/{sample}.json",
    log:
        "<logs>/skim_{sample}.log",
    cache: "SNAKEMAKE_OUTPUT_CACHE" in os.environ
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["skim"],
        sample=configuration.entry(config["samples"], "sample"),
        slice=config["slices"]["skim"],
    script:
        "../scripts/skim.py"


rule model:
    """Turn skims into signal efficiency and shape against mass, and into background templates."""
    input:
        skims=collect("<results>/skims/{sample}.root", sample=config["samples"]),
        cutflows=collect("<results>/skims/{sample}.json", sample=config["samples"]),
    output:
        signal="<results>/signal_model.json",
        templates="<results>/templates.root",
    log:
        "<logs>/model.log",
    benchmark:
        "<benchmarks>/model.tsv"
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["model"],
        slice=config["slices"]["model"],
    script:
        "../scripts/model.py"


rule data:
    """Write what plays the part of the data: pseudo-data, or a file's events in the bins of the templates."""
    input:
        model=rules.model.output,
        files=local(config["data_files"]),
    output:
        "<results>/data.root",
    log:
        "<logs>/data.log",
    benchmark:
        "<benchmarks>/data.tsv"
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["data"],
        slice=config["slices"]["data"],
    script:
        "../scripts/data.py"


rule fit:
    """Build the workspaces of one block of mass points and fit them."""
    input:
        model=rules.model.output,
        data=rules.data.output[0],
    output:
        fits="<results>/fits/{block}.json",
        workspaces="<results>/workspaces/{block}.zip",
    log:
        "<logs>/fit_{block}.log",
    benchmark:
        "<benchmarks>/fit_{block}.tsv"
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["fit"],
        slice=config["slices"]["fit"],
        hypotheses=configuration.entry(config["blocks"], "block"),
    script:
        "../scripts/fit.py"


rule limit:
    """Set the limits of one block of mass points."""
    input:
        fits="<results>/fits/{block}.json",
        workspaces="<results>/workspaces/{block}.zip",
    output:
        "<results>/limits/{block}.json",
    log:
        "<logs>/limit_{block}.log",
    benchmark:
        "<benchmarks>/limit_{block}.tsv"
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["limit"],
        slice=config["slices"]["limit"],
    script:
        "../scripts/limit.py"


rule audit:
    """Ask stock pyhf for CLs at some of the limits; a disagreement fails the run."""
    input:
        limits=collect("<results>/limits/{block}.json", block=config["blocks"]),
        workspaces=collect("<results>/workspaces/{block}.zip", block=config["blocks"]),
    output:
        "<results>/audit.json",
    log:
        "<logs>/audit.log",
    benchmark:
        "<benchmarks>/audit.tsv"
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["audit"],
        slice=config["slices"]["audit"],
    script:
        "../scripts/audit.py"


rule table:
    """Gather the limits of all blocks in one table, and the excluded regions that have an upper edge."""
    input:
        limits=collect("<results>/limits/{block}.json", block=config["blocks"]),
        cutflows=rules.model.input.cutflows,
    output:
        table=report(
            "<results>/limits.csv",
            category="Limits",
            labels={"channel": config["name"]},
        ),
        contours="<results>/contours.csv",
        provenance="<results>/limits.provenance.json",
    log:
        "<logs>/table.log",
    benchmark:
        "<benchmarks>/table.tsv"
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["table"],
        slice=config["slices"]["table"],
    script:
        "../scripts/table.py"


rule toys:
    """Make one chunk of pseudo-experiments of the whole scan; only where there are data."""
    input:
        model=rules.model.output,
        data=rules.data.output[0],
        fits=collect("<results>/fits/{block}.json", block=config["blocks"]),
        workspaces=collect("<results>/workspaces/{block}.zip", block=config["blocks"]),
    output:
        "<results>/toys/{chunk}.json",
    log:
        "<logs>/toys_{chunk}.log",
    benchmark:
        "<benchmarks>/toys_{chunk}.tsv"
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["toys"],
        slice=config["slices"]["toys"],
        chunk="{chunk}",
    script:
        "../scripts/toys.py"


rule significance:
    """Give the global significance of the largest excess; only where there are data."""
    input:
        toys=collect("<results>/toys/{chunk}.json", chunk=config["toy_chunks"]),
        fits=collect("<results>/fits/{block}.json", block=config["blocks"]),
    output:
        "<results>/significance.json",
    log:
        "<logs>/significance.log",
    benchmark:
        "<benchmarks>/significance.tsv"
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["significance"],
        slice=config["slices"]["significance"],
    script:
        "../scripts/significance.py"


rule injection:
    """Put signals into pseudo-data and see what comes back; made on demand."""
    input:
        model=rules.model.output,
        fits=collect("<results>/fits/{block}.json", block=config["blocks"]),
        workspaces=collect("<results>/workspaces/{block}.zip", block=config["blocks"]),
    output:
        "<results>/injection.json",
    log:
        "<logs>/injection.log",
    benchmark:
        "<benchmarks>/injection.tsv"
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["injection"],
        slice=config["slices"]["injection"],
    script:
        "../scripts/injection.py"


rule plot:
    """Draw the exclusion, example fits, efficiency and cutflow, and with data the p-values."""
    input:
        table=rules.table.output.table,
        contours=rules.table.output.contours,
        model=rules.model.output,
        data=rules.data.output[0],
        cutflows=rules.model.input.cutflows,
        skims=rules.model.input.skims,
        fits=collect("<results>/fits/{block}.json", block=config["blocks"]),
        workspaces=collect("<results>/workspaces/{block}.zip", block=config["blocks"]),
        published=local(config["published_files"]),
        significance=config["significance_files"],
    output:
        figures=report(collect("<results>/{figure}.png", figure=config["figures"]), category="Channels"),
        others=collect("<results>/{figure}.{suffix}", figure=config["figures"], suffix=["pdf", "csv"]),
    log:
        "<logs>/plot.log",
    benchmark:
        "<benchmarks>/plot.tsv"
    priority: config["priority"]
    conda:
        "../../envs/umbra.yaml"
    params:
        code=config["code"]["plot"],
        slice=config["slices"]["plot"],
    script:
        "../scripts/plot.py"
