"""Runs the tests against mutants, a fork each, inside of one pytest session."""

from __future__ import annotations

import gc
import os
import pickle
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from enum import Enum
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import coverage
import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from sluicegate.wire.scalars import RuleSlug
from tests.bench.mutation_source import Changed, Module, caches, swap

PACKAGE = "sluicegate"
TESTS = {
    "rules": ("tests/unit/rules",),
    "detection": ("tests/unit/rules", "tests/unit/detection", "tests/unit/test_replay.py"),
}
"""Beside the scenarios: what is asked about the files of a folder."""
SHARED_TESTS = "tests/unit/test_scenarios_shared.py"
EVERY_RULE = "tests/checks/test_rules.py"
SERVES = dict.fromkeys(("advice", "anomaly", "budget", "features", "habits"), "unusual-payment")
"""Modules of detection that one rule alone is made of; its slow tests are then theirs."""
UNIT_TESTS = "tests/unit/detection"
STORED_TESTS = f"{UNIT_TESTS}/test_stored.py"
"""What records are held against, whoever reads them."""
TESTED_AS = {
    "advice": ("verdict",),
    "alerts": ("edges_of_alerts", "evidence", "split", "small_edges", "chain", "partition"),
    "amounts": ("small_edges",),
    "answers": ("sighting",),
    "compose": ("evidence", "alert", "small_edges"),
    "contacts": ("held_payments",),
    "evidence": ("small_edges",),
    "guard": ("held_payments",),
    "in_force": ("small_edges",),
    "invoices": ("small_edges",),
    "library": ("list", "small_records", "held_payments"),
    "log": ("partition", "small_records", "held_payments", "step"),
    "rescreen": ("list",),
    "rows": ("split", "state", "view", "held_payments"),
    "seen": ("held_payments",),
    "shared": ("sighting", "small_edges"),
    "roster": ("small_records",),
    "step": ("partition", "clock", "seen", "anomaly"),
    "splits": ("held_payments",),
    "teaching": ("verdict",),
    "update": ("edges_of_updates", "held_payments", "small_edges"),
    "vendors": ("small_edges",),
    "view": ("held_payments",),
}
"""Modules of detection whose tests bear other names."""
RULE_TESTS = ("tests/unit/rules/", EVERY_RULE)
RULE_SLUGS = frozenset(get_args(RuleSlug))
SCENARIO = "test_scenario_gives_what_it_says"
LAW_EXAMPLES = 8
MEMORY = 6 << 30  # bytes of address space a fork
SLOWER = 20  # times as long as without a mutant a test may take, and at least
LEAST = 2.0  # seconds
MOST = 3.0
"""Seconds of tests that a mutant must survive beside those of its own module."""


class Fate(Enum):
    SURVIVED = "survived"
    KILLED = "killed"
    KILLED_BY_SHARED = "killed by shared"
    TIMED_OUT = "timed out"


class Case(NamedTuple):
    """A mutant: the file's name, and its place among the file's mutants."""

    file: str
    number: int


class Surveyed(NamedTuple):
    """What a look at the unchanged code gives."""

    seconds: dict[str, float]
    """By test."""
    reached: dict[str, dict[int, set[str]]]
    """File -> line inside of functions -> tests that run it."""
    fates: dict[Case, Fate]
    left: list[Case]
    """Mutants that need an import."""


def run_all(root: Path, modules: list[Module], cases: list[Case]) -> dict[Case, Fate]:
    """What becomes of each mutant. Raises SystemExit when the tests cannot be collected."""
    settings.register_profile(
        "mutation", derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("mutation")
    os.chdir(root)
    runner = _Runner(modules, cases)
    groups = {case.file.partition("/")[0] for case in cases}
    tests = dict.fromkeys([EVERY_RULE, *(test for group in sorted(groups) for test in TESTS[group])])
    shared = [SHARED_TESTS] if (root.parent / "shared").is_dir() else []
    options = ["-c", os.devnull, "--rootdir", str(root), "--import-mode=importlib", "--assert=plain", "-s", "-q"]
    plugins = ["no:cacheprovider", "no:timeout", "no:warnings", "no:hypothesispytest", "no:playwright"]
    told = pytest.main([*options, *(f"-p{name}" for name in plugins), *tests, *shared], plugins=[runner])
    if runner.fates is None:
        raise SystemExit(f"nothing was run: pytest gave {told}")
    return runner.fates


class _Runner:
    """A plugin that takes the place of collecting and running."""

    def __init__(self, modules: list[Module], cases: list[Case]) -> None:
        self.modules = {module.name: module for module in modules}
        self.cases = cases
        self.fates: dict[Case, Fate] | None = None
        self._killers: dict[tuple[str, str | None], Counter[str]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        import_ahead()
        raw = _in_child(lambda: pickle.dumps(self._survey(session)))
        if not raw:
            raise SystemExit("the survey failed")
        found: Surveyed = pickle.loads(raw)
        fates = found.fates
        for n, case in enumerate(found.left):
            _progress("outside of functions", n, len(found.left))
            tests = self._ordered(self._uses(case, found), case, found)
            fates[case] = self._fate(case, tests, found, partial(self._anew, session, case, tests))
        self.fates = fates
        session.items = []
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Without the text of a failure, which takes longer than the test."""
        failed = call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception)
        outcome: Literal["failed", "passed"] = "failed" if failed else "passed"
        assert call.when != "collect"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        return True

    # in the child that has all tests

    def _survey(self, session: pytest.Session) -> Surveyed:
        session.perform_collect()
        items = _wanted(session.items)
        seconds, reached = self._watch(items)
        caches()
        gc.freeze()
        found = Surveyed(seconds, reached, {}, [])
        for n, case in enumerate(self.cases):
            _progress("inside of functions", n, len(self.cases))
            tests = self._reaching(case, found)
            mutant = self.modules[case.file].mutants[case.number]
            if mutant.function is None or not tests:
                found.left.append(case)
                continue
            ordered = self._ordered(tests, case, found)
            fate = self._fate(case, ordered, found, partial(self._in_place, items, case, ordered, seconds))
            if fate is None:
                found.left.append(case)
            else:
                found.fates[case] = fate
        return found

    def _relevant(self, case: Case, tests: Iterable[str]) -> set[str]:
        """For a rule the tests of rules, without those that are about another one; for the rest, all."""
        if not case.file.startswith("rules/"):
            return set(tests)
        mine = self._building_on(case.file)
        return {id for id in tests if _is_shared(id) or (id.startswith(RULE_TESTS) and _about(id) in mine)}

    def _building_on(self, file: str) -> set[str]:
        """Slugs of the rule and of rules that import it, all for what is no rule; and that of tests about none."""
        module = self.modules[file]
        others = self.modules.values()
        files = [other.name for other in others if module.dotted in other.imports or "RULE" not in module.defines]
        return {_slug(name) for name in (file, *files)} | {""}

    def _watch(self, items: dict[str, pytest.Item]) -> tuple[dict[str, float], dict[str, dict[int, set[str]]]]:
        seconds: dict[str, float] = {}
        files = {str(module.file): module for module in self.modules.values()}
        watch = coverage.Coverage(data_file=None, include=list(files), config_file=False)
        watch.start()
        for n, (id, item) in enumerate(items.items()):
            _progress("tests without a mutant", n, len(items))
            watch.switch_context(id)
            began = time.process_time()
            passes = _passes(item)
            watch.switch_context("")
            if passes:
                seconds[id] = time.process_time() - began
            else:
                print(f"left out, since it fails without any mutant: {id}", file=sys.stderr)
        watch.stop()
        data = watch.get_data()
        reached = {
            module.name: {
                line: seconds.keys() & tests
                for line, tests in data.contexts_by_lineno(file).items()
                if line in module.body_lines
            }
            for file, module in files.items()
        }
        return seconds, reached

    def _in_place(self, items: dict[str, pytest.Item], case: Case, tests: list[str], seconds: dict[str, float]) -> str:
        if not swap(self.modules[case.file], case.number):
            return "?"
        return _first_failing((items[id] for id in tests), seconds)

    # in a child of the parent, which has imported nothing of what is mutated

    def _anew(self, session: pytest.Session, case: Case, tests: list[str]) -> str:
        sys.meta_path.insert(0, Changed(self.modules[case.file], case.number))
        files = dict.fromkeys(id.partition("::")[0] for id in tests)
        try:
            session.perform_collect(list(files))
        except (Exception, SystemExit):  # noqa: BLE001  (whatever the changed import raises)
            return "import"
        items = _wanted(session.items)
        if session.testsfailed:
            return "import"
        return _first_failing((items[id] for id in tests if id in items), dict.fromkeys(tests, 1.0))

    # which tests, and in which order

    def _reaching(self, case: Case, found: Surveyed) -> set[str]:
        lines = found.reached[case.file]
        reaching = set().union(*(lines.get(line, ()) for line in self.modules[case.file].span(case.number)))
        return self._relevant(case, reaching)

    def _uses(self, case: Case, found: Surveyed) -> set[str]:
        """Tests that run a line which mentions the name that the mutant is part of, else those of the file.

        In detection also those called after the module: a test may hold a constant against a number and run nothing.
        """
        mutant, name = self.modules[case.file].mutants[case.number], case.file
        tests: set[str] = set()
        if mutant.function is None and mutant.target is not None:
            for module in self.modules.values():
                for line in module.uses.get(_field(self.modules[name], case.number) or mutant.target, ()):
                    tests |= found.reached[module.name].get(line, set())
        if name.startswith("rules/") or not tests:
            tests = tests.union(*found.reached[name].values())
        if name.startswith("rules/"):
            tests |= {id for id in found.seconds if _about(id) == _slug(name)}
        if name.endswith("records.py"):
            tests |= {id for id in found.seconds if id.startswith(STORED_TESTS)}
        if name.startswith("detection/"):
            tests |= {id for id in found.seconds if id.startswith(f"{UNIT_TESTS}/test_{_slug(name)}".replace("-", "_"))}
        return self._relevant(case, tests or found.seconds)

    def _ordered(self, tests: Iterable[str], case: Case, found: Surveyed) -> list[str]:
        """First what killed others nearby, then the rule's own and the quick ones; those of ../shared last."""
        killers = self._killers.get(self._place(case), Counter())

        def own(test: str) -> bool:
            return _about(test) == slug or any(name in test for name in names) or test.startswith(STORED_TESTS)

        stem = _slug(case.file)
        slug = SERVES.get(stem, stem)
        names = {f"/test_{name.replace('-', '_').rstrip('s')}" for name in (stem, slug, *TESTED_AS.get(stem, ()))}
        ordered = sorted(
            tests,
            key=lambda test: (_is_shared(test), -killers[test], not own(test), found.seconds[test], test),
        )
        spent = accumulate(found.seconds[test] for test in ordered)
        return [test for test, sum_ in zip(ordered, spent, strict=True) if sum_ < MOST or own(test) or _is_shared(test)]

    def _place(self, case: Case) -> tuple[str, str | None]:
        return case.file, self.modules[case.file].mutants[case.number].function

    def _fate(self, case: Case, tests: list[str], found: Surveyed, work: Callable[[], str]) -> Any:
        """None where the mutant cannot be put in place."""
        told = _in_child(lambda: work().encode()).decode()
        if told == "?":
            return None
        if told in found.seconds:
            self._killers.setdefault(self._place(case), Counter())[told] += 1
        if told == "":
            return Fate.TIMED_OUT
        if told == "passed":
            return Fate.SURVIVED
        return Fate.KILLED_BY_SHARED if _is_shared(told) else Fate.KILLED


def import_ahead() -> None:
    """What is slow to import and not mutated."""
    for name in ("jsonschema", "yaml", "hypothesis.strategies", "tests.conftest"):
        __import__(name)
    for name in ("signals.registry", "screening.index", "wire.decode", "wire.schema"):
        __import__(f"{PACKAGE}.{name}")
    assert not any(name.startswith((f"{PACKAGE}.rules", f"{PACKAGE}.detection")) for name in sys.modules)


def _field(module: Module, number: int) -> str | None:
    """The field of a class whose default a mutant changes."""
    node: Any = module.tree
    for field, index in module.mutants[number].path:
        node = getattr(node, field) if index is None else getattr(node, field)[index]
        if type(node).__name__ == "AnnAssign":
            return getattr(node.target, "id", None)
    return None


def _wanted(items: Iterable[pytest.Item]) -> dict[str, pytest.Item]:
    """Of the checks of every rule only the scenarios: the others watch all of them at once, for seconds."""
    found = {item.nodeid: item for item in items if not item.nodeid.startswith(EVERY_RULE) or SCENARIO in item.nodeid}
    for item in found.values():
        if (held := getattr(getattr(item, "obj", None), "_hypothesis_internal_use_settings", None)) is not None:
            fewer = settings(held, max_examples=min(held.max_examples, LAW_EXAMPLES))
            item.obj._hypothesis_internal_use_settings = fewer  # type: ignore[attr-defined]
    return found


def _slug(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".py").replace("_", "-")


def _about(id: str) -> str:
    """The rule that a parametrised test names, if any."""
    name = id.partition("[")[2].rstrip("]").partition(": ")[0]
    return name if name in RULE_SLUGS else ""


def _is_shared(id: str) -> bool:
    return id.startswith(SHARED_TESTS)


def _passes(item: pytest.Item) -> bool:
    return not any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def _first_failing(items: Iterable[pytest.Item], seconds: dict[str, float]) -> str:
    for item in items:
        signal.setitimer(signal.ITIMER_PROF, LEAST + SLOWER * seconds[item.nodeid])
        if not _passes(item):
            return item.nodeid
    return "passed"


def _in_child(work: Callable[[], bytes]) -> bytes:
    """What the work gives, done in a fork; nothing if that ends otherwise, as by its time limit."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            with os.fdopen(writing, "wb") as out:
                out.write(work())
            status = 0
        except BaseException as fault:
            if not isinstance(fault, MemoryError):
                print(f"{type(fault).__name__}: {fault}", file=sys.stderr, flush=True)
            raise
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        found = told.read()
    os.waitpid(child, 0)
    return found


def _progress(what: str, done: int, of: int) -> None:
    if sys.stderr.isatty() or done % 100 == 0:
        print(f"\r{what}: {done} of {of}", end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
