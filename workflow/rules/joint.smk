"""Joint fits: several channels in one likelihood, with nuisance parameters that they share; made on demand.

Reads what each channel's stages `model` and `data` left; writes `results/joint/<name>/`. Each is one of `PROJECT.joints`,
those of `config/joint/` whose channels are all part of the run.
"""

JOINTS = PROJECT.joints


rule joint_fit:
    """Build the workspaces of one block of masses, all inputs together and each alone, and set their limits."""
    input:
        signals=lambda wildcards: JOINTS[wildcards.joint].files("signal_model.json"),
        templates=lambda wildcards: JOINTS[wildcards.joint].files("templates.root"),
        data=lambda wildcards: JOINTS[wildcards.joint].files("data.root"),
    output:
        limits="results/joint/{joint}/limits/{block}.json",
        workspaces="results/joint/{joint}/workspaces/{block}.zip",
    log:
        "logs/joint/{joint}/fit_{block}.log",
    benchmark:
        "logs/benchmarks/joint/{joint}/fit_{block}.tsv"
    conda:
        "../../envs/umbra.yaml"
    params:
        code=lambda wildcards: PROJECT.joint_code(wildcards.joint),
        slice=lambda wildcards: PROJECT.joint_slice(wildcards.joint),
        masses_gev=lambda wildcards: JOINTS[wildcards.joint].blocks[wildcards.block],
    script:
        "../scripts/joint_fit.py"


rule joint_table:
    """Gather the limits of all blocks in tables, and say what is correlated and what it gains."""
    input:
        lambda wildcards: JOINTS[wildcards.joint].of_blocks("limits", ".json"),
    output:
        limits="results/joint/{joint}/limits.csv",
        inputs="results/joint/{joint}/inputs.csv",
        page="results/joint/{joint}/index.md",
        provenance="results/joint/{joint}/limits.provenance.json",
    log:
        "logs/joint/{joint}/table.log",
    conda:
        "../../envs/umbra.yaml"
    params:
        code=lookup(dpath="joint_table", within=CODES),
        slice=lambda wildcards: JOINTS[wildcards.joint].joint.model_dump(mode="json"),
        titles=lambda wildcards: JOINTS[wildcards.joint].titles,
        said=lambda wildcards: JOINTS[wildcards.joint].said,
    script:
        "../scripts/joint_table.py"


rule joint_plot:
    """Draw the joint limit beside that of each input, and what it gains over the best."""
    input:
        lambda wildcards: JOINTS[wildcards.joint].of_blocks("limits", ".json"),
    output:
        figure="results/joint/{joint}/exclusion.png",
        others=collect("results/joint/{{joint}}/exclusion.{suffix}", suffix=["pdf", "csv"]),
    log:
        "logs/joint/{joint}/plot.log",
    conda:
        "../../envs/umbra.yaml"
    params:
        code=lookup(dpath="joint_plot", within=CODES),
        slice=lambda wildcards: JOINTS[wildcards.joint].joint.model_dump(mode="json"),
        titles=lambda wildcards: JOINTS[wildcards.joint].titles,
    script:
        "../scripts/joint_plot.py"


rule joint_audit:
    """Ask stock pyhf for CLs at some of the limits; a disagreement fails the run."""
    input:
        limits=lambda wildcards: JOINTS[wildcards.joint].of_blocks("limits", ".json"),
        workspaces=lambda wildcards: JOINTS[wildcards.joint].of_blocks("workspaces", ".zip"),
    output:
        "results/joint/{joint}/audit.json",
    log:
        "logs/joint/{joint}/audit.log",
    conda:
        "../../envs/umbra.yaml"
    params:
        code=lookup(dpath="joint_audit", within=CODES),
        slice=lambda wildcards: JOINTS[wildcards.joint].joint.model_dump(mode="json"),
    script:
        "../scripts/joint_audit.py"


rule joint:
    """All joint fits whose channels are part of the run."""
    input:
        collect(
            "results/joint/{joint}/{file}", joint=JOINTS, file=["limits.csv", "exclusion.png", "audit.json"]
        ),
