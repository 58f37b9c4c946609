"""Public likelihoods and one of their size: right limits, soon enough, and a bad patch costs its own row only."""

import gzip
import json
import time
from pathlib import Path

import numpy as np
import pyhf
import pytest

from full_likelihood import full_likelihood
from umbra.statistics.compilation import compile_workspace
from umbra.statistics.engine import LimitSettings, upper_limits
from umbra.statistics.workspace_files import read_patch_set

DATA = Path(__file__).parents[1] / "data" / "limits"


def unpacked(name: str, folder: Path) -> Path:
    path = folder / f"{name}.json"
    path.write_bytes(gzip.decompress((DATA / f"{name}.json.gz").read_bytes()))
    return path


def cls(workspace, strength):
    """Observed and median expected CLs of stock pyhf."""
    spec = pyhf.Workspace(workspace)
    model = spec.model()
    observed, expected = pyhf.infer.hypotest(
        strength, spec.data(model), model, test_stat="qtilde", return_expected_set=True
    )
    return float(observed), float(expected[2])


def test_a_full_likelihood_has_its_limits_within_seconds(tmp_path):
    """Three bins, 58 parameters, 1,632 rows of templates.

    At 4.0155 and 4.2423 pyhf 0.7.6 has CLs 0.04999998 (observed) and 0.0500002 (median expected).
    """
    workspace = json.loads(unpacked("atlas_sbottom_region_b_with_signal", tmp_path).read_text())
    model = compile_workspace(workspace)
    assert (model.n_bins, len(model.templates)) == (3, 1632)
    start = time.process_time()
    limit = upper_limits([workspace])[0]
    seconds = time.process_time() - start
    assert (limit.observed, limit.expected[2]) == pytest.approx((4.0155, 4.2423), rel=2e-5)
    assert limit.method == "cls_asymptotic"
    assert "too strong" in limit.reason
    assert np.all(np.diff(limit.expected) > 0.0)
    assert seconds < 2.0


def test_a_model_of_a_hundred_parameters_takes_seconds():
    workspace = full_likelihood(3, 108, (1, 1, 1, 2, 2, 3), n_samples=7)
    assert len(compile_workspace(workspace).parameters) >= 110
    start = time.process_time()
    limit = upper_limits([workspace], LimitSettings(calculation="asymptotic"))[0]
    seconds = time.process_time() - start
    assert limit.status == "converged"
    assert seconds < 10.0


def test_a_bad_patch_of_a_public_set_costs_its_own_row_only(tmp_path):
    """The second of three patches names a channel that there is not."""
    background = unpacked("atlas_1lbb_background", tmp_path)
    found = read_patch_set(background, unpacked("atlas_1lbb_three_patches", tmp_path)).workspaces
    first, second, third = found
    assert second.content is None
    assert "C1N2_Wh_hbb_1000_100" in second.reason
    assert "'99' is out of bounds" in second.reason
    for patch, observed, median in ((first, 2.94601, 2.14061), (third, 3.08617, 2.27288)):
        limit = upper_limits([patch.content], LimitSettings(calculation="asymptotic"))[0]
        assert (limit.observed, limit.expected[2]) == pytest.approx((observed, median), rel=1e-5)
        assert cls(patch.content, limit.observed)[0] == pytest.approx(0.05, rel=1e-3)
        assert cls(patch.content, limit.expected[2])[1] == pytest.approx(0.05, rel=1e-3)
