"""Tables of the particles, `data/*.yaml` beside this file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from umbra.core.errors import UmbraError

#: Folder of the tables; the workflow declares the files that a channel's model reads as inputs.
FOLDER = Path(__file__).resolve().parent / "data"


def load(name: str, folder: Path = FOLDER) -> Mapping[str, Any]:
    """Read `<name>.yaml`.

    Raises
    ------
    UmbraError
        If the file is missing, is not YAML or is not a mapping.
    """
    path = folder / f"{name}.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise UmbraError(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(content, dict):
        raise UmbraError(f"{path}: expected a mapping, found {type(content).__name__}")
    return content
