"""What a run does: `config/config.yaml`, a scenario, or `--config key=value`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from umbra.config import yaml
from umbra.config.blocks import Scan
from umbra.config.channel_file import Name
from umbra.config.records import Asimov, Data
from umbra.core.errors import UmbraError
from umbra.core.records import Record, Several, distinct

#: The run configuration of a folder to work in, which need not be there.
OWN = Path("config/config.yaml")


def check(files: Iterable[str | Path]) -> None:
    """Check that files of the run configuration, and the folder's own, can be merged as they are written.

    Snakemake merges them, takes the last of two equal keys and follows whatever aliases there are.

    Raises
    ------
    UmbraError
        If one cannot be read, is no mapping, not safe YAML or JSON, or names a key twice.
    """
    for file in map(Path, (*([OWN] if OWN.is_file() else []), *files)):
        content = yaml.read(file).content
        if not isinstance(content, Mapping):
            raise UmbraError(f"{file}: (top): a run configuration is a mapping of keys to values")


class RunFile(Record):
    """Run configuration.

    Parameters
    ----------
    scan
        How fine the mass grids and how large the samples are.
    channels
        To run, by the stem of their file; empty means all.
    keep_samples
        Keep generated events; false removes each file once every channel has skimmed it.
    shipped_channels
        Make the channels that come with Umbra beside the user's own.
    data
        What plays the part of the data in every channel.
    variants
        New channels: name -> the channel whose file it starts from (`of`), and content that is laid over it.
    overrides
        Channel -> content that is laid over its file; nested keys are merged.
    """

    scan: Scan = "default"
    channels: Annotated[Several[str], AfterValidator(distinct)] = ()
    keep_samples: bool = True
    shipped_channels: bool = False
    data: Data = Field(default=Asimov(), discriminator="kind")
    variants: dict[Name, dict[str, Any]] = Field(default_factory=dict)
    overrides: dict[str, dict[str, Any]] = Field(default_factory=dict)
