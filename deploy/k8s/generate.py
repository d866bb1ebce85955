"""Write what the cluster's operators want, from what Sluicegate knows: `.venv/bin/python deploy/k8s/generate.py`.

Strimzi's topics come from sluicegate.topics, its users from sluicegate.acls, the Prometheus operator's rules from
deploy/prometheus/rules. With --check nothing is written; exit status 1 where a file is not current.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from sluicegate.acls import COMPONENTS, Grant, grants
from sluicegate.settings import Settings
from sluicegate.topics import plan

HERE = Path(__file__).parent
CLUSTER = "kafka"
"""Name of the Kafka resource; its operators watch for it."""
REPLICAS = 3
NOTE = "# Made by deploy/k8s/generate.py; do not edit.\n"


def settings() -> Settings:
    """As the base sets them."""
    lines = (HERE / "base" / "settings.env").read_text().splitlines()
    known = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return Settings(partitions=int(known["SLUICEGATE_PARTITIONS"]))


def topics() -> Iterator[dict[str, Any]]:
    for topic in plan(settings()):
        yield _resource(
            "KafkaTopic",
            topic.name,
            {"topicName": topic.name, "partitions": topic.partitions, "replicas": REPLICAS, "config": topic.configs},
        )


def users() -> Iterator[dict[str, Any]]:
    for component in COMPONENTS:
        rights = [_acl(grant) for grant in grants(component.name, settings())]
        yield _resource(
            "KafkaUser",
            f"sluicegate-{component.name}",
            {
                "authentication": {"type": "scram-sha-512"},
                "authorization": {"type": "simple", "acls": rights},
            },
        )


def rules() -> Iterator[dict[str, Any]]:
    for path in sorted((HERE.parent / "prometheus" / "rules").glob("*.yml")):
        yield {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": f"sluicegate-{path.stem}"},
            "spec": yaml.safe_load(path.read_text()),
        }


def _resource(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    labels = {"strimzi.io/cluster": CLUSTER}
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": kind,
        "metadata": {"name": name, "labels": labels},
        "spec": spec,
    }


def _acl(grant: Grant) -> dict[str, Any]:
    kind = "transactionalId" if grant.resource == "transactional-id" else grant.resource
    pattern = "prefix" if grant.pattern == "prefixed" else grant.pattern
    return {
        "resource": {"type": kind, "name": grant.name, "patternType": pattern},
        "operations": list(grant.operations),
    }


def written(resources: Iterable[dict[str, Any]]) -> str:
    return NOTE + "---\n".join(yaml.safe_dump(one, sort_keys=False, width=110, allow_unicode=True) for one in resources)


def files() -> dict[Path, str]:
    """Path -> content."""
    return {
        HERE / "overlays" / "strimzi" / "topics.yaml": written(topics()),
        HERE / "overlays" / "strimzi" / "users.yaml": written(users()),
        HERE / "components" / "monitoring" / "rules.yaml": written(rules()),
    }


def main() -> int:
    check = "--check" in sys.argv
    stale = {path: text for path, text in files().items() if not path.exists() or path.read_text() != text}
    for path, text in stale.items():
        sys.stdout.write(f"{'not current' if check else 'written'}: {path}\n")
        if not check:
            path.write_text(text)
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
