"""A rule's page: why it exists, what it looks at, what it may get wrong, what to do next."""

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from sluicegate.cli.rule_page import page
from sluicegate.console.web.asked import Asked, asking
from sluicegate.console.web.pages import render
from sluicegate.rules.registry import RULES


@asking()
def show(asked: Asked) -> Response:
    rule = RULES.get(asked.request.path_params["slug"])
    if rule is None:
        raise HTTPException(404, "there is no such rule")
    return render(asked, "rule.html", rule=page(rule))


routes = [Route("/rules/{slug:str}", show, methods=["GET"])]
