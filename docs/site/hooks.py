"""What the site has beside the pages of `docs/`: pages from elsewhere in the project, and one made of its records.

Links are written as they are right in a checkout. Here they are turned to where their targets are in the site; what is
no page of it (a file of the code, of the configuration) keeps its name and loses the link.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT / "workflow" / "scripts"))

from umbra.config.schemas import RECORDS, schema_text  # noqa: E402

#: Pages that lie outside of docs/: page of the site -> file of the project.
ELSEWHERE = {"index.md": "README.md", "configuration.md": "config/README.md", "changelog.md": "CHANGELOG.md"}
#: A link or picture of Markdown: what is shown, target.
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fill the searches into the menu: one page of each, under the channel's name."""
    pages = sorted((PROJECT / "docs" / "channels").glob("*.md"))
    for entry in config.nav or []:
        if "Searches" in entry:
            entry["Searches"] = [{page.stem: f"channels/{page.name}"} for page in pages]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from elsewhere, and the reference of all keys."""
    for page, source in ELSEWHERE.items():
        files.append(File.generated(config, page, content=(PROJECT / source).read_text(encoding="utf-8")))
    files.append(File.generated(config, "keys.md", content="\n".join(keys())))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: Any) -> str:
    """Turn the links of a page to where their targets are in the site."""
    here = PurePosixPath(page.file.src_uri)
    source = PurePosixPath(ELSEWHERE.get(str(here), f"docs/{here}"))

    def turned(found: re.Match[str]) -> str:
        picture, shown, target = found.groups()
        path, mark, anchor = target.partition("#")
        if "://" in target or not path:
            return found[0]
        absolute = os.path.normpath(source.parent / path)
        inside = {file: name for name, file in ELSEWHERE.items()}.get(
            absolute, absolute.removeprefix("docs/")
        )
        if files.get_file_from_path(inside) is None:
            return shown
        return f"{picture}[{shown}]({os.path.relpath(inside, here.parent)}{mark}{anchor})"

    return LINK.sub(turned, markdown)


def keys() -> Iterator[str]:
    """Every key of every kind of file, from the schemas of the records that read them."""
    yield "# Keys of every file\n"
    yield "Made from the records that read the files. For editors the same keys are in `workflow/schemas/`.\n"
    for kind, record in RECORDS.items():
        schema = json.loads(schema_text(record))
        yield f"## {kind}\n"
        for name, block in ((record.__name__, schema), *sorted(schema.get("$defs", {}).items())):
            if "properties" in block:
                yield from table(kind, name, block)


def table(kind: str, name: str, block: dict[str, Any]) -> Iterator[str]:
    """One block of a file: its keys, what they hold, what they mean, and what they are if left out."""
    yield f"### {name} {{ #{kind}-{name.lower()} }}\n"
    yield f"{block.get('description', '')}\n"
    yield "| key | holds | meaning | if left out |\n|---|---|---|---|"
    required = block.get("required", ())
    for key, entry in block["properties"].items():
        default = "must be there" if key in required else f"`{json.dumps(entry.get('default'))}`"
        cells = (f"`{key}`", holds(kind, entry), entry.get("description", ""), default)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def holds(kind: str, entry: dict[str, Any]) -> str:
    """A type of JSON schema in words."""
    if "$ref" in entry:
        name = entry["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{kind}-{name.lower()})"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in entry:
            return " or ".join(dict.fromkeys(holds(kind, each) for each in entry[several]))
    if "enum" in entry or "const" in entry:
        return ", ".join(f"`{value}`" for value in entry.get("enum", [entry.get("const")]))
    if entry.get("type") == "array":
        return f"list of {holds(kind, entry.get('items', {}))}"
    if entry.get("type") == "object":
        content = entry.get("additionalProperties")
        return f"names, each with {holds(kind, content)}" if isinstance(content, dict) else "names"
    return str(entry.get("type", "anything"))
