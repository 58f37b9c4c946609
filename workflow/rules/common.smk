"""Finds the library, and reads the configuration once; every rule looks up its own slice of it."""

import importlib.util
import os
import sys

from snakemake.sourcecache import LocalGitFile

# In a checkout the library lies beside the rules. Where this is a module of another workflow, Snakemake may fetch the
# files of a repository one by one: there the library is the installed one.
beside = os.path.normpath(os.path.join(str(workflow.current_basedir), "..", "scripts"))
in_checkout = os.path.isdir(beside)
if in_checkout:
    sys.path.insert(0, beside)
elif importlib.util.find_spec("umbra") is None:
    raise WorkflowError(
        "the library umbra is not installed: pip install it from the repository and tag of this workflow"
    )

from umbra.config import project as configuration
from umbra.core import paths, provenance

paths.hand_on()
if not in_checkout:
    provenance.check_version(workflow.source_path("../../pyproject.toml"))
if isinstance(workflow.current_basedir, LocalGitFile):
    # Snakemake 9.27 looks for the script of a rule beside the rule's file; of a local git repository (`gitfile`) it can
    # only do so with the name as text, which it has not kept.
    join = LocalGitFile.join
    LocalGitFile.join = lambda folder, path: join(folder, str(path))

PROJECT = configuration.load(config)
CHANNELS = PROJECT.channels
SAMPLES = PROJECT.samples
CODES = PROJECT.codes

# Marks files of generated events, which may be large, for removal once they are skimmed.
raw = str if PROJECT.run["keep_samples"] else temp


wildcard_constraints:
    sample="[a-z][a-z0-9_]*",
    joint="[a-z][a-z0-9_]*",
    block="block_[0-9]+",
    chunk="[0-9]{3}",
    key="[0-9a-f]{8}",
