"""The calls on pay runs in the OpenAPI document."""

from __future__ import annotations

from typing import Any, get_args

from sluicegate.clearance.runs import MOST_PAYMENTS, MOST_RUNS, Kind
from sluicegate.wire.decisions import RunAnnounced
from sluicegate.wire.schema import definition_name, definitions_of

__all__ = ["paths", "schemas"]

Json = dict[str, Any]
_FAULTS = ("401", "403", "422", "429", "503")
_RUN_ID = {"name": "run_id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 128}}


def paths() -> Json:
    """Answers refer to the document's components."""
    return {
        "/v1/runs": {
            "get": {
                "summary": "The newest runs",
                "operationId": "listRuns",
                "parameters": [
                    _query("limit", {"type": "integer", "maximum": MOST_RUNS}, "runs of a page"),
                    _query("before", {"type": "string"}, "`next` of the page before"),
                ],
                "responses": _answers("200", "a page of runs", _page("runs")),
            }
        },
        "/v1/runs/{run_id}": {
            "parameters": [_RUN_ID],
            "get": {
                "summary": "What of a run is scored, and what may go out",
                "operationId": "showRun",
                "parameters": [
                    _query("decision", {"enum": list(get_args(Kind))}, "only these payments"),
                    _query("after", {"type": "string"}, "`next` of the page before"),
                    _query("limit", {"type": "integer", "maximum": MOST_PAYMENTS}, "payments of a page; 0: none"),
                    _query("wait", {"type": "integer", "maximum": 30}, "s to wait for a change since If-None-Match"),
                    {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": _answers("200", "the run, and a page of its payments", _page("payments"), "404")
                | {"304": {"description": "it is as If-None-Match has it"}},
            },
            "put": {
                "summary": "Announce what a run is to hold",
                "operationId": "announceRun",
                "description": "`run_id` may be left out of the body. The last announcement of a run counts.",
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": _announced()}}}},
                "responses": _answers("202", "Kafka holds the announcement", {"type": "object"}, "400", "413"),
            },
        },
    }


def schemas() -> Json:
    """Definitions, whose references are still to `#/$defs/`. The path gives an announcement its run."""
    found = definitions_of([RunAnnounced])
    name = definition_name(RunAnnounced)
    found[name] = found[name] | {"required": [one for one in found[name]["required"] if one != "run_id"]}
    return found


def _announced() -> str:
    return f"#/components/schemas/{definition_name(RunAnnounced)}"


def _query(name: str, schema: Json, told: str) -> Json:
    return {"name": name, "in": "query", "description": told, "schema": schema}


def _page(of: str) -> Json:
    return {
        "type": "object",
        "required": [of, "next"],
        "properties": {
            of: {"type": "array", "items": {"type": "object"}},
            "next": {"type": ["string", "null"], "description": "where the next page begins; null: this is the last"},
        },
    }


def _answers(status: str, told: str, schema: Json, *more: str) -> Json:
    return {
        status: {"description": told, "content": {"application/json": {"schema": schema}}},
        **{fault: {"$ref": f"#/components/responses/{fault}"} for fault in sorted((*_FAULTS, *more))},
    }
