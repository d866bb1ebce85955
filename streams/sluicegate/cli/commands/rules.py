"""`sluicegate rules`: what is looked for, why, and what an analyst does about it."""

import click


@click.group("rules")
def command() -> None:
    """List the rules, or show one with its reasons and parameters.

    \b
    Example:
      sluicegate rules show changed-account
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per rule and line.")
def list_rules(as_json: bool) -> None:
    """List all rules.

    \b
    Example:
      sluicegate rules list
    """
    import msgspec

    from sluicegate.cli.rule_page import pages

    for page in pages():
        if as_json:
            click.echo(msgspec.json.encode(page))
        else:
            click.echo(f"{page.letter:3} {page.slug:22} {page.family:9} {page.title}")


@command.command("show")
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_rule(slug: str, as_json: bool) -> None:
    """Show the rule SLUG.

    \b
    Example:
      sluicegate rules show shared-account
    """
    import difflib

    import msgspec

    from sluicegate.cli.rule_page import pages

    found = {page.slug: page for page in pages()}
    if slug not in found:
        near = difflib.get_close_matches(slug, found, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; `sluicegate rules list` shows them"
        raise click.UsageError(f"there is no rule {slug}{hint}")
    page = found[slug]
    if as_json:
        click.echo(msgspec.json.encode(page))
        return
    click.secho(f"{page.slug} ({page.letter}, {page.family}, version {page.version})", bold=True)
    for heading, text in (
        ("", page.title),
        ("Why", page.why),
        ("Looks at", ", ".join(page.looks_at)),
        ("Sources", "; ".join(page.sources)),
        ("Evidence", page.evidence),
        ("False positives", page.false_positives),
        ("Next step", page.next_step),
        ("False Pretenses (Nacha)", "; ".join(page.clauses)),
        ("Fires in the tests", ", ".join(page.fires)),
        ("Silent in the tests", ", ".join(page.silent)),
    ):
        if text:
            click.echo(click.wrap_text(f"{heading}: {text}" if heading else text, 100, "", "    "))
    click.echo("Parameters (policy.update.v1, rules, params):" if page.parameters else "Parameters: none")
    for one in page.parameters:
        unit = f" {one.unit}" if one.unit else ""
        bounds = f" ({one.bounds})" if one.bounds else ""
        click.echo(f"    {one.name} = {one.standard}{unit}{bounds}: {one.meaning}")
