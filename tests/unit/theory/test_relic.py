"""Relic density of dark matter behind a dark photon."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from umbra.config.published import load
from umbra.core.constants import ALPHA
from umbra.core.errors import UmbraError
from umbra.theory import registry, relic
from umbra.theory.dark_photon import DarkPhoton
from umbra.theory.plasma import degrees_of_freedom

#: Against the curves of others, in decades of y, written down before the comparison: the median of absolute values, the bias,
#: and the worst bin, which is near the rho and the omega, where R(s) of the two differ.
MEDIAN_DEX, BIAS_DEX, WORST_DEX = 0.10, 0.10, 0.30
#: Of those curves.
ALPHA_D, MASS_RATIO = 0.1, 1.0 / 3.0
