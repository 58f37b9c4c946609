"""Write what colleagues accept of a finished channel: `umbra publish CHANNEL`."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from umbra.config import channel_yaml
from umbra.config.channel_yaml import Given
from umbra.config.folders import Folders
from umbra.core.errors import UmbraError
from umbra.publication.likelihoods import NO_RECORD


def main(arguments: Sequence[str]) -> int:
    """Write a HEPData submission, likelihoods of pyhf and tables of a channel, as a folder and a ZIP; 0."""
    parser = argparse.ArgumentParser(prog="umbra publish", description=main.__doc__)
    parser.add_argument("channel")
    parser.add_argument(
        "--inspire", metavar="insNNNNNNN", default=NO_RECORD, help="record that patch sets name"
    )
    parser.add_argument(
        "--config", type=Path, default=Path("config"), metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="default: RESULTS/publish/CHANNEL")
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"ins[0-9]{7}", options.inspire):
        raise UmbraError(f"--inspire {options.inspire}: a record is called ins and seven digits")
    from umbra.publication.archive import publish  # needs the extra `publish`; its help does not

    folders = Folders.of(options.config)
    path = folders.find("channels", options.channel)
    channel = channel_yaml.read(Given(options.channel, path), folders, "default", {"kind": "asimov"})
    folder = options.output or options.results / "publish" / options.channel
    print(publish(channel, options.results / options.channel, folder, options.inspire))
    return 0
