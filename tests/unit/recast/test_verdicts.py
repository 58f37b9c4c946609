"""Models in files, and what the shipped channels can say of them."""

from pathlib import Path

import pytest

from umbra.config import channel_yaml, model_file
from umbra.config.channel_yaml import Given
from umbra.config.folders import Folders
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config
from umbra.recast.applicability import Applicable, applicable
from umbra.recast.own_model import OwnModel, build, coupling_at

FOLDERS = Folders((shipped_config(),))


def model(name: str) -> OwnModel:
    return build(model_file.load(FOLDERS.find("models", name)))


def said(channel: str, name: str) -> Applicable:
    path = FOLDERS.find("channels", channel)
    record = channel_yaml.read(Given(channel, path), FOLDERS, "tiny", {"kind": "asimov"})
    return applicable(record, model(name))


def own(tmp_path: Path, text: str) -> OwnModel:
    path = tmp_path / "mine.yaml"
    path.write_text(
        f'title: mine\nsource: "made up for tests"\ncoupling: {{name: g, title: g, convention: L}}\n{text}\n'
    )
    return build(model_file.load(path))


@pytest.mark.parametrize("name", sorted(FOLDERS.files("models")))
def test_every_shipped_model_can_be_read_and_decays(name: str):
    found = model(name)
    states = found.decays.final_states
    assert sum(found.branching_fraction(0.5, state, 1e-3) for state in states) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("channel", "name", "verdict", "words"),
    [
        ("aprime_dilepton_babar", "b_minus_l", "applies", ""),
        ("aprime_dilepton_babar", "le_lmu", "applies", ""),
        (
            "aprime_dilepton_babar",
            "lmu_ltau",
            "does not apply",
            "no coupling of the kind that makes it: electron",
        ),
        (
            "aprime_dilepton_babar",
            "alp_mixed",
            "does not apply",
            "a vector, and the model's particle a pseudoscalar",
        ),
        ("aprime_invisible_babar", "b_minus_l", "applies", ""),
        ("aprime_mumu_pipi_kloe", "dark_photon", "applies", ""),
        # Its current has no isovector part, so that it knows no rho.
        ("aprime_pipi_kloe", "b_minus_l", "does not apply", "does not decay to pipi"),
        ("aprime_mumu_pipi_kloe", "b_minus_l", "applies in part", "does not decay to pipi"),
        ("aprime_invisible_babar", "dark_photon", "does not apply", "does not decay to invisible"),
        ("aprime_invisible_babar", "dark_photon_to_dark_matter", "applies", ""),
        ("zprime_mumu_babar", "lmu_ltau", "applies", ""),
        ("zprime_mumu_babar", "b_minus_l", "applies in part", "emission from the electron"),
        # Decay chains that are not listed: the branching fraction says which final state it is.
        ("zprime_mumu_belle2", "lmu_ltau", "applies", ""),
        ("zprime_tautau_belle2", "leptophilic_scalar", "applies", ""),
        ("zprime_tautau_belle2", "alp_mixed", "applies in part", "emission from the photons"),
        ("dark_higgs_visible_babar", "dark_photon", "does not apply", "searches for two particles"),
        ("tau_alpha_belle2", "alp_mixed", "does not apply", "tau_e_alpha_ratio"),
        ("idm_belle2", "b_minus_l", "does not apply", "none of a single particle"),
        ("jpsi_eta_aprime_besiii", "dark_photon", "applies", ""),
        ("jpsi_eta_aprime_besiii", "b_minus_l", "does not apply", "in proportion to their electric charges"),
        ("alp_3gamma_belle2", "alp_mixed", "applies", ""),
        ("alp_b_to_k_babar", "alp_mixed", "applies", ""),
        ("llp_scalar_belle2", "higgs_portal_scalar", "applies", ""),
        ("llp_scalar_belle2", "leptophilic_scalar", "does not apply", "quarks in proportion to their masses"),
        ("leptophilic_scalar_babar", "leptophilic_scalar", "applies", ""),
        ("leptophilic_scalar_babar", "dark_photon", "does not apply", "the signal is a scalar"),
    ],
)
def test_verdicts_on_shipped_channels(channel: str, name: str, verdict: str, words: str):
    found = said(channel, name)
    assert (found.verdict, words in found.reason) == (verdict, True), found.reason
    assert bool(found.reason) == (verdict != "applies")


def test_an_unknown_key_is_refused_with_the_nearest_word(tmp_path: Path):
    with pytest.raises(UmbraError, match=r"there is no key 'chargs'; did you mean 'charges'\?"):
        own(tmp_path, "couples: {spin: vector, chargs: {electron: 1}}")
    with pytest.raises(UmbraError, match=r"no key 'electrn'; did you mean 'electron'\?"):
        own(tmp_path, "couples: {spin: vector, charges: {electrn: 1}}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("couples: {spin: scalar}", "either yukawas or mass_proportional"),
        (
            "couples: {spin: vector, charges: {electron: 1}}\ndark_matter: {coupling: 1.0}",
            "either mass_gev or mass_ratio",
        ),
        (
            "couples: {spin: scalar, mass_proportional: leptons}\n"
            "dark_matter: {kind: scalar, mass_gev: 0.1, coupling: 1.0}",
            "a scalar does not decay to dark matter 'scalar'",
        ),
        (
            "couples: {spin: vector, charges: {electron: 1}}\n"
            "decays: {mass_gev: [1.0, 2.0], width_gev: [1.0], fractions: {ee: [1.0, 1.0]}}",
            "width_gev: 1 entries for 2 masses",
        ),
        (
            "couples: {spin: vector, charges: {electron: 1}}\n"
            "decays: {mass_gev: [1.0], width_gev: [1.0], fractions: {ee: [0.7], invisible: [0.4]}}",
            "add up to 1.1 at 1 GeV",
        ),
    ],
)
def test_models_that_say_nothing_are_refused(tmp_path: Path, text: str, sentence: str):
    with pytest.raises(UmbraError, match=sentence):
        own(tmp_path, text)


def test_dark_matter_takes_its_part_of_the_width(tmp_path: Path):
    found = own(
        tmp_path,
        "couples: {spin: vector, charges: {electron: 1}}\ndark_matter: {mass_gev: 0.0, coupling: 0.1}",
    )
    # A massless Dirac pair on both sides: the branching fraction is that of the squares.
    assert found.branching_fraction(1.0, "invisible", 0.2) == pytest.approx(0.2, rel=1e-5)
    assert found.branching_fraction(1.0, "ee", 0.2) == pytest.approx(0.8, rel=1e-5)


@pytest.mark.parametrize(
    ("effective", "total"),
    [
        ((0.3, 0.0), (2.0, 0.0)),
        ((0.3, 0.0), (2.0, 1e-3)),
        ((0.3, 1e-3), (2.0, 1e-3)),
        ((0.0, 1e-3), (2.0, 2e-3)),
    ],
)
@pytest.mark.parametrize("coupling", [1e-4, 1e-2, 0.5])
def test_a_coupling_comes_back_from_its_rate(effective, total, coupling: float):
    (a, b), (c, d), x = effective, total, coupling**2
    rate = x * (x * a + b) / (x * c + d)
    assert coupling_at(rate, effective, total) == pytest.approx(coupling, rel=1e-9)


def test_a_rate_that_dark_matter_cannot_reach_has_no_coupling():
    """The invisible rate saturates at b/c where the visible width has all."""
    assert coupling_at(0.51, (0.0, 1.0), (2.0, 1.0)) is None
    assert coupling_at(0.49, (0.0, 1.0), (2.0, 1.0)) is not None
