"""How processes make a new particle: which of its couplings they are proportional to, and which they leave out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from umbra.theory.currents import QUARK_CHARGES
from umbra.theory.vertices import (
    CHARGES,
    ELEMENTARY_CHARGE,
    LEPTON_MASSES_GEV,
    Spin,
    Vertices,
    proportional_to_mass,
)

#: Emission with an amplitude of less than this, relative to that which was generated, is left out in silence.
NEGLIGIBLE = 0.05

#: What a channel's limits are on -> the couplings of its own particle at a coupling of one.
OF_CHANNELS: Mapping[str, Vertices] = {
    "epsilon": Vertices("vector", {name: ELEMENTARY_CHARGE * charge for name, charge in CHARGES.items()}),
    "g_prime": Vertices("vector", {"muon": 1.0, "tau": -1.0, "muon_neutrino": 1.0, "tau_neutrino": -1.0}),
    "g_s": Vertices("scalar", {"muon": 1.0}),
    "xi": Vertices("scalar", proportional_to_mass()),
    "sin_theta": Vertices("scalar", proportional_to_mass(), higgs_like=True),
    "c_l_over_lambda_per_tev": Vertices(
        "pseudoscalar", {name: mass / 1e3 for name, mass in LEPTON_MASSES_GEV.items()}
    ),
    "g_agammagamma_per_gev": Vertices("pseudoscalar", photon_per_gev=1.0),
    "g_aw_per_gev": Vertices("pseudoscalar", weak_per_gev=1.0),
}


@dataclass(frozen=True)
class Made:
    """A rule: by what a process makes a particle.

    Parameters
    ----------
    spin
        Of the particle: another one has other matrix elements.
    by
        Attribute of the couplings that the amplitude is proportional to: a fermion, or `photons_per_gev`,
        `weak_per_gev`, `quarks`, `current`.
    without
        Couplings by which such events are made, too, but were not generated: they add to the signal.
    """

    spin: Spin
    by: str
    without: tuple[str, ...] = ()


#: Process -> rule. What is not here makes other particles than one of these, such as a dark Higgs boson.
RULES: Mapping[str, Made] = {
    "gamma_aprime": Made("vector", "electron"),
    "mumu_zprime": Made("vector", "muon", without=("electron",)),
    "tautau_zprime": Made("vector", "tau", without=("electron",)),
    "mumu_muonphilic_scalar": Made("scalar", "muon", without=("electron",)),
    "mumu_scalar": Made("scalar", "muon", without=("electron",)),
    "tautau_scalar": Made("scalar", "tau", without=("electron",)),
    "mumu_alp": Made("pseudoscalar", "muon", without=("electron", "photons_per_gev")),
    "tautau_alp": Made("pseudoscalar", "tau", without=("electron", "photons_per_gev")),
    "gamma_alp": Made("pseudoscalar", "photons_per_gev"),
    "alp_fusion": Made("pseudoscalar", "photons_per_gev"),
    "b_to_k_alp": Made("pseudoscalar", "weak_per_gev"),
    "b_to_k_scalar": Made("scalar", "quarks"),
    "b_to_kstar_scalar": Made("scalar", "quarks"),
    "aprime_on_lead": Made("vector", "electron"),
    "aprime_in_lead": Made("vector", "electron"),
    "aprime_in_lead_with_positrons": Made("vector", "electron"),
    "jpsi_eta_aprime": Made("vector", "current"),
    "jpsi_etaprime_aprime": Made("vector", "current"),
}

#: Particles of `umbra.theory` that are one particle with the couplings of a model: their branching fractions name its
#: final state where a decay chain is not listed below.
SINGLE = (
    *("dark_photon", "z_prime", "alp", "weak_alp", "lepton_alp"),
    *("leptophilic_scalar", "muonphilic_scalar", "higgs_portal_scalar"),
)
#: Decay chain -> final state of the particle; without a chain it is invisible.
FINAL_STATES: Mapping[str, str] = {
    **{f"{parent}_to_ee": "ee" for parent in ("dark_photon", "tautau_scalar", "b_scalar")},
    **{
        f"{parent}_to_mumu": "mumu"
        for parent in ("dark_photon", "zprime", "scalar", "tautau_scalar", "b_scalar")
    },
    **{f"{parent}_to_taus": "tautau" for parent in ("zprime", "scalar", "alp")},
    "alp_to_photons": "gammagamma",
    "b_alp_to_photons": "gammagamma",
    "b_x_unseen": "invisible",
    "b_scalar_to_pipi": "pipi",
    "b_scalar_to_kk": "kk",
    "eta_to_photons_or_pions": "ee",
}


@dataclass(frozen=True)
class Ratio:
    """Cross-section of a model at a coupling of one over that of the channel's particle at one.

    Parameters
    ----------
    value
        Zero where the model does not make the particle so.
    reason
        Why it is zero, or what was left out; empty where nothing is to be said.
    """

    value: float
    reason: str = ""


def ratio(process: str, model: Vertices, own: Vertices) -> Ratio:
    """Compare how a process makes the particle of a model with how it makes the channel's own."""
    rule = RULES.get(process)
    if rule is None:
        return Ratio(0.0, f"the process {process} is none of a single particle with such couplings")
    if rule.spin != model.spin:
        return Ratio(0.0, f"the signal is a {rule.spin}, and the model's particle a {model.spin}")
    made = _strength(model, rule.by, own)
    if made == 0.0:
        return Ratio(
            0.0, f"the model has no coupling of the kind that makes it: {_WORDS.get(rule.by, rule.by)}"
        )
    value = (made / _strength(own, rule.by, own)) ** 2
    return Ratio(value, _left_out(rule.without, made, model, own, _strength(own, rule.by, own)))


def _left_out(names: Sequence[str], made: float, model: Vertices, own: Vertices, own_made: float) -> str:
    """Say which emission of the model the channel did not generate."""
    more = [name for name in names if _matters(name, made, model, own, own_made)]
    if not more:
        return ""
    return (
        f"emission from the {' and the '.join(_EMITTERS.get(name, name) for name in more)}, which has other angles, "
        "was not generated: the limit leaves that part of the signal out"
    )


def _matters(name: str, made: float, model: Vertices, own: Vertices, own_made: float) -> bool:
    """Whether a coupling makes more than the channel's particle does by it; one of another dimension always does."""
    if name in _SPECIAL:
        return _strength(model, name, own) != 0.0 and _strength(own, name, own) == 0.0
    return abs(model.of(name) / made) > max(NEGLIGIBLE, abs(own.of(name) / own_made) * (1.0 + 1e-9))


def _strength(vertices: Vertices, by: str, own: Vertices) -> float:
    special = _SPECIAL.get(by)
    return vertices.of(by) if special is None else special(vertices, own)


def _along(vertices: Vertices, own: Vertices) -> float:
    """Common factor of the quarks' couplings to those of the channel's particle; zero where there is none."""
    quarks = [name for name in QUARK_CHARGES if own.of(name) != 0.0]
    factors = [vertices.of(name) / own.of(name) for name in quarks]
    same = bool(factors) and max(factors) - min(factors) < 1e-9 * max(map(abs, factors))
    return factors[0] if same else 0.0


#: Couplings that are not those of one fermion: how large they are, beside the channel's own.
_SPECIAL: Mapping[str, Callable[[Vertices, Vertices], float]] = {
    "photons_per_gev": lambda vertices, own: vertices.photons_per_gev,
    "weak_per_gev": lambda vertices, own: vertices.weak_per_gev,
    "quarks": lambda vertices, own: float(vertices.higgs_like),
    "current": _along,
}

_EMITTERS: Mapping[str, str] = {"photons_per_gev": "photons"}
_WORDS: Mapping[str, str] = {
    "photons_per_gev": "two photons",
    "weak_per_gev": "W bosons",
    "quarks": "quarks in proportion to their masses, which B → K transitions need",
    "current": "quarks in proportion to their electric charges, whose form factor the signal has",
}
