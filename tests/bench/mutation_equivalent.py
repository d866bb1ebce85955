"""Mutants that change nothing anyone could observe, with the reason."""

from __future__ import annotations

RETOLD = "the finding is told in their place at once"
REASON = 'reason = ReasonRow(rule.slug, rule.version, cause, 0, "", b"", b"", list(rule.sources), "", "", "")'
COMPARED = "only how many names are compared letter by letter"
SHARE = "unmatched_share = 3 * (1 - (least - PREFIX_BONUS) / (1 - PREFIX_BONUS))"
SOONER = "only how soon a vendor is let go: what remains is counted from the payments"
HOPE = {
    "self._uneven = int((1 - ROUND_SHARE) * most)": ("1 to 2", "Sub to Add"),
    "self._far = int((1 - NEAR_SHARE) * most)": ("1 to 2", "Sub to Add"),
    "self._always = 1 + creator  # consecutive numbers, and the creator's approval: no single payment rules them out": (
        "1 to 2",
    ),
    "near = bool(self._bands) and self._far >= 0": ("And to Or",),
    "if self._uneven >= 0 and not _is_round(row):": ("0 to 1", "GtE to Gt"),
    "self._uneven -= 1": ("Sub= to Add=", "statement gone"),
    "if self._bands and self._far >= 0:": ("0 to 1", "GtE to Gt", "And to Or"),
    "self._far -= not any(floor <= amount < limit for floor, limit in self._bands)": (
        "Lt to LtE",
        "Sub= to Add=",
        "statement gone",
    ),
    "self._orders = self._orders or any(i.po is not None for i in row.invoices)": ("Or to And", "statement gone"),
}
"""Source line -> changes that give a vendor more hope than it has."""

NO_SURROGATES = "no text that came in as JSON holds half a character"
ODD_TEXTS = {
    "detection/lists.py": 'content.update("\\n".join(part.removed).encode("utf-8", "surrogatepass"))',
    "detection/partition.py": (
        'self.emit("sightings", sighting.pivot.encode("utf-8", "surrogatepass"), encode_sighting(sighting))'
    ),
    "detection/shared.py": 'key = sighting.pivot.encode("utf-8", "surrogatepass")',
    "detection/step.py": (
        'merger.write(lambda topic, key, value: self._run.emit(topic, key.encode("utf-8", "surrogatepass"), value))'
    ),
}
AHEAD = "only what is compiled ahead of the switch"
TWICE = "what is encoded twice comes out the same"
ASKED = "only asked whether it is so"
BESIDE = "a pay date that is the day itself is found on the other side"
NAME_ONLY = "a name that is only held against itself"
CHOOSE = {"WHOLE": "whole", "WAITING": "waiting", "ALL": "all", "AT_ONCE": "at once"}
HALVES = "200, 100, 50, 25: never 40"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    **{(file, line, "'surrogatepass' to 'XXsurrogatepass'"): NO_SURROGATES for file, line in ODD_TEXTS.items()},
    **{(f"detection/{name}.py", "return False", "returns None"): ASKED for name in ("seen", "state", "step")},
    **{("detection/shared.py", "self._encoded = True", what): TWICE for what in ("True to False", "statement gone")},
    **{("detection/partition.py", "self._encoded = True", what): TWICE for what in ("True to False", "statement gone")},
    **{
        ("detection/plan.py", f'{name}: Final = "{text}"', f"{text!r} to {'XX' + text!r}"): NAME_ONLY
        for name, text in CHOOSE.items()
    },
    (
        "detection/plan.py",
        "kind, lacking = type(event.data), {what for what, is_there in zip(GIVEN, held, strict=True) if not is_there}",
        "True to False",
    ): "both are of one length",
    (
        "detection/policy.py",
        "return msgspec.convert(dict(params), rule.params, str_keys=True)",
        "True to False",
    ): "names of parameters are texts",
    (
        "detection/anomaly.py",
        'held = unpack(stream, record.habits.get(_key(row.payroll, row.currency), b""))',
        "b'' to b'XX'",
    ): "neither begins with the tag of the signals",
    (
        "detection/calendar.py",
        "found = [d for d in self._pay_dates if d < day][-1:]",
        "Lt to LtE",
    ): BESIDE,
    (
        "detection/calendar.py",
        "found += [d for d in self._month(year, month) if d < day]",
        "Lt to LtE",
    ): BESIDE,
    ("detection/contacts.py", "return", "return gone"): "what follows goes through what differs, which is nothing",
    ("detection/evidence.py", "if excess <= 0:", "LtE to Lt"): "none are cut, and none are counted",
    (
        "detection/evidence.py",
        "while most > 2 * FIRST_KEPT and len(encode(record)) > MAX_BYTES:",
        "Gt to GtE",
    ): HALVES,
    (
        "detection/habits.py",
        'stream: crc32(" ".join(f"{kind.NAME} {kind.VERSION}" for kind in kinds).encode()).to_bytes(4, "little")[:2]',
        "4 to 5",
    ): "the first two bytes are the same",
    (
        "detection/amounts.py",
        "return format(amount if isinstance(digits, int) and digits >= -2 else amount.quantize(CENT, context=EXACT), "
        '"f")',
        "GtE to Gt",
    ): "two decimals rounded to two stay",
    (
        "detection/amounts.py",
        ".quantize(Decimal(1).scaleb(-18), context=EXACT)",
        "1 to 2",
    ): "only the place of the digit counts",
    (
        "detection/answers.py",
        "for row in view.rows(link.payee, view.time - 1):",
        "1 to 2",
    ): "only which blocks are read: the row is chosen by its event",
    (
        "detection/payslips.py",
        "gross, net, total = (Decimal(value or 0) for value in (purpose.gross, purpose.net, purpose.deductions_total))",
        "0 to 1",
    ): "all three are there",
    (
        "detection/rescreen.py",
        "if held is None or head is None:",
        "Or to And",
    ): "a list that took effect has both",
    (
        "detection/rescreen.py",
        'block = state.get(BlockRecord, f"{payee}\\n{number}") if latest > since else None',
        "Gt to GtE",
    ): "only which blocks are read: the rows are chosen by their times again",
    (
        "detection/shared.py",
        "if held.due is None or due > held.due:",
        "Gt to GtE",
    ): "a second timer for the same time finds nothing",
    (
        "detection/state.py",
        'piece = (value or b"")[number * PIECE : (number + 1) * PIECE]',
        "b'' to b'XX'",
    ): "what is deleted has no second piece",
    (
        "detection/partition.py",
        'SOURCE = (("topic", b"events"), ("partition", b"0"), ("offset", b""))',
        "b'0' to b'XX0'",
    ): "what is no number counts as 0",
    (
        "detection/vendors.py",
        'lengths = np.maximum(np.frombuffer(segment.lengths, "<u2"), 1)',
        "1 to 2",
    ): COMPARED,
    (
        "detection/library.py",
        "(parent if parent is not None else self.seed(name)).prepare(entries.values())",
        "statement gone",
    ): AHEAD,
    (
        "detection/lists.py",
        ODD_TEXTS["detection/lists.py"],
        "'\\n' to 'XX\\n'",
    ): "any text between ids keeps apart what a digest is taken of",
    ("detection/lists.py", "news[body] = entry", "statement gone"): AHEAD,
    ("detection/lists.py", "self._library.stage(self._held, self._data.list, news)", "statement gone"): AHEAD,
    (
        "detection/lists.py",
        "if row is not None and row.generation == generation:",
        "And to Or",
    ): "the id is that of a record",
    (
        "detection/lists.py",
        'LIVE, STAGED, PASSING = "=", "+", "!"',
        "'!' to 'XX!'",
    ): "no record under it outlives the update",
    (
        "detection/lists.py",
        "for number, part in zip(head.pending_parts, list(self._parts()), strict=True):",
        "True to False",
    ): "each part that is pending has its record",
    (
        "detection/log.py",
        "COUNTED = dict(zip(Outcome, Counts.__struct_fields__, strict=True))",
        "True to False",
    ): "a test holds one against the other",
    (
        "detection/breaker.py",
        "seen = sum(tenant.events[_PLACE[name]] for name in looks_at(rule)) if tenant.events else 0",
        "0 to 1",
    ): "an event is counted before its rules",
    (
        "detection/breaker.py",
        "if len(tenant.events) < len(KINDS):",
        "Lt to LtE",
    ): "nothing is added to a list that is long enough",
    (
        "detection/rechecks.py",
        "if record is None or row is None:",
        "Or to And",
    ): "both are there, or neither",
    (
        "detection/step.py",
        "view.raised[rule.slug] = max(result.score, view.raised.get(rule.slug, 0))",
        "0 to 1",
    ): "no score is below 1",
    **{("rules/shell_vendor.py", line, what): SOONER for line, changes in HOPE.items() for what in changes},
    **{("detection/evidence.py", REASON, what): RETOLD for what in ("0 to 1", "'' to 'XX'", "b'' to b'XX'")},
    **{("detection/vendors.py", SHARE, what): COMPARED for what in ("1 to 2", "3 to 4")},
    ("detection/calendar.py", "self._near[day, most] = near", "statement gone"): "it is worked out again",
    (
        "detection/log.py",
        "*(a + b for a, b in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True))",
        "True to False",
    ): "both have the same fields",
    (
        "rules/screened.py",
        "return tuple(dict.fromkeys(out)) if len(out) > 1 else tuple(out)",
        "Gt to GtE",
    ): "one alone is there once",
    (
        "rules/amount_mismatch.py",
        'used = len(data.amount.value.partition(".")[2].rstrip("0"))',
        "'0' to 'XX0'",
    ): "an amount holds no X",
    (
        "rules/account_revert.py",
        "rows = [r for r in view.rows(id, first.time - 1) if first.time <= r.time < view.time]",
        "1 to 2",
    ): "only which blocks are read: the rows are chosen by their times again",
    (
        "rules/near_limit.py",
        "limits = [limit for limit in limits if row.base is not None and Decimal(row.base) < limit]",
        "And to Or",
    ): "all payments of the window, and so this one, are held against the limit below",
    (
        "rules/near_limit.py",
        "limits = [limit for limit in limits if row.base is not None and Decimal(row.base) < limit]",
        "Lt to LtE",
    ): "all payments of the window, and so this one, are held against the limit below",
    (
        "rules/missing_descriptor.py",
        'IN_FORCE = parse_time("2026-03-20T00:00:00Z") or 0',
        "0 to 1",
    ): "the text is a time, and not 0",
    ("rules/series.py", "return False", "returns None"): "only asked whether it is so",
    ("rules/split_payment.py", "return False", "returns None"): "only asked whether it is so",
    (
        "rules/privacy_asset.py",
        'coin = (to.asset or "").upper() in {asset.upper() for asset in params.assets}',
        "'' to 'XX'",
    ): "no asset is called so",
    (
        "rules/registry.py",
        'return "ABCDSXQ".index(rule.letter[0]), int(rule.letter[1:])',
        "'ABCDSXQ' to 'XXABCDSXQ'",
    ): "the order stays",
}
"""(file, source line, change) -> why no test can notice it."""
