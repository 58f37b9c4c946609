"""What the configuration says about a sample that another generator made."""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, Strict, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from umbra.core import particles
from umbra.core.errors import UmbraError
from umbra.core.records import NotNegativeFloat, PositiveFloat, Record, unknown_word, validated
from umbra.generation.external.opening import SUFFIXES as PACKED
from umbra.generation.external.opening import must_be_a_file

#: Frames in which momenta can be given: at rest with the electron along the z axis, or that of the detector.
CENTRE_OF_MASS, LAB = "centre_of_mass", "lab"
LHE, HEPMC3 = "lhe", "hepmc3"

_SUFFIXES = {".lhe": LHE, ".hepmc3": HEPMC3, ".hepmc": HEPMC3}


class Coupling(Record):
    """The coupling that a cross-section is stated at.

    Parameters
    ----------
    value
        The coupling, in the convention and unit of the channel's.
    power
        Power in which it enters the cross-section.
    """

    value: PositiveFloat
    power: PositiveFloat

    def scale_to(self, other: "Coupling") -> float:
        """Factor that takes a cross-section at this coupling to another value of it.

        Raises
        ------
        UmbraError
            If the powers differ: it is then not the same coupling.
        """
        if self.power != other.power:
            raise UmbraError(
                f"coupling/power: {self.power:g} is not {other.power:g}, the power in which the channel's "
                "coupling enters"
            )
        return float((other.value / self.value) ** self.power)


class NewParticle(Record):
    """A new particle of a file; `name` or `pdg_id` says which of ours it is.

    Parameters
    ----------
    pdg_id
        Our code: one of `umbra.core.particles.NAMES`, or a free one (`umbra.core.particles.FREE`) for a particle
        that is none of those.
    name
        A name of `umbra.core.particles.CODES`; with a free `pdg_id`, any name.
    mass_gev
        Its mass, where that is not the `mass_gev` of the sample.
    width_gev
        Width of its Breit-Wigner distribution; without one its mass is sharp.
    lifetime_mm
        Mean proper decay length c tau of this particle where the file leaves it undecayed.
    """

    pdg_id: int = 0
    name: str | None = None
    mass_gev: PositiveFloat | None = None
    width_gev: PositiveFloat | None = None
    lifetime_mm: PositiveFloat | None = None

    @model_validator(mode="before")
    @classmethod
    def _code_of_name(cls, content: Any) -> Any:
        """Fill in the code; a code or a name alone may stand for the mapping."""
        if isinstance(content, int) and not isinstance(content, bool):
            content = {"pdg_id": content}
        if isinstance(content, str):
            content = {"pdg_id": int(content)} if content.isdecimal() else {"name": content}
        if not isinstance(content, Mapping) or set(content) - set(cls.model_fields):
            return content
        name, code = content.get("name"), content.get("pdg_id")
        if code is None and name not in particles.CODES:
            lacking = f"'{name}' is none of our particles, and it has no pdg_id" if name else "it has no name"
            raise ValueError(unknown_word(lacking, name, list(particles.CODES)))
        return {**content, "pdg_id": particles.CODES[str(name)] if code is None else code}

    @model_validator(mode="after")
    def _agree(self) -> "NewParticle":
        if self.pdg_id not in particles.NAMES and self.pdg_id not in particles.FREE:
            valid = ", ".join(f"{code} ({what})" for code, what in particles.NAMES.items())
            raise ValueError(
                f"{self.pdg_id} is none of our codes: {valid}, and "
                f"{particles.FREE.start} to {particles.FREE.stop - 1} for others"
            )
        of_name = particles.CODES.get(self.name or "", self.pdg_id)
        if of_name != self.pdg_id:
            raise ValueError(f"'{self.name}' has the code {of_name}, not {self.pdg_id}")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A code or a name alone may stand for the mapping."""
        return {"anyOf": [handler(schema), {"type": "integer"}, {"type": "string"}]}

    @property
    def title(self) -> str:
        """What messages call it."""
        return self.name or particles.NAMES.get(self.pdg_id, str(self.pdg_id))


class Declaration(Record):
    """An external file as it is declared in the configuration.

    Parameters
    ----------
    file
        LHE or HepMC3 (ASCII) file, plain or compressed.
    frame
        `centre_of_mass` or `lab`: the frame of the momenta in the file.
    format
        `lhe` or `hepmc3`; follows from the name of the file.
    generator
        Name and version of what made the sample, for tables and plots.
    process
        Name of what the file holds. Files of one process (at one mass) are runs, whose cross-sections are averaged;
        different processes add up. Needed where a sample has several files (of one mass).
    pdg_id_map
        Code in the file -> what it is, for the new particles. The negative code is the same particle, unless it has
        an entry of its own.
    mass_gev, mass2_gev
        Mass that a signal is searched at, and the second one where a channel scans two.
    coupling
        Coupling at which a signal was generated.
    cross_section_pb, cross_section_error_pb
        Needed where the file does not say them; where it does they must agree.
    weight
        Name of the nominal weight of a HepMC3 file, where it does not follow from the names.
    sha256
        Checksum of the file as it lies on disk.
    """

    file: Annotated[Path, Strict(False)]
    frame: Literal["centre_of_mass", "lab"]
    # Filled in by `_format_of_name` where it is missing.
    format: Literal["lhe", "hepmc3"] = "lhe"
    generator: str = Field(min_length=1)
    process: str | None = Field(None, min_length=1)
    pdg_id_map: dict[int, NewParticle] = Field(default_factory=dict)
    mass_gev: PositiveFloat | None = None
    mass2_gev: PositiveFloat | None = None
    coupling: Coupling | None = None
    cross_section_pb: PositiveFloat | None = None
    cross_section_error_pb: NotNegativeFloat | None = None
    weight: str | None = None
    sha256: str | None = Field(None, pattern="^[0-9a-fA-F]{64}$")

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
        return validated(cls, given, f"external sample {name}")

    @model_validator(mode="before")
    @classmethod
    def _format_of_name(cls, content: Any) -> Any:
        if not isinstance(content, Mapping) or content.get("format") is not None or "file" not in content:
            return content
        path = Path(content["file"])
        bare = path.with_suffix("") if path.suffix in PACKED else path
        if bare.suffix not in _SUFFIXES:
            raise ValueError(f"the name of the file does not tell the format: give {LHE} or {HEPMC3}")
        return {**content, "format": _SUFFIXES[bare.suffix]}

    @field_validator("pdg_id_map", mode="before")
    @classmethod
    def _codes_as_numbers(cls, content: Any) -> Any:
        """Keys of a mapping may be texts, as in JSON."""
        if not isinstance(content, Mapping):
            return content
        try:
            return {int(code): particle for code, particle in content.items()}
        except (TypeError, ValueError):
            listed = ", ".join(repr(code) for code in content)
            raise ValueError(f"the codes in the file must be whole numbers: {listed}") from None

    @model_validator(mode="after")
    def _complete(self) -> "Declaration":
        if (self.cross_section_pb is None) != (self.cross_section_error_pb is None):
            raise ValueError("cross_section_pb and cross_section_error_pb must be given together")
        if self.mass_gev is not None and self.coupling is None:
            raise ValueError(
                "the key 'coupling' is missing: the value at which the file was generated, and the power in which it "
                "enters the cross-section, as coupling: {value: 1.0e-3, power: 2}"
            )
        if self.mass_gev is None and self.coupling is not None:
            raise ValueError("a coupling without mass_gev: a signal has both, a background neither")
        if self.mass_gev is None and self.mass2_gev is not None:
            raise ValueError("a mass2_gev without mass_gev")
        if self.weight is not None and self.format != HEPMC3:
            raise ValueError("weights have names in HepMC3 files only; that of an LHE file is XWGTUP")
        for code, particle in self.pdg_id_map.items():
            if particle.width_gev is not None and self.mass_of(particle) is None:
                raise ValueError(f"pdg_id_map/{code}: width_gev needs a mass_gev")
        return self

    @property
    def masses_gev(self) -> dict[str, float]:
        """The declared masses by their names: none, one or two."""
        named = {"mass_gev": self.mass_gev, "mass2_gev": self.mass2_gev}
        return {name: value for name, value in named.items() if value is not None}

    def mass_of(self, particle: NewParticle) -> float | None:
        """Mass of a particle: its own, else that of the sample if it has a width, which then is the width of that."""
        if particle.mass_gev is None and particle.width_gev is not None:
            return self.mass_gev
        return particle.mass_gev

    def particle_of(self, code: int) -> NewParticle | None:
        """What a code of the file stands for; `None` where it keeps its meaning."""
        return self.pdg_id_map.get(code, self.pdg_id_map.get(-code))

    def checksum(self) -> str:
        """Return the SHA-256 of the file.

        Raises
        ------
        UmbraError
            If the file is missing or its checksum is not the declared one.
        """
        must_be_a_file(self.file)
        with self.file.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if self.sha256 is not None and self.sha256.lower() != found:
            raise UmbraError(f"external sample {self.file}: SHA-256 is {found}, declared is {self.sha256}")
        return found


def checked_declarations(
    given: Sequence[Mapping[str, Any]], role: str, coupling: Coupling, masses: int = 1
) -> tuple[Declaration, ...]:
    """Declarations of the files of a sample, checked without opening them.

    Parameters
    ----------
    given
        What the configuration says of each file, see `Declaration`.
    role
        `signal` or `background`.
    coupling
        The channel's coupling at its reference value.
    masses
        How many masses the channel scans, 1 or 2.

    Raises
    ------
    UmbraError
        For declarations that are wrong by themselves, or do not fit the role, the coupling or each other.
    """
    found = tuple(Declaration.from_mapping(each) for each in given)
    for each in found:
        where = f"external sample {each.file}"
        if (role == "signal") != (each.mass_gev is not None):
            needs = "needs mass_gev and coupling" if each.mass_gev is None else "has no mass_gev and coupling"
            raise UmbraError(f"{where}: a {role} {needs}")
        if role == "signal" and len(each.masses_gev) != masses:
            needs = "needs mass2_gev, too" if masses == 2 else "has no mass2_gev"
            raise UmbraError(
                f"{where}: a signal of a channel that scans {masses} mass{'es' * (masses > 1)} {needs}"
            )
        scale_to(each, coupling)
    check_processes(found)
    return found


def scale_to(declaration: Declaration, coupling: Coupling | None) -> float:
    """Factor that takes the cross-section of a file to a value of the coupling; 1 for a background.

    Raises
    ------
    UmbraError
        If the coupling to take it to is not given, or is another one.
    """
    if declaration.coupling is None:
        return 1.0
    where = f"external sample {declaration.file}"
    if coupling is None:
        raise UmbraError(
            f"{where}: a signal needs the coupling of the channel that its cross-section is taken to"
        )
    try:
        return declaration.coupling.scale_to(coupling)
    except UmbraError as error:
        raise UmbraError(f"{where}: {error}") from error


def check_processes(declarations: Sequence[Declaration]) -> None:
    """Ask for the process of files that have to be put together.

    Raises
    ------
    UmbraError
        Naming two files of one mass of which one does not say it.
    """
    ordered = sorted(declarations, key=lambda each: ([*each.masses_gev.values()], str(each.file)))
    for one, other in pairwise(ordered):
        if one.masses_gev == other.masses_gev and None in (one.process, other.process):
            at = " and ".join(f"{name} = {value:g}" for name, value in one.masses_gev.items())
            at = f"at {at}" if at else "of one sample"
            raise UmbraError(
                f"external samples {one.file} and {other.file} are both {at}: give each a process, the same name if "
                "they are runs of one process (their cross-sections are averaged), different names if they add up"
            )
