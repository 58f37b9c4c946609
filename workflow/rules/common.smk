"""Finds the library, and reads the configuration once; every rule looks up its own slice of it."""

import importlib.util
import os
import sys

# In a checkout the library lies beside the rules. Where this is a module of another workflow, Snakemake may fetch the
# files of a repository one by one: there the library is the installed one.
beside = os.path.normpath(os.path.join(str(workflow.current_basedir), "..", "scripts"))
if os.path.isdir(beside):
    sys.path.insert(0, beside)
elif importlib.util.find_spec("umbra") is None:
    raise WorkflowError(
        "the library umbra is not installed: pip install it from the same repository and tag as this workflow"
    )

from umbra.config import project as configuration
from umbra.core import paths

paths.hand_on()

PROJECT = configuration.load(config)
CHANNELS = PROJECT.channels
SAMPLES = PROJECT.samples
CODES = PROJECT.codes

# Marks files of generated events, which may be large, for removal once they are skimmed.
raw = str if PROJECT.run["keep_samples"] else temp


wildcard_constraints:
    sample="[a-z][a-z0-9_]*",
    block="block_[0-9]+",
    chunk="[0-9]{3}",
    key="[0-9a-f]{8}",
