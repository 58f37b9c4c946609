"""Signal injection: which uncertainties are left out, and where the best mass lies."""

import numpy as np
import pytest

from umbra.inference import injection, workspace
from umbra.inference.workspace import Background, Bins


def specification():
    background = Background("smooth", np.array([30.0, 40.0]), relative_uncertainty=0.1)
    bins = Bins("region", None, np.array([3.0, 4.0]), 0.02, [background])
    return workspace.build([bins], "test", 0.05, ("luminosity", 0.01))


def test_uncertainties_of_the_signal_are_left_out_and_those_of_the_background_kept():
    (channel,) = injection.certain(specification())["channels"]
    kept = {sample["name"]: [m["name"] for m in sample["modifiers"]] for sample in channel["samples"]}
    assert kept == {"signal": ["mu"], "smooth": ["background_smooth"]}


def test_the_workspace_itself_stays_as_it_is():
    before = specification()
    injection.certain(before)
    assert before == specification()


def test_the_best_mass_is_the_vertex_of_a_parabola():
    x = np.linspace(-1.5, 1.5, 13)
    vertices = np.array([-0.61, 0.0, 0.13, 1.2])
    values = 7.0 + 3.0 * (x[:, None] - vertices) ** 2
    assert injection._minimum(x, values) == pytest.approx(vertices)


def test_a_best_mass_beyond_the_shifts_stays_at_their_end():
    x = np.linspace(-1.5, 1.5, 13)
    assert injection._minimum(x, x[:, None].copy()) == pytest.approx([-1.5])
