"""A look at Kafka as a table for people: a line for each topic of each stage."""

from collections.abc import Iterator
from itertools import groupby

from sluicegate.lag.look import Look, Place

__all__ = ["lines"]


def lines(look: Look) -> Iterator[str]:
    """
    >>> places = [Place("intake", "policies", n, position=7 - n, end=7, oldest=1_000 if n else None) for n in (0, 1)]
    >>> print(*lines(Look(at=62.5, places=tuple(places), members=2, missing=("eu.alerts",))), sep="\\n")
    stage   topic             partitions  behind      records     seconds
    intake  policies                   2       1            1        61.5
    2 workers in the group
    missing: eu.alerts
    """
    yield f"{'stage':7} {'topic':17} {'partitions':>10} {'behind':>7} {'records':>12} {'seconds':>11}"

    def topic(place: Place) -> tuple[str, str]:
        return place.stage, place.topic

    for (stage, name), group in groupby(look.places, topic):
        places = list(group)
        behind = sum(place.records > 0 for place in places)
        records = sum(place.records for place in places)
        seconds = max(place.seconds(look.at) for place in places)
        yield f"{stage:7} {name:17} {len(places):10} {behind:7} {records:12,} {seconds:11,.1f}"
    yield f"{look.members} worker{'' if look.members == 1 else 's'} in the group"
    if look.missing:
        yield f"missing: {', '.join(look.missing)}"
