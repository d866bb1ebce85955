"""`sluicegate screen`: which listed parties a name could be, how likely that is, and why."""

import gc
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from sluicegate.cli.lines import Progressing, check_readable, lines_of
from sluicegate.cli.output import STANDARD, check_distinct, write_lines

FILE = click.Path(path_type=Path)
_STANDARD = str(STANDARD)


@click.command("screen")
@click.argument("words", nargs=-1, metavar="[NAME]")
@click.option("--dob", metavar="DATE", help="Birth date: 1980, 1980-09 or 1980-09-29.")
@click.option("--dob-verified", is_flag=True, help="The birth date was checked: one that differs clears.")
@click.option("--country", multiple=True, metavar="CODE", help="Of residence, account or bank, as RU. Repeatable.")
@click.option("--kind", metavar="KIND", help="person, organisation (also company, entity) or both. Default: both.")
@click.option("--wallet", multiple=True, metavar="ADDR", help="A wallet address of the party. Repeatable.")
@click.option("--id", "ids", multiple=True, metavar="SCHEME:VALUE", help="An identifier, as passport:X1. Repeatable.")
@click.option(
    "--list",
    "lists",
    multiple=True,
    metavar="FILE",
    help="A list as published, or entries in JSON Lines; NAME=FILE says which. Repeatable. Default: the lists stored.",
)
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True, help="Candidates that are shown.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--batch", type=FILE, is_flag=False, flag_value=_STANDARD, metavar="IN", help="Screen a file of parties.")
@click.option(
    "--pair", type=FILE, is_flag=False, flag_value=_STANDARD, metavar="IN", help="Score a file of name pairs."
)
@click.option("--out", type=FILE, metavar="OUT", help="Of --batch and --pair. Default: standard output.")
def command(
    words: tuple[str, ...],
    lists: tuple[str, ...],
    limit: int,
    as_json: bool,
    batch: Path | None,
    pair: Path | None,
    out: Path | None,
    **facts: Any,
) -> None:
    """Screen a name against sanctions lists, and say why.

    For each candidate: the listed name and its entry, which tokens agree, the score of the names alone, what each
    further fact did to it, the verdict of the rule sanctioned-name, and what the stream would do. Scores run from 0 to
    100: how likely, in percent, both are the same party. The verdict, not the score, decides what raises an alert.

    Without --list the lists of the local store are taken (`sluicegate lists update`); without those a small built-in
    selection, which is said.

    --batch reads a line {id, name, dob?, dob_verified?, country?, kind?, wallet?, ids?} a party and answers each with
    {id, score, entry_id, list, name} of the best candidate; score 0 and nulls where there is none. country, wallet and
    ids may be arrays. --pair reads {id, a, b, kind?} and answers {id, score}: of name b against name a alone, without
    any list. Both keep the order; - or no IN is standard input; files may be gzipped. A line that cannot be read is
    answered by {id?, error, line}.

    Exit status: 0, whatever was found; 1 when there were bad lines, or a list was refused; 2 when a file cannot be
    read or written.

    \b
    Example:
      sluicegate screen "Vitaly Andreyev" --country RU --dob 1980-09-29
      sluicegate screen "Chinyong IT" --kind organisation --list sdn_advanced.xml
      sluicegate screen --batch payees.jsonl --list SDN/ --list own=watch.jsonl --out scores.jsonl
      echo '{"id": 1, "a": "Sim Hyon Sop", "b": "Shim Hyun-sop"}' | sluicegate screen --pair
    """
    source = batch or pair
    if source is None:
        if out is not None:
            raise click.UsageError("--out belongs to --batch and --pair; --json prints one object")
        if len(words) != 1:
            raise click.UsageError("one NAME, in quotes, or --batch or --pair")
        _one(words[0], lists, limit, as_json, facts)
        return
    if batch is not None and pair is not None:
        raise click.UsageError("--batch or --pair, not both")
    if any(facts.values()) or as_json:
        raise click.UsageError("with --batch and --pair, facts stand in the lines, and the output is JSON")
    if pair is not None and (lists or words):
        raise click.UsageError("--pair compares names alone: no NAME, no --list")
    if words and not lists:
        raise click.UsageError("--batch takes names from its file, not from the command line")
    _many(source, (*lists, *words), out or STANDARD, pairs=pair is not None)  # words: further files after --list A B


def _one(name: str, named: Sequence[str], limit: int, as_json: bool, known: dict[str, Any]) -> None:
    import msgspec

    from sluicegate.cli.screen_explain import explain
    from sluicegate.cli.screen_lists import load
    from sluicegate.cli.screen_query import facts_of, name_of
    from sluicegate.cli.screen_text import text
    from sluicegate.lists.notice import PARTIAL_ONLY

    try:
        name = name_of(name)
        facts = facts_of(
            kind=known["kind"],
            country=known["country"],
            dob=known["dob"],
            dob_verified=known["dob_verified"],
            wallets=known["wallet"],
            ids=[_identifier(one) for one in known["ids"]],
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    lists = load(named)
    shown = explain(lists.compiled, name, facts, limit=limit, partial=lists.partial)
    if lists.partial:
        click.echo(PARTIAL_ONLY, err=True)
    if as_json:
        click.echo(msgspec.json.encode(shown))
    else:
        for line in text(shown):
            click.echo(line)


def _many(source: Path, named: Sequence[str], out: Path, *, pairs: bool) -> None:
    from sluicegate.cli.screen_batch import Answers, pair_answer, party_answer

    gc.set_threshold(50_000, 20, 20)  # few cycles arise, and looking for them takes a twelfth of the time
    size = check_readable([source])
    check_distinct([source, *map(Path, named)], [out])
    answer: Callable[[bytes], dict[str, Any]] = pair_answer
    if not pairs:
        from sluicegate.cli.screen_lists import load
        from sluicegate.lists.notice import PARTIAL_ONLY

        lists = load(named)
        if lists.partial:
            click.echo(PARTIAL_ONLY, err=True)
        answer = party_answer(lists.compiled)
    answers = Answers(answer)
    with ExitStack() as stack:
        write = stack.enter_context(write_lines(out))
        # a bar between answers on the same screen would only disturb
        watched = out != STANDARD or not click.get_text_stream("stdout").isatty()
        bar = stack.enter_context(
            Progressing(size, "pairs" if pairs else "names", lambda: answers.done, wanted=watched)
        )
        for line in answers.to(lines_of(source, bar.advance)):
            write(line)
    if answers.faults:
        count = answers.faults
        raise click.ClickException(f"{count} bad line{'s' * (count != 1)}; the error of each stands in its place")


def _identifier(text: str) -> tuple[str, str]:
    scheme, colon, value = text.partition(":")
    if not colon or not scheme.strip() or not value.strip():
        raise ValueError("id: not SCHEME:VALUE, as in passport:X1234")
    return scheme, value
