"""The built-in starter list: a few parties, so that a fresh installation has something to find, and no more than that.

These are the parties that the U.S. Treasury (OFAC) named on 27 August 2025 as a network of North Korean IT workers, and
two named earlier behind whom they stand; ids, names and identifiers are those of the SDN list, which is in the public
domain. Everything that screens says that this is a part of a list while no other one is loaded.
"""

from collections.abc import Iterator
from datetime import date

from sluicegate.screening.lists.base import Fault, Files, Form, ListSource
from sluicegate.wire.blocks import ListedId
from sluicegate.wire.events import ListEntry, ListName

VERSION = "2025-08-27.1"
"""Day of the newest designation in it, and its edition."""

_NETWORK = date(2025, 8, 27)
_REMARKS = "Built-in selection of a few parties, not a sanctions list."


def _primary(name: str) -> ListName:
    return ListName(name=name, quality="primary")


def _strong(name: str) -> ListName:
    return ListName(name=name, quality="strong")


STARTER: tuple[ListEntry, ...] = (
    ListEntry(
        entry_id="42498",
        kind="person",
        names=(_primary("SIM, Hyon Sop"), _strong("SIM, Hyo'n-so'p")),
        dob=("1983-11-25",),
        countries=("CN", "KP"),
        programs=("NPWMD",),
        wallets=(
            "0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c",
            "0x747afb5c7a7fc34b547cd0fdebf9b91759c5a52b",
            "0x76ea76ca4eb727f18956ab93445a94c5280412b9",
            "0xd04e33461fea8302c5e1e13895b60cee8aefda7f",
            "0xfb3eff152ea55d1bfa04dbdd509a80fd7b72cdeb",
            "0xfda1ec4a6178d4916b001a065422d31ebe5f62ff",
        ),
        ids=(ListedId(scheme="passport", value="109484100"),),
        listed_on=date(2023, 4, 24),
        remarks=_REMARKS,
    ),
    ListEntry(
        entry_id="43379",
        kind="organisation",
        names=(
            _primary("CHINYONG INFORMATION TECHNOLOGY COOPERATION COMPANY"),
            _strong("JINYONG IT COOPERATION COMPANY"),
        ),
        countries=("KP",),
        listed_on=date(2023, 5, 23),
        remarks=_REMARKS,
    ),
    ListEntry(
        entry_id="55062",
        kind="organisation",
        names=(
            _primary("SHENYANG GEUMPUNGRI NETWORK TECHNOLOGY CO., LTD"),
            ListName(name="GUEMPUNGRI", quality="weak"),
        ),
        countries=("CN",),
        programs=("DPRK2",),
        listed_on=_NETWORK,
        remarks=_REMARKS,
    ),
    ListEntry(
        entry_id="55063",
        kind="organisation",
        names=(
            _primary("KOREA SINJIN TRADING CORPORATION"),
            _strong("CHOSUN SINJIN TRADING COMPANY"),
            _strong("CHOSUN SINJIN TRADING CORPORATION"),
            _strong("SINJIN GENERAL TRADING CORPORATION"),
        ),
        countries=("KP",),
        programs=("DPRK2",),
        listed_on=_NETWORK,
        remarks=_REMARKS,
    ),
    ListEntry(
        entry_id="55064",
        kind="person",
        names=(_primary("KIM, Ung Sun"), _strong("KIM, U'ng-sun")),
        dob=("1964-06-23",),
        countries=("KP", "RU"),
        programs=("DPRK2",),
        ids=(ListedId(scheme="passport", value="754110065"),),
        listed_on=_NETWORK,
        remarks=_REMARKS,
    ),
    ListEntry(
        entry_id="55065",
        kind="person",
        names=(_primary("ANDREYEV, Vitaliy Sergeyevich"),),
        dob=("1980-09-29",),
        countries=("RU",),
        programs=("DPRK2",),
        wallets=("1HmqvgSXUVES1jn4TQPzk9dxo1NE8wim2T",),
        ids=(ListedId(scheme="tax", value="253908966176"),),
        listed_on=_NETWORK,
        remarks=_REMARKS,
    ),
)


def _parse(files: Files) -> Iterator[ListEntry | Fault]:
    return iter(STARTER)


SOURCE = ListSource(
    name="starter",
    title="Starter list (a few parties, not a sanctions list)",
    forms=(Form(files=(), parse=_parse),),
    licence="public domain (U.S. Treasury)",
    homepage="https://sanctionssearch.ofac.treas.gov/",
    max_age_days=36_500,  # built in: its age says nothing, `partial` says all
    partial=True,
)
