include: "workflow/Snakefile"


# An included file leaves the target of its includer as it was, which is none here.
workflow.default_target = "all"
