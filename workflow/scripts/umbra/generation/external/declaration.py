"""What the configuration says about a sample that another generator made."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from umbra.core import particles
from umbra.core.errors import UmbraError

#: Frames in which momenta can be given: at rest with the electron along the z axis, or that of the detector.
CENTRE_OF_MASS, LAB = "centre_of_mass", "lab"
LHE, HEPMC3 = "lhe", "hepmc3"

_SUFFIXES = {".lhe": LHE, ".hepmc3": HEPMC3, ".hepmc": HEPMC3}


@dataclass(frozen=True)
class Declaration:
    """An external sample as it is declared in the configuration.

    Parameters
    ----------
    file
        LHE or HepMC3 (ASCII) file, plain or gzipped.
    frame
        `centre_of_mass` or `lab`: the frame of the momenta in the file.
    format
        `lhe` or `hepmc3`.
    generator
        Name and version of what made the sample, for tables and plots.
    pdg_id_map
        Code in the file -> code in `umbra.core.particles`, for the new particles.
    mass_gev
        Mass of the new particle if this is a signal sample.
    cross_section_pb, cross_section_error_pb
        Needed where the file does not say them; where it does they must agree.
    ctau_mm
        Proper decay length of the new particle that the file leaves undecayed.
    sha256
        Checksum of the file as it lies on disk.
    """

    file: Path
    frame: str
    format: str
    generator: str
    pdg_id_map: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    mass_gev: float | None = None
    cross_section_pb: float | None = None
    cross_section_error_pb: float | None = None
    ctau_mm: float | None = None
    sha256: str | None = None

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> "Declaration":
        """Build a declaration from its section of the configuration.

        Raises
        ------
        UmbraError
            For unknown, missing or impossible values, naming the file, the key and the value.
        """
        name = given.get("file")
        if not isinstance(name, str | Path):
            raise UmbraError(f"external sample: key 'file' must name a file, not {name!r}")
        known = cls.__dataclass_fields__
        for key in given:
            if key not in known:
                raise UmbraError(f"external sample {name}: unknown key '{key}'; known: {', '.join(known)}")
        for key in ("frame", "generator"):
            if not isinstance(given.get(key), str) or not given[key]:
                raise UmbraError(
                    f"external sample {name}: key '{key}' is missing or not a text: {given.get(key)!r}"
                )
        if given["frame"] not in (CENTRE_OF_MASS, LAB):
            raise UmbraError(
                f"external sample {name}: frame must be {CENTRE_OF_MASS} or {LAB}, not {given['frame']!r}"
            )
        numbers = {key: _number(name, key, given.get(key)) for key in _POSITIVE}
        if (numbers["cross_section_pb"] is None) != (given.get("cross_section_error_pb") is None):
            raise UmbraError(
                f"external sample {name}: cross_section_pb and cross_section_error_pb must be given together"
            )
        return cls(
            file=Path(name),
            frame=given["frame"],
            format=_format(Path(name), given.get("format")),
            generator=given["generator"],
            pdg_id_map=_pdg_id_map(name, given.get("pdg_id_map") or {}),
            cross_section_error_pb=_number(
                name, "cross_section_error_pb", given.get("cross_section_error_pb"), zero=True
            ),
            sha256=_checksum(name, given.get("sha256")),
            **numbers,
        )

    def checksum(self) -> str:
        """Return the SHA-256 of the file.

        Raises
        ------
        UmbraError
            If the file is missing or its checksum is not the declared one.
        """
        if not self.file.is_file():
            raise UmbraError(f"external sample {self.file}: there is no such file")
        with self.file.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if self.sha256 not in (None, found):
            raise UmbraError(f"external sample {self.file}: SHA-256 is {found}, declared is {self.sha256}")
        return found


_POSITIVE = ("mass_gev", "cross_section_pb", "ctau_mm")


def _number(name: object, key: str, value: Any, zero: bool = False) -> float | None:
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # The first comparison refuses NaN as well.
    if not number or not (value > 0.0 or (zero and value == 0.0)) or value == float("inf"):
        raise UmbraError(f"external sample {name}: {key} must be a positive number, not {value!r}")
    return float(value)


def _format(path: Path, given: Any) -> str:
    if given is None:
        bare = path.with_suffix("") if path.suffix == ".gz" else path
        given = _SUFFIXES.get(bare.suffix)
        if given is None:
            raise UmbraError(
                f"external sample {path}: its name does not tell the format: give {LHE} or {HEPMC3}"
            )
    if given not in (LHE, HEPMC3):
        raise UmbraError(f"external sample {path}: format must be {LHE} or {HEPMC3}, not {given!r}")
    return str(given)


def _pdg_id_map(name: object, given: Mapping[Any, Any]) -> Mapping[int, int]:
    mapped = {}
    for theirs, ours in given.items():
        try:
            code, target = int(theirs), int(ours)
        except (TypeError, ValueError):
            raise UmbraError(
                f"external sample {name}: pdg_id_map: {theirs!r}: {ours!r} are not codes"
            ) from None
        if target not in particles.NAMES:
            valid = ", ".join(f"{code} ({what})" for code, what in particles.NAMES.items())
            raise UmbraError(f"external sample {name}: pdg_id_map: {target} is none of our codes: {valid}")
        mapped[code] = target
    return MappingProxyType(mapped)


def _checksum(name: object, given: Any) -> str | None:
    if given is None:
        return None
    text = str(given).lower()
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise UmbraError(f"external sample {name}: sha256 must be 64 hexadecimal digits, not {given!r}")
    return text
