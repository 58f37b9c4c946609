"""Selection of an electron, a muon and nothing else."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from umbra.core.kinematics import Array, mass_squared
from umbra.detector.detector import Detector
from umbra.selection.cutflow import Cutflow
from umbra.selection.dimuon_likelihood import tau_pair_density, zprime_density

from .running import selected
from .test_recoil_dimuon import MINUS, OPTIONS, PLUS, SUPERKEKB, event, lab

select = partial(selected, "recoil_electron_muon")


def run(detector: Detector, ids: tuple[int, int]) -> dict[str, Array]:
    reco = detector.reconstruct(event(list(ids), lab(*PLUS), lab(*MINUS)), np.random.default_rng(4))
    return select(reco, SUPERKEKB, OPTIONS, Cutflow())


@pytest.fixture(name="detector")
def _detector(ideal: Callable[..., Detector]) -> Detector:
    return ideal()


@pytest.mark.parametrize("ids", [(-11, 13), (-13, 11)])
def test_electron_and_muon_of_either_charge_are_found_once(detector: Detector, ids: tuple[int, int]) -> None:
    found = run(detector, ids)
    electron, muon = (detector.identification[kind].probability[kind].item() for kind in (2, 3))
    assert found["weight"] == pytest.approx([electron * muon])
    missing = SUPERKEKB.total - lab(*PLUS) - lab(*MINUS)
    # The masses of the leptons are worth a few MeV of energy.
    assert found["m2_recoil_gev2"] == pytest.approx([mass_squared(missing)], abs=0.06)


@pytest.mark.parametrize(("ids", "pair"), [((-13, 13), "muons"), ((-11, 11), "electrons")])
def test_two_of_a_kind_need_a_wrong_name(detector: Detector, ids: tuple[int, int], pair: str) -> None:
    """Either of them may have it: two candidates, each with the chance of the mistake."""
    kind, other = {"muons": (3, 2), "electrons": (2, 3)}[pair]
    right = detector.identification[kind].probability[kind].item()
    wrong = detector.identification[other].probability[kind].item()
    assert run(detector, ids)["weight"].sum() == pytest.approx(2.0 * right * wrong)


def test_pions_may_be_either(detector: Detector) -> None:
    found = run(detector, (211, -211))
    electron, muon = (detector.identification[kind].probability[4].item() for kind in (2, 3))
    chances = [electron * muon, electron * muon] if electron * muon > 0.0 else []
    assert found["weight"] == pytest.approx(chances)


def test_the_likelihood_is_that_of_leptons_from_a_radiated_vector_over_that_from_taus(
    detector: Detector,
) -> None:
    found = run(detector, (-11, 13))
    in_cm = SUPERKEKB.to_cm(np.stack([lab(*PLUS, 0.000511), lab(*MINUS, 0.10566)])[None])
    energy = SUPERKEKB.sqrt_s_gev
    ratio = zprime_density(in_cm, energy) / np.maximum(tau_pair_density(in_cm, energy), 1e-12)
    assert found["log_signal_to_tau_pairs"] == pytest.approx(np.log(ratio), abs=1e-3)
    pair = in_cm.sum(axis=1)[0]
    assert found["pair_pt_gev"] == pytest.approx([np.hypot(pair[0], pair[1])], abs=1e-6)
