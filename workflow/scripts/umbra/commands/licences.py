"""Licences of the packages of this environment: `umbra licences`.

Umbra's own code is BSD-3-Clause; an environment or image that holds more carries more. What is shown is what each
package says in its metadata, no legal judgement.
"""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

#: What a licence is called that asks for the same licence, or for the source, of what is passed on with it.
COPYLEFT = re.compile(r"GPL|GNU|Mozilla|MPL", flags=re.IGNORECASE)

#: A longer text is the licence itself and not its name.
LONGEST_NAME = 60


@dataclass(frozen=True)
class Package:
    """An installed package.

    Parameters
    ----------
    name, version
        As its metadata have them.
    licence
        What its metadata say, or `not stated`.
    """

    name: str
    version: str
    licence: str

    @property
    def copyleft(self) -> bool:
        """Whether the licence names a copyleft licence, alone or among others."""
        return COPYLEFT.search(self.licence) is not None


def installed() -> list[Package]:
    """Packages of this environment by name; the first on the path counts, as for an import."""
    packages: dict[str, Package] = {}
    for each in metadata.distributions():
        name = each.metadata["Name"]
        packages.setdefault(name.lower(), Package(name, each.version, _licence(each.metadata)))
    return [packages[name] for name in sorted(packages)]


def main(arguments: Sequence[str]) -> int:
    """Print name, version and licence of each package; 0."""
    parser = argparse.ArgumentParser(prog="umbra licences", description=__doc__)
    parser.add_argument(
        "--copyleft",
        action="store_true",
        help="only those that name the GPL, LGPL or MPL, alone or among others",
    )
    options = parser.parse_args(arguments)
    shown = [each for each in installed() if each.copyleft or not options.copyleft]
    width = max((len(f"{each.name} {each.version}") for each in shown), default=0)
    for each in shown:
        print(f"{f'{each.name} {each.version}':{width}}  {each.licence}")
    return 0


def _licence(about: metadata.PackageMetadata) -> str:
    """Name of a licence: its expression (PEP 639), or else its short text with what the classifiers add."""
    fields = {key: about.get_all(key) or [] for key in ("License-Expression", "License", "Classifier")}
    if fields["License-Expression"]:
        return str(fields["License-Expression"][0])
    short = [text for text in fields["License"] if len(text) <= LONGEST_NAME and text != "UNKNOWN"]
    kinds = [text.split(" :: ")[-1] for text in fields["Classifier"] if text.startswith("License :: ")]
    return "; ".join(kinds or short) or "not stated"
