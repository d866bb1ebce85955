"""The group of all commands, and the one place where errors become a line on standard error and an exit status."""

import errno
import os
import sys
from importlib import import_module
from pkgutil import iter_modules

import click

from sluicegate.cli import commands
from sluicegate.errors import operator_action
from sluicegate.version import __version__

__all__ = ["cli", "main"]

_FULL = errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO
"""Errors of writing that have no file name: a full or broken standard output."""


class Commands(click.Group):
    """Commands found among the modules of `sluicegate.cli.commands`; `import_` is the command `import`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _modules().get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(f"{commands.__name__}.{module}").command
        return command


def _modules() -> dict[str, str]:
    return {module.name.rstrip("_").replace("_", "-"): module.name for module in iter_modules(commands.__path__)}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="sluicegate")
def cli() -> None:
    """Watch payroll and vendor payments in Kafka, and explain each alert.

    Start with `sluicegate demo`. Every command has its own --help, with an example.
    """


def main() -> None:
    """Run the command line. Errors that tell an operator what to do are shown as that; others keep their traceback."""
    try:
        status = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        status = 130
    except BrokenPipeError:  # the reader of our output has seen enough, as `head` does
        _forget_output()
        status = 141
    except OSError as error:
        if error.filename is not None or error.errno not in _FULL:
            raise
        _forget_output()
        click.echo(f"Error: cannot write standard output: {error.strerror}", err=True)
        status = 2
    except Exception as error:
        if not operator_action(error):
            raise
        from sluicegate.logs import report  # here: most commands end well

        report(error)
        status = 1
    sys.exit(status)


def _forget_output() -> None:
    """Let what is still to be written go nowhere, or Python would try once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
