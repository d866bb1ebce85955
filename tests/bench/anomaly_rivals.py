"""The anomaly detector beside what users could pick instead, on labelled payments and on the handbook's cards.

All score before they learn, in one pass, with one seed. Settings are chosen on the first half of a stream's scored
time; the second half is what counts. `--only` runs some parts, `--quick` one setting a method.

Needs the dependency group `bench` and the real data in ../shared.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from tests.bench.harness import headline
from tests.bench.rivals import budget, contest, handbook, shown
from tests.bench.rivals.streams import DATA, load

PARTS = ("vendor", "payroll", "handbook", "budget", "alerts")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to run")
    parser.add_argument(
        "--methods", nargs="*", help="only rivals whose name has one of these words; without words none"
    )
    parser.add_argument("--limit", type=int, default=0, help="payments of each stream; 0 is all of them")
    parser.add_argument("--quick", action="store_true", help="one setting a method instead of the best of its settings")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    if not DATA.exists():
        print(f"no data: {DATA} is absent")
        return 2
    headline("Anomaly detection beside its rivals")
    for part in options.only:
        if part in ("vendor", "payroll"):
            contest.contest(load(part, options.limit), options.methods, options.seed, quick=options.quick)
        elif part == "handbook":
            handbook.report(options.limit, options.methods, options.seed, quick=options.quick)
        elif part == "budget":
            budget.report(options.limit)
        else:
            shown.report(options.limit)
    return 0


if __name__ == "__main__":
    sys.exit(main())
