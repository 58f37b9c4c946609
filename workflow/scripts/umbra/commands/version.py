"""What is at work: `umbra version` prints the version, the commit, and the versions of what numbers depend on."""

import argparse
import json
import platform
from collections.abc import Sequence

from umbra.core import paths
from umbra.core.provenance import commit, library_version, versions


def main(arguments: Sequence[str]) -> int:
    """Print one JSON object; 0."""
    argparse.ArgumentParser(prog="umbra version", description=__doc__).parse_args(arguments)
    about = {
        "umbra": library_version(),
        "commit": commit(),
        "library": str(paths.PACKAGE),
        "configuration": str(paths.shipped_config()),
        "python": platform.python_version(),
        "libraries": versions(),
    }
    print(json.dumps(about, indent=2))
    return 0
