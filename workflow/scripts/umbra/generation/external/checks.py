"""What an external sample must fulfil. Every error names the file, the event and the value."""

from functools import cache
from pathlib import Path

import numpy as np
from particle import InvalidParticle, Particle, ParticleNotFound, pdgid

from umbra.core import particles
from umbra.core.constants import ELECTRON, PHOTON
from umbra.core.errors import UmbraError
from umbra.core.events import FINAL
from umbra.core.kinematics import Array, mass_squared, momentum
from umbra.core.machines import AnyMachine
from umbra.generation.external.block import INCOMING, Block
from umbra.generation.external.declaration import CENTRE_OF_MASS, Declaration
from umbra.generation.external.lhe import Init

#: Largest relative difference of energies in the file and of the machine; it tells the Upsilon(3S) from the
#: data 30 MeV below it, and lets the beams be rounded.
BEAM_TOLERANCE = 1e-3
#: Largest momentum that an event may gain or lose, over the energy of the machine: no more digits are asked
#: for than files have.
MOMENTUM_TOLERANCE = 1e-4
#: Largest |E^2 - p^2 - m^2| over E^2, for the mass that the file states.
SHELL_TOLERANCE = 1e-6
#: Largest difference of a long-lived particle's mass and its PDG value: generators round, but a muon without
#: mass is a mistake.
MASS_TOLERANCE_GEV = 2e-3
#: Relative difference of summed weights and cross-section that rounding may leave, beside statistical errors.
WEIGHT_TOLERANCE = 1e-3
#: How many standard errors two cross-sections may differ.
STANDARD_ERRORS = 5.0


def beams(path: Path, init: Init, frame: str, machine: AnyMachine) -> None:
    """Compare the beams of `<init>` with the machine's, in the frame that was declared."""
    electron, positron = init.electron_energy_gev, init.positron_energy_gev
    expected = machine.sqrt_s_gev
    if electron <= 0.0 or positron <= 0.0:
        raise UmbraError(f"{path}: <init>: beam energies {electron:g} and {positron:g} GeV are not positive")
    found = 2.0 * np.sqrt(electron * positron)
    if abs(found - expected) > BEAM_TOLERANCE * expected:
        raise UmbraError(
            f"{path}: <init>: sqrt(s) = {found:.5g} GeV is not that of machine {machine.name}, "
            f"{expected:.5g} GeV, within {BEAM_TOLERANCE:g}"
        )
    at_rest = frame == CENTRE_OF_MASS
    wanted = expected / 2.0 if at_rest else machine.beam_energy_gev
    if abs(electron - wanted) > BEAM_TOLERANCE * expected:
        raise UmbraError(
            f"{path}: <init>: an electron beam of {electron:g} GeV on positrons of {positron:g} GeV is not "
            f"frame '{frame}' of machine {machine.name}, where electrons have {wanted:.5g} GeV"
        )


def finite(block: Block) -> None:
    """Refuse NaN and infinity."""
    for what, values in (
        ("weight", block.weight),
        ("mass", block.mass_gev),
        ("lifetime", block.proper_time_mm),
    ):
        block.fail(~np.isfinite(values), values, f"a {what} is {{value}}")
    for what, vectors in (("momentum component", block.p4), ("vertex coordinate", block.vertex_mm)):
        worst = vectors.sum(axis=-1)
        block.fail(~np.isfinite(worst), worst, f"a {what} of particle {{pdg_id}} is not finite ({{value}})")


def identities(block: Block, declaration: Declaration) -> None:
    """Refuse particles in the final state that neither the detector nor our decays know.

    `block` already has our codes.
    """
    final = block.status == FINAL
    unknown = [code for code in np.unique(block.pdg_id[final]) if not _is_known(int(code))]
    block.fail(
        final & np.isin(block.pdg_id, unknown),
        block.pdg_id.astype(float),
        "particle {pdg_id} is in the final state and is neither a lepton, a photon nor a hadron, nor a code "
        "of umbra.core.particles: give a new particle an entry in pdg_id_map, hadronise a quark or gluon first",
    )
    no_final = ~final.any(axis=1)
    block.fail(no_final, final.sum(axis=1).astype(float), "it has {value} particles in the final state")
    if declaration.mass_gev is not None:
        count = particles.is_new(block.pdg_id).sum(axis=1)
        block.fail(
            count == 0,
            count.astype(float),
            f"it has {{value}} new particles, but mass_gev = {declaration.mass_gev:g} declares a signal "
            "sample; is its code in pdg_id_map?",
        )


def on_shell(block: Block) -> None:
    """Compare energy and momentum with the stated mass, and that with the PDG's."""
    final = block.status == FINAL
    energy = block.p4[..., 3]
    block.fail(final & (energy <= 0.0), energy, "particle {pdg_id} has energy {value} GeV")
    square = mass_squared(block.p4)
    excess = np.abs(square - block.mass_gev**2)
    block.fail(
        final & (excess > SHELL_TOLERANCE * energy**2),
        excess,
        "particle {pdg_id} is off its mass shell: |E^2 - p^2 - m^2| = {value} GeV^2",
    )
    for code in np.unique(block.pdg_id[final]):
        mass = _long_lived_mass_gev(int(code))
        if mass is not None:
            block.fail(
                final & (block.pdg_id == code) & (np.abs(block.mass_gev - mass) > MASS_TOLERANCE_GEV),
                block.mass_gev,
                f"particle {{pdg_id}} has a mass of {{value}} GeV instead of {mass:.6g} GeV",
            )


def conservation(block: Block, total: Array, sqrt_s_gev: float) -> None:
    """Compare what goes in, what comes out and what the machine provides.

    Parameters
    ----------
    total
        Momentum of the machine's beams in the frame of the block, shape (4,). Events may have less, as far as
        radiated photons can have carried the difference away.

    Raises
    ------
    UmbraError
        Naming the first event and the missing momentum or energy.
    """
    incoming = block.status == INCOMING
    identity = np.where(incoming, np.abs(block.pdg_id), ELECTRON)
    block.fail(
        identity != ELECTRON, block.pdg_id.astype(float), "the incoming particle {pdg_id} is no beam electron"
    )
    count = incoming.sum(axis=1)
    block.fail(count != 2, count.astype(float), "it has {value} beam particles instead of 2")
    into = (block.p4 * incoming[..., None]).sum(axis=1)
    out = (block.p4 * (block.status == FINAL)[..., None]).sum(axis=1)
    lost = np.abs(into - out).max(axis=-1)
    block.fail(
        lost > MOMENTUM_TOLERANCE * sqrt_s_gev,
        lost,
        "momentum is not conserved: a component differs by {value} GeV",
    )
    missing = total - into
    slack = 2.0 * BEAM_TOLERANCE * sqrt_s_gev
    excess = momentum(missing) - missing[..., 3]
    block.fail(
        excess > slack,
        momentum(missing),
        "its beams are not the machine's in the declared frame: {value} GeV of momentum are missing without "
        "the energy of photons that could have carried it away",
    )


class Weights:
    """Sums over the weights of the events that have been read: their number, `sum` and sum of `squares`."""

    def __init__(self) -> None:
        self.events = 0
        self.sum = 0.0
        self.squares = 0.0
        self._smallest, self._largest = np.inf, 0.0

    def add(self, weight: Array) -> None:
        """Count a block."""
        self.events += len(weight)
        self.sum += float(weight.sum())
        self.squares += float((weight**2).sum())
        self._smallest = min(self._smallest, float(np.abs(weight).min()))
        self._largest = max(self._largest, float(np.abs(weight).max()))

    def check(self, path: Path) -> None:
        """Refuse an empty sample and one whose weights do not sum up to something positive."""
        if self.events == 0:
            raise UmbraError(f"{path}: it has no events")
        if not self.sum > 0.0:
            raise UmbraError(f"{path}: the sum of its {self.events} weights is {self.sum:g}, not positive")

    def check_against(self, path: Path, strategy: int, cross_section_pb: float, error_pb: float) -> None:
        """Compare the weights with the cross-section as the strategy of `<init>` (IDWTUP) wants it.

        Under ±1, ±2 and ±4 the mean weight is the cross-section in pb. Under ±3 all weights are equal but for
        their sign: 1, or a cross-section that is their mean or (MadGraph's `event_norm = sum`) their sum.
        """
        mean = self.sum / self.events
        variance = max(self.squares / self.events - mean**2, 0.0)
        error = float(np.hypot(error_pb, np.sqrt(variance / self.events)))
        allowed = WEIGHT_TOLERANCE * cross_section_pb + STANDARD_ERRORS * error
        values = [mean]
        if abs(strategy) == 3:
            if self._largest - self._smallest > WEIGHT_TOLERANCE * self._largest:
                raise UmbraError(
                    f"{path}: weights from {self._smallest:g} to {self._largest:g} under strategy (IDWTUP) "
                    f"{strategy}, which stands for equal weights"
                )
            if abs(self._largest - 1.0) < WEIGHT_TOLERANCE:
                return
            values.append(self.sum)
        if min(abs(value - cross_section_pb) for value in values) > allowed:
            raise UmbraError(
                f"{path}: the weights of {self.events} events have mean {mean:.6g} and sum {self.sum:.6g}, "
                f"the cross-section is {cross_section_pb:.6g} ± {error_pb:.2g} pb (strategy {strategy})"
            )


def _differ(reference: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two cross-sections with their errors differ by more than these and rounding allow."""
    allowed = WEIGHT_TOLERANCE * reference[0] + STANDARD_ERRORS * float(np.hypot(reference[1], other[1]))
    return abs(reference[0] - other[0]) > allowed


def same_process(where: str, found: tuple[float, float], first: tuple[float, float]) -> None:
    """Refuse cross-sections (with errors, in pb) of runs of one process that differ."""
    if _differ(first, found):
        raise UmbraError(
            f"{where}: its cross-section is {found[0]:.6g} ± {found[1]:.2g} pb, that of the first is {first[0]:.6g} ± "
            f"{first[1]:.2g} pb: these are not runs of one process"
        )


def agreement(path: Path, found: tuple[float, float], declared: tuple[float, float]) -> None:
    """Compare the cross-section of the file with the declared one, both with their errors in pb."""
    if _differ(found, declared):
        raise UmbraError(
            f"{path}: its cross-section is {found[0]:.6g} ± {found[1]:.2g} pb, declared are "
            f"cross_section_pb = {declared[0]:.6g} ± {declared[1]:.2g}"
        )


@cache
def _is_known(code: int) -> bool:
    # pdgid counts codes in 9900000+ among the hadrons if their digits look so; those are ours or nobody's.
    if abs(code) >= 9_900_000:
        return bool(particles.is_new(np.asarray(code)))
    lepton = 11 <= abs(code) <= 16
    return lepton or code == PHOTON or bool(pdgid.is_hadron(code)) or bool(pdgid.is_nucleus(code))


@cache
def _long_lived_mass_gev(code: int) -> float | None:
    """Mass of a particle that is so narrow that it has one mass, in GeV; `None` for others."""
    try:
        found = Particle.from_pdgid(code)
    except (ParticleNotFound, InvalidParticle):
        return None
    if found.mass is None or found.width is None or found.width > 1.0:
        return None
    return float(found.mass) / 1000.0
