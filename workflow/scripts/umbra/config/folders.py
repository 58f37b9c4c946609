"""Where a configuration file is looked for: first in the user's own folder, then in what comes with Umbra.

In a checkout both are the same `config/`. Where the workflow is used as a module, or the library is installed, the user
has a `config/` of the same shape with as little in it as wanted: a channel there may name a machine, a detector or a
published curve that is shipped, and a file of the same name takes the place of the shipped one.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config

#: Folder of the tables of papers.
TABLES = "published/data"
#: No message lists more names than this.
_LISTED = 30


@dataclass(frozen=True)
class Folders:
    """Folders of the same shape, the first that has a file being the one that counts.

    Parameters
    ----------
    places
        Folders that hold `channels/`, `machines/`, `detectors/`, `published/` …, in the order of search.
    """

    places: tuple[Path, ...]

    @classmethod
    def of(cls, own: Path) -> "Folders":
        """Put the user's folder, if it is there, before the shipped one.

        Files of `own` keep the form of its path: relative to the working directory where it is, as rules want it.
        """
        shipped = shipped_config()
        if not own.is_dir():
            return cls((shipped,))
        return cls((own,) if own.resolve() == shipped.resolve() else (own, shipped))

    def files(self, kind: str, suffix: str = ".yaml") -> dict[str, Path]:
        """Files of one kind by the stem of their names, sorted.

        Parameters
        ----------
        kind
            Name of the folder inside each place, such as `machines`.
        suffix
            Of their names.
        """
        found = {
            path.stem: path for place in reversed(self.places) for path in (place / kind).glob(f"*{suffix}")
        }
        return dict(sorted(found.items()))

    def channels(self, *, shipped: bool = False) -> dict[str, Path]:
        """Channels that are made when none is named.

        Parameters
        ----------
        shipped
            Whether to give those that come with Umbra beside the user's own. Where there are none of the user's own,
            they are what there is.
        """
        own = Folders(self.places[:1]).files("channels")
        return self.files("channels") if shipped or not own else own

    def published(self) -> list[Path]:
        """Files of published limits; of the files of quoted ranges, which hold many, each place has its own."""
        name = "ranges"
        curves = [path for stem, path in self.files("published").items() if stem != name]
        return [*curves, *self.ranges()]

    def ranges(self) -> list[Path]:
        """Files of the ranges that papers quote."""
        files = [place / "published" / "ranges.yaml" for place in self.places]
        return [path for path in files if path.is_file()]

    def find(self, kind: str, name: str, suffix: str = ".yaml") -> Path:
        """File of this name.

        Raises
        ------
        UmbraError
            If there is none, with the nearest name that is there.
        """
        path = self.files(kind, suffix).get(name)
        if path is not None:
            return path
        places = " or ".join(str(place / kind) for place in self.places)
        known = list(self.files(kind, suffix))
        near = difflib.get_close_matches(name, known, n=1)
        listed = (
            f"known: {', '.join(known) or 'none'}" if len(known) <= _LISTED else f"{len(known)} others are"
        )
        raise UmbraError(
            f"there is no {name}{suffix} in {places}; " + (f"did you mean '{near[0]}'?" if near else listed)
        )

    def get(self, name: str) -> Path | None:
        """File of this name, such as `validation/full_scans.yaml`, or `None`."""
        return next((place / name for place in self.places if (place / name).is_file()), None)
