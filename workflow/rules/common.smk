"""Reads the configuration once; every rule looks up its own slice of it."""

import sys

sys.path.insert(0, f"{workflow.current_basedir}/../scripts")

from umbra.config import project as configuration

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
