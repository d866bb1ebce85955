"""The one place that knows every setting there is: parts of the system, each with a struct of its own, and loose ones.

Whichever process starts refuses a SLUICEGATE_ variable that none of them knows: a mistyped one would otherwise be
ignored in silence. A setting is added as a field of its part's struct; a part, as a line of PARTS.

>>> part_of("SLUICEGATE_CONSOLE_PORT").name
'console'
>>> [str(fault) for fault in unknown({"SLUICEGATE_CONSOL_PORT": "1"})]
['SLUICEGATE_CONSOL_PORT is not a setting (did you mean SLUICEGATE_CONSOLE_PORT?)']
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import msgspec

from sluicegate.environment import Fault, Setting, convert, describe
from sluicegate.errors import SettingsError

__all__ = [
    "LOOSE",
    "PARTS",
    "PREFIX",
    "Effective",
    "Part",
    "catalog",
    "explain",
    "faults",
    "in_effect",
    "ours",
    "part",
    "part_of",
    "read",
    "unknown",
]

PREFIX = "SLUICEGATE_"


@dataclass(frozen=True)
class Part:
    """A process and its settings."""

    name: str
    title: str
    command: str
    """After `sluicegate`; has an option for each setting."""
    prefix: str
    place: str
    """`module:struct`, loaded when asked for."""

    @property
    def kind(self) -> type[msgspec.Struct]:
        module, _, name = self.place.partition(":")
        kind: type[msgspec.Struct] = getattr(import_module(module), name)
        return kind

    @property
    def settings(self) -> tuple[Setting, ...]:
        """In the order of the struct."""
        return _settings(self)


@cache
def _settings(part: Part) -> tuple[Setting, ...]:
    return tuple(describe(part.kind, part.prefix))


PARTS = (
    Part("worker", "A worker", "worker", PREFIX, "sluicegate.settings:Settings"),
    Part("console", "The console", "console serve", f"{PREFIX}CONSOLE_", "sluicegate.console.settings:ConsoleSettings"),
    Part("lag", "The lag exporter", "lag", f"{PREFIX}LAG_", "sluicegate.lag.settings:LagSettings"),
    Part("canary", "The canary", "canary", f"{PREFIX}CANARY_", "sluicegate.canary.settings:CanarySettings"),
    Part(
        "folder", "The folder watcher", "watch-folder", f"{PREFIX}FOLDER_", "sluicegate.folder.settings:FolderSettings"
    ),
    Part("notify", "The notifier", "notify run", f"{PREFIX}NOTIFY_", "sluicegate.notify.settings:NotifySettings"),
    Part("gateway", "The gateway", "gateway serve", f"{PREFIX}GATEWAY_", "sluicegate.gateway.settings:GatewaySettings"),
)


def _loose(name: str, default: str, meaning: str) -> Setting:
    return Setting(name.lower(), f"{PREFIX}{name}", "text", "", "", default, meaning)


LOOSE = (
    _loose(
        "CACHE", "$XDG_CACHE_HOME/sluicegate", "folder of what is downloaded once: the embedded broker and its Java"
    ),
    _loose("LISTS", "$XDG_DATA_HOME/sluicegate/lists", "folder of the sanctions lists' snapshots"),
    _loose("TENANT_SECRETS", "", "folder of the tenants' secrets, a file each, which key fingerprints of accounts"),
    _loose("MAVEN", "https://repo1.maven.org/maven2", "repository of the embedded broker's jars"),
)
"""Of no process in particular; read where they are needed."""


def part(name: str) -> Part:
    """The part of this name."""
    return next(one for one in PARTS if one.name == name)


def part_of(variable: str) -> Part:
    """The part that a variable belongs to by its prefix, the longest that fits."""
    return max((one for one in PARTS if variable.startswith(one.prefix)), key=lambda one: len(one.prefix))


@cache
def catalog() -> dict[str, Setting]:
    """Every setting by its variable."""
    return {setting.variable: setting for setting in (*(one for own in PARTS for one in own.settings), *LOOSE)}


# what Kubernetes gives every pod for each Service of its namespace; SLUICEGATE_CONSOLE_PORT may be either
_OF_A_SERVICE = re.compile(r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)")
_LINK = re.compile(r"(tcp|udp|sctp)://")


def _of_a_service(variable: str, text: str) -> bool:
    """Whether Kubernetes made it.

    >>> _of_a_service("SLUICEGATE_CONSOLE_PORT", "tcp://10.0.0.1:8080"), _of_a_service("SLUICEGATE_CONSOLE_PORT", "80")
    (True, False)
    """
    if variable.endswith("_PORT") and _LINK.match(text):
        return True
    return _OF_A_SERVICE.fullmatch(variable) is not None


def ours(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that are meant for Sluicegate."""
    return {name: text for name, text in environ.items() if name.startswith(PREFIX) and not _of_a_service(name, text)}


def unknown(environ: Mapping[str, str]) -> list[Fault]:
    """A fault for each variable of the prefix that is no setting, with the nearest that is one."""
    loose = {setting.variable for setting in LOOSE}
    return [
        Fault(variable, variable, f" is not a setting{_hint(variable)}")
        for variable in ours(environ)
        # its own part is looked at alone: a process loads no settings that nobody names
        if variable not in loose and all(variable != one.variable for one in part_of(variable).settings)
    ]


def _hint(variable: str) -> str:
    # without the prefix, which would make anything look like everything
    names = [known.removeprefix(PREFIX) for known in catalog()]
    moved = variable.removeprefix(part_of(variable).prefix)
    near = [moved] if moved in names else difflib.get_close_matches(variable.removeprefix(PREFIX), names, 1, 0.8)
    return f" (did you mean {PREFIX}{near[0]}?)" if near else ""


def read(name: str, environ: Mapping[str, str], given: Mapping[str, Any]) -> Any:
    """The struct of the part named: defaults, then the environment, then what was `given` by option (None: not given).

    Raises SettingsError with every fault of that part, and with variables that are none of any part's, a line each.
    """
    own = part(name)
    texts = ours(environ)
    made, found = convert(own.kind, own.prefix, texts, given)
    wrong = [*unknown(environ), *found]
    if wrong:
        raise SettingsError("\n".join(map(str, wrong)))
    return made


def faults(environ: Mapping[str, str], *, here: bool = True) -> list[Fault]:
    """Everything wrong with the settings of all parts; files they name are looked for if they are meant for `here`."""
    texts, found = ours(environ), unknown(environ)
    for own in PARTS:
        found += convert(own.kind, own.prefix, texts, {}, here=here)[1]
    return found


@dataclass(frozen=True)
class Effective:
    """A setting and its value, as it may be shown."""

    part: str
    """Empty for loose ones."""
    setting: Setting
    value: str
    given: bool
    """Whether the environment gives it; else it is the default."""


def in_effect(environ: Mapping[str, str]) -> list[Effective]:
    """Every setting with its value. Raises SettingsError with every fault."""
    if found := faults(environ):
        raise SettingsError("\n".join(map(str, found)))
    texts = ours(environ)
    shown = []
    known = [(own.name, one) for own in PARTS for one in own.settings] + [("", one) for one in LOOSE]
    for name, setting in known:
        given = setting.variable in texts
        shown.append(Effective(name, setting, _shown(setting, texts.get(setting.variable, setting.default)), given))
    return shown


def explain(fault: Fault, environ: Mapping[str, str]) -> str:
    """A fault with what was given and what is allowed; of a secret only how long it is."""
    setting = catalog().get(fault.variable)
    if setting is None:
        return str(fault)
    text = environ.get(fault.variable)
    given = "the default" if text is None else f"a text of {len(text)} characters" if setting.secret else repr(text)
    return f"{fault} (given: {_PASSWORD.sub(_STARS, given)}; allowed: {setting.allowed})"


_PASSWORD, _STARS = re.compile(r"(?<=://)([^:/@\s]*):[^@\s]*@"), r"\1:***@"


def _shown(setting: Setting, text: str) -> str:
    """A value without what is secret in it.

    >>> _shown(LOOSE[2], "https://me:word@host/x")
    'https://me:***@host/x'
    """
    if setting.secret:
        return "set" if text else "not set"
    return _PASSWORD.sub(_STARS, text)
