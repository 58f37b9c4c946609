"""Rule `joint_audit`: stock pyhf asked about some joint limits."""

from umbra.stages import joint_audit

joint_audit.main(snakemake)
