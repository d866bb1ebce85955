"""The dashboards as files: every module of deploy/grafana/boards is one."""

import importlib
import json
import pkgutil
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.board import Board, build

__all__ = ["FOLDER", "boards", "rendered"]

_HERE = Path(__file__).parent
FOLDER = _HERE / "dashboards"


def boards() -> list[Board]:
    """All descriptions, by file name."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(_HERE / "boards")]))
    return [importlib.import_module(f"deploy.grafana.boards.{name}").BOARD for name in names]


def rendered() -> dict[str, str]:
    """File name -> what it should hold."""
    return {f"{board.uid}.json": json.dumps(build(board), cls=JSONEncoder, indent=1) + "\n" for board in boards()}
