"""Bibliographies: BibTeX of papers that are known by their arXiv number and a citation."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: Signs that BibTeX reads as commands.
_COMMANDS = str.maketrans({sign: f"\\{sign}" for sign in "&%#_"})


@dataclass(frozen=True)
class Paper:
    """What is cited.

    Parameters
    ----------
    citation
        Authors, journal, volume, year and page, as one line.
    arxiv
        Number; empty where there is none.
    """

    citation: str
    arxiv: str = ""

    @property
    def key(self) -> str:
        """Key of its entry: the arXiv number, or the words of the citation."""
        if self.arxiv:
            return f"arXiv:{self.arxiv}"
        return "_".join(re.findall(r"[A-Za-z0-9]+", self.citation)[:6])


def bibtex(papers: Iterable[Paper]) -> str:
    """Entries of papers, each once, in the order of their keys; of several citations the longest one counts."""
    found = {paper.key: paper for paper in sorted(papers, key=lambda paper: len(paper.citation))}
    return "\n".join(_entry(found[key]) for key in sorted(found))


def _entry(paper: Paper) -> str:
    lines = [f"  note = {{{paper.citation.translate(_COMMANDS)}}},"]
    if paper.arxiv:
        lines += [f"  eprint = {{{paper.arxiv}}},", "  archivePrefix = {arXiv},"]
    return "\n".join([f"@misc{{{paper.key},", *lines, "}", ""])
