"""A detector by its parameters: acceptance, efficiency, resolution, identification.

Nothing that a detector misses or mistakes is decided by dice. Each particle carries the probability that it
is measured, that it is called an electron or a muon, and that it leaves no sign at all; selections multiply
the weight of the event by the one they ask for. So a photon that is lost once in a thousand events is carried
by all of them. Only measured values (energies, angles, production points) are random.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from umbra.core.errors import UmbraError
from umbra.core.events import FINAL, Events, widened
from umbra.core.kinematics import Array
from umbra.core.particles import is_new
from umbra.detector.beam_background import BeamBackground
from umbra.detector.calorimeter import Calorimeter
from umbra.detector.identification import Identification
from umbra.detector.records import ByKind, DetectorRecord, TriggerRecord
from umbra.detector.tracker import Tracker

#: What an object is to the detector; 0: nothing that can be measured.
PHOTON, ELECTRON, MUON, HADRON = 1, 2, 3, 4

#: Kinds of the charged particles that live long enough to be tracks (pi, K, p).
_CHARGED = {11: ELECTRON, 13: MUON, 211: HADRON, 321: HADRON, 2212: HADRON}
#: Particles that leave no sign: neutrinos and long-lived neutral hadrons, whose showers are not simulated. Particles
#: of dark sectors that did not decay leave none either.
_INVISIBLE = (12, 14, 16, 130, 2112)


@dataclass(frozen=True)
class Reconstructed:
    """A batch of events as the detector sees them.

    Parameters
    ----------
    kind
        What each object is (`PHOTON`, `ELECTRON`, `MUON`, `HADRON`), 0 for an empty slot and for what cannot
        be measured, such as a photon in a gap; shape (n, k). An electron outside the tracker but inside the
        calorimeter is a `PHOTON`. Whether a selection would call a track an electron or a muon: `identified`.
    charge
        Of tracks, else 0, shape (n, k).
    p4
        Measured momenta in the laboratory in GeV, zero where `kind` is 0, shape (n, k, 4). Tracks have the
        mass of the true particle, photons none.
    vertex_mm
        Measured production points of tracks, else zero, shape (n, k, 3).
    efficiency
        Probability that the object is measured, 0 where `kind` is 0, shape (n, k).
    loss
        Probability that the detector notices nothing of the particle, by which vetoes multiply: 1 outside the
        acceptance and for empty slots, shape (n, k).
    weight
        Of the events, shape (n,).
    events
        The true events in the laboratory; its slots are the first ones here, those that the detector made up
        come after them.
    detector
        That made it.
    rng
        For what only a selection can smear, such as the result of a kinematic fit.
    """

    kind: NDArray[np.int8]
    charge: NDArray[np.int8]
    p4: Array
    vertex_mm: Array
    efficiency: Array
    loss: Array
    weight: Array
    events: Events
    detector: "Detector"
    rng: np.random.Generator

    def __len__(self) -> int:
        return len(self.weight)

    def select(self, mask: NDArray[np.bool_] | NDArray[np.int_]) -> "Reconstructed":
        """Return the chosen events."""
        return replace(
            self,
            kind=self.kind[mask],
            charge=self.charge[mask],
            p4=self.p4[mask],
            vertex_mm=self.vertex_mm[mask],
            efficiency=self.efficiency[mask],
            loss=self.loss[mask],
            weight=self.weight[mask],
            events=self.events.select(mask),
        )

    @cached_property
    def truth(self) -> Events:
        """The true events with the same slots; those that the detector made up are empty there."""
        return self.events.padded(self.kind.shape[1])

    def identified(self, lepton: int) -> Array:
        """Probability that each object is measured and called `ELECTRON` or `MUON`, shape (n, k)."""
        return self.efficiency * self.detector.identification[lepton].passing(self.kind, self.p4)


@dataclass(frozen=True)
class Trigger:
    """Efficiency of a trigger against one quantity: linear between the points, constant beyond them.

    A value that occurs twice makes a step.
    """

    values: Array
    efficiency: Array

    @classmethod
    def from_record(cls, record: TriggerRecord) -> "Trigger":
        """Take the curve over."""
        return cls(np.asarray(record.values, float), np.asarray(record.efficiency, float))

    def __call__(self, quantity: Array) -> Array:
        """Efficiency, same shape as `quantity`, which must be the one that the detector file names."""
        result: Array = np.interp(quantity, self.values, self.efficiency)
        return result


@dataclass(frozen=True)
class Detector:
    """A detector as `config/detectors/<name>.yaml` describes it.

    Parameters
    ----------
    calorimeter, tracker
        The parts.
    track_efficiency
        Probability that a track inside the acceptance is found, by kind.
    identification
        By `ELECTRON` and `MUON`.
    beam_background
        Clusters added to each event, or `None`.
    triggers
        By name.
    """

    calorimeter: Calorimeter
    tracker: Tracker
    track_efficiency: Mapping[int, float]
    identification: Mapping[int, Identification]
    beam_background: BeamBackground | None = None
    triggers: Mapping[str, Trigger] = field(default_factory=dict)

    @classmethod
    def from_record(cls, record: DetectorRecord) -> "Detector":
        """Build a detector from what its file says."""
        background, leptons = record.beam_background, record.identification
        return cls(
            calorimeter=Calorimeter.from_record(record.calorimeter, record.outer_veto),
            tracker=Tracker.from_record(record.tracker),
            track_efficiency=_by_kind(record.tracker.efficiency),
            identification={
                lepton: Identification.from_record(
                    entry, [_by_kind(each) for each in (entry.probability, *entry.harder)]
                )
                for lepton, entry in ((ELECTRON, leptons.electron), (MUON, leptons.muon))
            },
            beam_background=None if background is None else BeamBackground.from_record(background),
            triggers={name: Trigger.from_record(entry) for name, entry in record.triggers.items()},
        )

    def reconstruct(self, events: Events, rng: np.random.Generator) -> Reconstructed:
        """Let the detector see events.

        Parameters
        ----------
        events
            In the laboratory. Particles that decayed are passed over.
        rng
            Source of all smearing.

        Raises
        ------
        UmbraError
            If a final-state particle is of a sort that the detector has no response for.
        """
        true_kind, charge = _true_kinds(events)
        p4 = events.p4
        transverse2 = p4[..., 0] ** 2 + p4[..., 1] ** 2
        magnitude = np.sqrt(transverse2 + p4[..., 2] ** 2)
        # An empty slot and a photon of no energy have no direction: NaN is inside nothing.
        with np.errstate(invalid="ignore"):
            cos_theta = p4[..., 2] / magnitude

        charged = true_kind > PHOTON
        track = charged & self.tracker.covers(cos_theta, np.sqrt(transverse2)) if charged.any() else charged
        showers = (true_kind == PHOTON) | ((true_kind == ELECTRON) & ~track)
        covered = showers & self.calorimeter.covers(cos_theta)
        p4, cluster = self.calorimeter.merge(p4, covered)

        slots = true_kind.shape[1] + (0 if self.beam_background is None else self.beam_background.slots)
        shape = (len(events), slots)
        out = Reconstructed(
            kind=widened(np.where(track, true_kind, cluster).astype(np.int8), slots),
            charge=widened(np.where(track, charge, np.int8(0)), slots),
            p4=np.zeros((*shape, 4)),
            vertex_mm=np.zeros((*shape, 3)),
            efficiency=np.zeros(shape),
            loss=np.ones(shape),
            weight=events.weight,
            events=events,
            detector=self,
            rng=rng,
        )
        self._see_clusters(out, cluster, p4, cos_theta, rng)
        if charged.any():
            self._see_tracks(out, track, cos_theta, rng)
        self._see_outside(out, showers & ~covered, cos_theta)
        if self.beam_background is not None:
            _overlay(out, self.beam_background, rng)
        return out

    def _see_clusters(
        self,
        out: Reconstructed,
        cluster: NDArray[np.bool_],
        p4: Array,
        cos_theta: Array,
        rng: np.random.Generator,
    ) -> None:
        where = np.flatnonzero(cluster)
        true_p4, cosine = p4.reshape(-1, 4).take(where, axis=0), cos_theta.ravel()[where]
        energy = true_p4[:, 3]
        missed = self.calorimeter.missed(cosine, energy)
        place = _place(where, out)
        _put(out.p4, place, self.calorimeter.measure(true_p4, rng))
        out.efficiency.ravel()[place] = 1.0 - missed
        out.loss.ravel()[place] = missed * self.calorimeter.missed_outside(cosine, energy)

    def _see_tracks(
        self, out: Reconstructed, track: NDArray[np.bool_], cos_theta: Array, rng: np.random.Generator
    ) -> None:
        where = np.flatnonzero(track)
        place = _place(where, out)
        true_p4 = out.events.p4.reshape(-1, 4).take(where, axis=0)
        kind = out.kind.ravel()[place]
        efficiency = np.zeros(len(where))
        for name, value in self.track_efficiency.items():
            efficiency[kind == name] = value
        loss = 1.0 - efficiency
        electron = np.flatnonzero(kind == ELECTRON)
        # An electron whose track is not found still leaves its shower.
        shower = cos_theta.ravel()[where[electron]], true_p4[electron, 3]
        loss[electron] *= self.calorimeter.missed(*shower) * self.calorimeter.missed_outside(*shower)
        _put(out.p4, place, self.tracker.measure(true_p4, rng))
        true_vertex = out.events.vertex_mm.reshape(-1, 3).take(where, axis=0)
        out.vertex_mm.reshape(-1, 3)[place] = self.tracker.measure_vertex(true_vertex, rng)
        out.efficiency.ravel()[place] = efficiency
        out.loss.ravel()[place] = loss

    def _see_outside(self, out: Reconstructed, missed: NDArray[np.bool_], cos_theta: Array) -> None:
        """Let the muon system notice showers that miss the calorimeter, for instance in its gaps."""
        if not self.calorimeter.outer_veto:
            return
        where = np.flatnonzero(missed)
        energy = out.events.p4.reshape(-1, 4)[where, 3]
        place = _place(where, out)
        out.loss.ravel()[place] = self.calorimeter.missed_outside(cos_theta.ravel()[where], energy)


def _by_kind(record: ByKind) -> dict[int, float]:
    return {ELECTRON: record.electron, MUON: record.muon, HADRON: record.hadron}


def _place(where: NDArray[np.intp], out: Reconstructed) -> NDArray[np.intp]:
    """Turn flat indices of true particles into those of objects, which may have more slots."""
    slots = out.events.pdg_id.shape[1]
    extra = out.kind.shape[1] - slots
    return where + extra * (where // slots) if extra else where


def _put(p4: Array, place: NDArray[np.intp], rows: Array) -> None:
    """Write momenta to flat places, each as one item of 32 bytes: twice as fast as number by number."""
    p4.reshape(-1).view("V32")[place] = rows.reshape(-1).view("V32")


def _overlay(out: Reconstructed, background: BeamBackground, rng: np.random.Generator) -> None:
    """Put the clusters of beam background into the slots behind those of the true particles."""
    first = out.events.pdg_id.shape[1]
    p4, probability = background.draw(len(out), rng)
    out.kind[:, first:] = PHOTON
    out.p4[:, first:] = p4
    out.efficiency[:, first:] = probability
    out.loss[:, first:] = 1.0 - probability


def _true_kinds(events: Events) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Kind and charge of every particle, as they would be in a perfect detector."""
    stable = events.status == FINAL
    kind = ((events.pdg_id == 22) & stable).astype(np.int8)
    charge = np.zeros(kind.shape, np.int8)
    rest = stable & (kind == 0) & (events.pdg_id != 0)
    if not rest.any():
        return kind, charge
    magnitude = np.abs(events.pdg_id)
    for pdg_id, name in _CHARGED.items():
        here = rest & (magnitude == pdg_id)
        if not here.any():
            continue
        kind[here] = name
        # Leptons with positive identifiers are negative.
        sign = np.sign(events.pdg_id[here]).astype(np.int8)
        charge[here] = -sign if name in (ELECTRON, MUON) else sign
    unknown = magnitude[rest & (kind == 0)]
    strange = unknown[~np.isin(unknown, _INVISIBLE) & ~is_new(unknown)]
    if strange.size:
        raise UmbraError(
            f"the detector has no response for a final-state particle with PDG identifier {strange[0]}; "
            "decay it or mark it as decayed"
        )
    return kind, charge
