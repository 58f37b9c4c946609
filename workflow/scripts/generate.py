"""Rule `generate`: one chunk of a sample."""

from pathlib import Path

from umbra import job
from umbra.generation import Request, generate
from umbra.skimming import machine_of


def main() -> None:
    """Generate, decay and boost the events."""
    params = snakemake.params
    machine = machine_of({"machine": params.machine, "machine_settings": params.sample["machine"]})
    request = Request(machine, params.process, params.sample["generator"], int(params.chunk))
    generate(request, Path(snakemake.output.events), Path(snakemake.output.info), params.sample["code"])


job.run(snakemake, main)
