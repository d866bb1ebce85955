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

EQUIVALENT: dict[tuple[str, str, str], str] = {
    **{(file, line, "'surrogatepass' to 'XXsurrogatepass'"): NO_SURROGATES for file, line in ODD_TEXTS.items()},
    **{(f"detection/{name}.py", "return False", "returns None"): ASKED for name in ("seen", "state", "step")},
    **{("detection/shared.py", "self._encoded = True", what): TWICE for what in ("True to False", "statement gone")},
    **{("detection/partition.py", "self._encoded = True", what): TWICE for what in ("True to False", "statement gone")},
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
