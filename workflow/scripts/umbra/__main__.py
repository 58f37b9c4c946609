"""The command `umbra`, and `python -m umbra`: one word for each thing that it does.

Each command is a module whose `main` takes the arguments and returns an exit code. It is imported when it is asked for,
so that each starts as fast as it can.
"""

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from umbra.core.errors import UmbraError

#: Command -> its module and what it does.
COMMANDS = {
    "xsec": ("umbra.commands.xsec", "cross-section of a process"),
    "limits": ("umbra.commands.limits", "limits of HistFactory (pyhf) workspaces"),
    "channels": ("umbra.commands.channels", "the searches that can be run, and where their files lie"),
    "workspace": ("umbra.commands.workspace", "print the workspace of a channel at one mass"),
    "recast": ("umbra.commands.recast", "read finished results as limits on a model of one's own"),
    "publish": ("umbra.commands.publish", "a HEPData submission and likelihoods of a finished channel"),
    "export": ("umbra.commands.export", "write generated events as LHE or HepMC3"),
    "run": ("umbra.commands.front_door", "run the workflow in this folder: Snakemake's targets and options"),
    "verify": ("umbra.commands.verify", "make a channel again from nothing and compare every number"),
    "version": ("umbra.commands.version", "the version, and of what it depends on"),
    "licences": ("umbra.commands.licences", "the licences of what is installed for it"),
}

#: Package that is not of the core -> the extra that installs it.
EXTRAS = {
    "snakemake": "workflow",
    "pythia8mc": "pythia",
    "hepdata_lib": "publish",
    "hepdata_validator": "publish",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns
    -------
    int
        Exit code: 0; 1 where a command has done its work and the answer is no; 2 for what it refuses, in one sentence.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0].startswith("-"):
        return _top_level(given)
    name, *rest = given
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(COMMANDS)}"
        return _refuse("umbra", f"there is no command '{name}'; {hint}")
    try:
        code: int = import_module(COMMANDS[name][0]).main(rest)
        sys.stdout.flush()
    except UmbraError as error:
        return _refuse(f"umbra {name}", str(error))
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").split(".")[0])
        if extra is None:
            raise
        return _refuse(f"umbra {name}", f"{error.name} is not installed: pip install 'umbra[{extra}]'")
    except BrokenPipeError:  # whoever reads the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _top_level(given: list[str]) -> int:
    """Answer `umbra`, `umbra --help` and `umbra --version`."""
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:{width}}  {text}" for name, (_, text) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="umbra",
        usage="umbra COMMAND [OPTIONS]",
        description="Dark-sector exclusion limits of e+e- colliders.",
        epilog=f"commands:\n{listed}\n\n`umbra COMMAND --help` says more about each.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    if parser.parse_args(given).version:
        from umbra.core.provenance import library_version

        print(f"umbra {library_version()}")
        return 0
    parser.print_help(sys.stderr if not given else sys.stdout)
    return 2


def _refuse(who: str, sentence: str) -> int:
    print(f"{who}: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
