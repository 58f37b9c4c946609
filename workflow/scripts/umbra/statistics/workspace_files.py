"""Read workspaces from files: JSON, patch sets of one workspace, and the XML that HistFactory itself reads."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from jsonpatch import JsonPatchException, apply_patch
from jsonpointer import JsonPointerException

from umbra.core.errors import UmbraError
from umbra.statistics.model import WorkspaceError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NamedWorkspace:
    """A workspace and how its row is called; without `content` where there is none, for the given reason."""

    name: str
    content: Mapping[str, Any] | None
    reason: str = ""


@dataclass(frozen=True)
class PatchSet:
    """The workspaces of a patch set, and whether it says that it was made for the workspace that it was applied to."""

    workspaces: tuple[NamedWorkspace, ...]
    digest_matches: bool


def read_workspace(path: Path) -> Any:
    """Read the content of a JSON file, or of an XML file with the ROOT histograms that it names.

    Raises
    ------
    UmbraError
        The file is missing or is no such file, an object says a key twice, or a number is not finite.
    """
    return read_xml(path) if path.suffix.lower() == ".xml" else read_json_strictly(path)


def read_json_strictly(path: Path) -> Any:
    """Read JSON in which no object may have a key twice and no number may be NaN or infinite.

    Raises
    ------
    UmbraError
        Naming the file and the key.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content = dict(pairs)
        if len(content) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise WorkspaceError(f"{path} says the key '{twice}' of one object twice")
        return content

    def refuse(constant: str) -> Any:
        raise WorkspaceError(f"{path} holds {constant}, which is no JSON number")

    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except (OSError, ValueError, RecursionError) as error:
        raise UmbraError(f"{path} cannot be read as JSON: {error}") from error


def read_patch_set(workspace: Path, patches: Path) -> PatchSet:
    """Apply each patch of a pyhf patch set to a workspace; a patch that cannot be applied has its reason.

    Raises
    ------
    UmbraError
        One of the files cannot be read, or the second is no patch set.
    """
    content, patch_set = read_json_strictly(workspace), read_json_strictly(patches)
    listed = patch_set.get("patches") if isinstance(patch_set, dict) else None
    if not isinstance(listed, list) or not listed:
        raise UmbraError(f"{patches} is no patch set: it has no list of 'patches'")
    found: list[NamedWorkspace] = []
    for number, patch in enumerate(listed):
        metadata = patch.get("metadata") if isinstance(patch, dict) else None
        name = metadata.get("name") if isinstance(metadata, dict) else None
        row = name if isinstance(name, str) else f"patch {number}"
        if any(row == other.name for other in found):
            found.append(NamedWorkspace(row, None, f"{patches} has two patches '{row}'"))
        else:
            found.append(_patched(row, content, patch))
    metadata = patch_set.get("metadata")
    digests = metadata.get("digests") if isinstance(metadata, dict) else None
    wanted = digests.get("sha256") if isinstance(digests, dict) else None
    return PatchSet(tuple(found), wanted is None or wanted == workspace_digest(content))


def _patched(name: str, content: Any, patch: Any) -> NamedWorkspace:
    """Apply one patch; whatever is wrong with it costs its own row."""
    try:
        return NamedWorkspace(name, apply_patch(content, patch["patch"]))
    except (JsonPatchException, JsonPointerException, LookupError, TypeError, ValueError) as error:
        return NamedWorkspace(name, None, f"patch '{name}' cannot be applied: {error}")


def workspace_digest(content: Any) -> str:
    """SHA-256 of a workspace as pyhf's patch sets quote it: of its JSON with sorted keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def read_xml(path: Path) -> Any:
    """Read HistFactory's XML and ROOT histograms with pyhf's reader.

    Paths within the XML are relative to the folder from which `hist2workspace` would be called: that of the file, or
    one of the two above it, whichever holds the first of the named inputs.

    Raises
    ------
    UmbraError
        The file is missing or no HistFactory XML, an input or histogram of it is, or it asks for something that
        pyhf's reader would leave out.
    """
    top = _xml(path)
    inputs = [(node.text or "").strip() for node in top.findall("Input")]
    if not inputs:
        raise UmbraError(f"{path} is no HistFactory XML: it names no Input")
    folders = [path.absolute().parent, *path.absolute().parent.parents[:2]]
    root = next((folder for folder in folders if (folder / inputs[0]).is_file()), None)
    if root is None:
        raise UmbraError(f"{path} names the input '{inputs[0]}', which is not there")
    for file in (path, *(root / name for name in inputs)):
        _refuse_what_pyhf_leaves_out(file)
    from pyhf import exceptions, readxml  # here, because they take longer to import than most limits take

    try:
        return readxml.parse(path, root)
    except (
        OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, exceptions.InvalidSpecification
    ) as error:  # fmt: skip
        raise UmbraError(f"{path} cannot be read as HistFactory XML: {error}") from error
    finally:
        readxml.clear_filecache()


#: What a sample may have, in HistFactory's XML; pyhf's reader passes over everything else.
_SAMPLE_TAGS = ("OverallSys", "NormFactor", "HistoSys", "StatError", "ShapeSys", "ShapeFactor")
#: Attributes that pyhf's reader takes for false unless they are exactly `True`; HistFactory knows other words, too.
_TRUTHS = ("Activate", "NormalizeByTheory", "Const")


def _refuse_what_pyhf_leaves_out(path: Path) -> None:
    """Refuse what pyhf's reader would drop from a file, or read as something else, without an error."""
    top = _xml(path)
    for tag in top.iter():
        for name in _TRUTHS:
            if tag.get(name, "True") not in ("True", "False", ""):
                value = tag.get(name)
                raise UmbraError(f"{path}: {tag.tag} has {name} = '{value}' where True or False is needed")
        if tag.tag == "StatErrorConfig" and tag.get("ConstraintType", "Gaussian") != "Gaussian":
            log.warning("%s: the statistical errors of bins have normal constraints, not Poisson ones", path)
        if tag.tag == "ConstraintTerm":
            kind = tag.get("Type")
            raise UmbraError(f"{path} has a ConstraintTerm '{kind}'; only HistFactory's own are supported")
    for sample in top.iter("Sample"):
        for tag in sample:
            where = f"{path}: sample '{sample.get('Name')}'"
            if tag.tag not in _SAMPLE_TAGS:
                raise UmbraError(f"{where} has a {tag.tag}, which pyhf's reader would leave out")
            if tag.tag == "ShapeSys" and tag.get("ConstraintType", "Poisson") != "Poisson":
                kind = tag.get("ConstraintType")
                raise UmbraError(
                    f"{where} has a ShapeSys with a {kind} constraint; only Poisson is supported"
                )


def _xml(path: Path) -> ElementTree.Element:
    try:
        return ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise UmbraError(f"{path} cannot be read as XML: {error}") from error
