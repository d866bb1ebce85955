"""`sluicegate docs`: the reference pages, made from the objects they describe."""

from pathlib import Path

import click

from sluicegate.cli.output import FileError, write_lines


@click.command("docs", short_help="Write the reference pages.")
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 where a page is not current.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("deploy/reference"),
    show_default=True,
    help="Folder of pages; the rights in Kafka go to `kafka`, the AsyncAPI document to `asyncapi.yaml` beside it.",
)
def command(check: bool, out: Path) -> None:
    """Write the reference of commands, rules, settings and metrics, the rights in Kafka, and the AsyncAPI document.

    \b
    Example:
      sluicegate docs --check
    """
    from sluicegate.cli.acl_pages import pages as acl_pages
    from sluicegate.cli.reference import pages
    from sluicegate.contract.document import document
    from sluicegate.contract.yaml import to_yaml

    made = {out / name: text for name, text in pages().items()}
    made |= {out.parent / "kafka" / name: text for name, text in acl_pages().items()}
    made[out.parent / "asyncapi.yaml"] = to_yaml(document())
    if check:
        stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
        if stale:
            raise click.ClickException(f"not current: {', '.join(map(str, stale))}; `sluicegate docs` writes them anew")
        click.echo("all pages are current")
        return
    try:
        for folder in {path.parent for path in made}:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError("write", out, error) from None
    for path, text in made.items():
        with write_lines(path) as write:
            write(text.removesuffix("\n").encode())
        click.echo(path)
