"""How many small changes to rules and detection the tests notice: a mutation run that forks instead of starting Python.

Everything slow is imported once. A first child collects the tests, notes which of them run which lines, and forks for
each mutant inside a function: the fork swaps the function's code, runs the tests that reach the line, and tells by its
exit what came of it. A mutant outside of functions (a default, a constant, a rule's facts) is forked from the parent,
where the code under test is not imported yet, and imported changed. Tests of ../shared, where it is there, run last, so
that both rates are known; without it only those of the project run.

    python -m tests.bench.mutation --only 'rules/near_*' --survivors
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

from tests.bench.mutation_equivalent import EQUIVALENT
from tests.bench.mutation_runs import PACKAGE, Case, Fate, run_all
from tests.bench.mutation_source import Module

ROOT = Path(__file__).parents[2]
GROUPS = ("rules", "detection")
KILLED = (Fate.KILLED, Fate.KILLED_BY_SHARED, Fate.TIMED_OUT)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="GLOB", default=["*"], help="files, such as 'rules/near_*'")
    parser.add_argument("--sample", type=int, metavar="N", help="so many mutants of each file; all by default")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--texts", action="store_true", help="mutants of texts for people too, counted apart")
    parser.add_argument("--survivors", action="store_true", help="list them")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> tuple[list[Module], list[Case], int]:
    """Modules, the mutants of them to try, and how many are left out as equivalent."""
    modules, cases, equivalent = [], [], 0
    source = ROOT / "models" / PACKAGE
    for file in (file for group in GROUPS for file in sorted((source / group).glob("*.py"))):
        name = file.relative_to(source).as_posix()
        module = Module.read(name, file)
        modules.append(module)
        if not any(fnmatch.fnmatch(name, glob) or fnmatch.fnmatch(name, f"{glob}.py") for glob in options.only):
            continue
        mine = [Case(name, n) for n, mutant in enumerate(module.mutants) if options.texts or not mutant.text]
        real = [case for case in mine if (name, *module.shown(case.number)) not in EQUIVALENT]
        equivalent += len(mine) - len(real)
        if options.sample is not None and len(real) > options.sample:
            real = sorted(random.Random(f"{options.seed} {name}").sample(real, options.sample))
        cases += real
    return modules, cases, equivalent


def stale(modules: list[Module]) -> list[tuple[str, str, str]]:
    """What stands among the equivalent ones and is no mutant any more."""
    known = {(module.name, *module.shown(n)) for module in modules for n in range(len(module.mutants))}
    return [entry for entry in EQUIVALENT if entry not in known]


def report(cases: list[Case], fates: dict[Case, Fate], of: dict[str, Module], equivalent: int) -> None:
    print(f"\n{'file':40}{'mutants':>9}{'killed':>8}{'timeout':>9}{'survived':>10}{'rate':>7}{'own':>7}")
    for text in (False, True):
        counted = {case: fates[case] for case in cases if of[case.file].mutants[case.number].text == text}
        if counted and text:
            print("\ntexts for people")
        for name in sorted({case.file for case in counted}):
            _line(name, [fate for case, fate in counted.items() if case.file == name])
        for group in GROUPS:
            found = [fate for case, fate in counted.items() if case.file.startswith(f"{group}/")]
            if found:
                _line(f"all of {group}", found)
    print(f"\n{equivalent} equivalent ones left out; `own`: the rate by the project's tests alone, without ../shared")


def _line(name: str, fates: list[Fate]) -> None:
    count = Counter(fates)
    killed, total = sum(count[fate] for fate in KILLED), len(fates)
    own = killed - count[Fate.KILLED_BY_SHARED]
    print(
        f"{name:40}{total:9}{killed:8}{count[Fate.TIMED_OUT]:9}{total - killed:10}"
        f"{killed / total:7.1%}{own / total:7.1%}"
    )


def main() -> int:
    options = arguments()
    began = time.monotonic()
    modules, cases, equivalent = chosen(options)
    fates = run_all(ROOT, modules, cases)
    of = {module.name: module for module in modules}
    if options.survivors:
        for case in cases:
            if fates[case] in (Fate.SURVIVED, Fate.KILLED_BY_SHARED):
                mutant = of[case.file].mutants[case.number]
                line, what = of[case.file].shown(case.number)
                shared = " (killed by ../shared)" if fates[case] is Fate.KILLED_BY_SHARED else ""
                print(f"{case.file}:{mutant.line}: {what}{shared}\n    {line}")
    report(cases, fates, of, equivalent)
    for file, line, what in stale(modules):
        print(f"no such mutant any more, remove it from mutation_equivalent.py: {file}: {what}\n    {line}")
    print(f"{time.monotonic() - began:.0f} s, {os.cpu_count()} CPUs, one used")
    return 0


if __name__ == "__main__":
    sys.exit(main())
