"""A point of a scan: what is varied from one hypothesis to the next."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """Masses and lifetime of a new particle.

    Parameters
    ----------
    mass_gev
        Mass that the scan runs over.
    mass2_gev
        Second mass, where a plane is scanned.
    lifetime_mm
        Mean proper decay length, where limits are set for several.
    """

    mass_gev: float
    mass2_gev: float | None = None
    lifetime_mm: float | None = None

    @property
    def masses(self) -> dict[str, float]:
        """Masses by the names that processes know them by."""
        found = {"mass_gev": self.mass_gev, "mass2_gev": self.mass2_gev}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def place(self) -> tuple[float, float, float]:
        """Where it stands in a table, 0 for what is not varied."""
        return (self.lifetime_mm or 0.0, self.mass_gev, self.mass2_gev or 0.0)

    def __str__(self) -> str:
        text = " and ".join(f"{mass:g}" for mass in self.masses.values()) + " GeV"
        return text if self.lifetime_mm is None else f"{text}, {self.lifetime_mm:g} mm"
