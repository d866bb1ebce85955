"""deploy/k8s: each overlay built by Kustomize, checked against Kubernetes' own schemas, and against what it deploys.

The resources of Strimzi, KEDA and the Prometheus operator are checked by what stands here, not by schemas of theirs.
"""

import ipaddress
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import kubernetes_validate
import pytest
import yaml

from sluicegate.acls import COMPONENTS, grants
from sluicegate.cli.main import cli
from sluicegate.configuration import catalog, faults
from sluicegate.settings import Settings
from sluicegate.topics import plan

K8S = Path(__file__).parents[2] / "deploy" / "k8s"
VERSION = "1.34"
OPERATORS = {
    "kafka.strimzi.io/v1": {"KafkaTopic", "KafkaUser"},
    "keda.sh/v1alpha1": {"ScaledObject"},
    "monitoring.coreos.com/v1": {"PodMonitor", "PrometheusRule"},
}
"""Kinds that Kubernetes itself does not know."""
BUILT = ["base", "overlays/dev", "overlays/production", "overlays/strimzi", "with/tls", "with/monitoring"]
BUILT.append("with/autoscaling")
PORTS = {
    "worker": "WEB_PORT",
    "lag": "LAG_PORT",
    "canary": "CANARY_PORT",
    "console": "CONSOLE_OPS_PORT",
    "gateway": "GATEWAY_OPS_PORT",
    "notify": "NOTIFY_PORT",
}
FROM_OUTSIDE = {"console-database", "console-tls", "kafka-cluster-ca-cert", "gateway-database", "gateway-tokens"}
FROM_OUTSIDE |= {"gateway-tls", "notify-database", "notify-endpoints"}
"""Secrets that are made by hand or by others, beside sluicegate-COMPONENT; deploy/README.md names them."""

Resource = dict[str, Any]


def kustomize() -> list[str]:
    if shutil.which("kubectl"):
        return ["kubectl", "kustomize"]
    if found := shutil.which("kustomize") or shutil.which("kustomize", path=str(Path.home() / "go" / "bin")):
        return [found, "build"]
    pytest.fail(
        "neither kubectl (1.27 or later) nor kustomize is here: "
        "go install sigs.k8s.io/kustomize/kustomize/v5@v5.0.3, or https://kubernetes.io/docs/tasks/tools"
    )


@cache
def build(name: str) -> tuple[Resource, ...]:
    """All resources of a folder, or of the base with a component (`with/COMPONENT`)."""
    with TemporaryDirectory() as temporary:
        folder = K8S / name
        if name.startswith("with/"):
            folder = Path(temporary).resolve()
            component = K8S / "components" / name.removeprefix("with/")
            # Kustomize takes no absolute paths
            base, added = (os.path.relpath(place, folder) for place in (K8S / "base", component))
            described = {"resources": [base], "components": [added]}
            (folder / "kustomization.yaml").write_text(yaml.safe_dump(described))
        command = [*kustomize(), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(resources: tuple[Resource, ...], *kinds: str) -> dict[str, Resource]:
    """By name."""
    return {one["metadata"]["name"]: one for one in resources if one["kind"] in kinds}


def templates(resources: tuple[Resource, ...]) -> Iterator[tuple[str, Resource]]:
    """(name, pod template) of every workload."""
    for name, one in of_kind(resources, "StatefulSet", "Deployment").items():
        yield name, one["spec"]["template"]
    for name, one in of_kind(resources, "CronJob").items():
        yield name, one["spec"]["jobTemplate"]["spec"]["template"]


def environment(resources: tuple[Resource, ...], pod: Resource) -> dict[str, str]:
    """Of the pod's container, of what is known here: literal values, and those of config maps."""
    (container,) = pod["spec"]["containers"]
    known: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        known |= of_kind(resources, "ConfigMap")[source["configMapRef"]["name"]]["data"]
    return known | {one["name"]: one["value"] for one in container.get("env", ()) if "value" in one}


def folder_and_pods() -> list[tuple[str, str]]:
    folders = ["base", "overlays/dev", "overlays/production", "with/tls", "with/autoscaling"]
    return [(folder, name) for folder in folders for name in (*PORTS, "lists")]


def pod_of(folder: str, name: str) -> Resource:
    return dict(templates(build(folder)))[name]


@pytest.mark.parametrize("folder", BUILT)
def test_it_fits_the_schemas_strictly(folder: str) -> None:
    for one in build(folder):
        if one["apiVersion"] in OPERATORS:
            assert one["kind"] in OPERATORS[one["apiVersion"]]
        else:
            kubernetes_validate.validate(one, VERSION, strict=True)


@pytest.mark.parametrize("folder", BUILT)
def test_names_are_used_once(folder: str) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in build(folder)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("folder", "name"), folder_and_pods())
def test_pods_meet_the_restricted_standard_and_know_no_token(folder: str, name: str) -> None:
    pod = pod_of(folder, name)["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    secure = pod["securityContext"]
    assert (secure["runAsNonRoot"], secure["runAsUser"], secure["seccompProfile"]["type"]) == (
        True,
        10001,
        "RuntimeDefault",
    )
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"].keys() == container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]
    account = of_kind(build(folder), "ServiceAccount")[pod["serviceAccountName"]]
    assert account["automountServiceAccountToken"] is False


@pytest.mark.parametrize(("folder", "name"), folder_and_pods())
def test_settings_and_commands_exist(folder: str, name: str) -> None:
    pod = pod_of(folder, name)
    settings = {key: text for key, text in environment(build(folder), pod).items() if key.startswith("SLUICEGATE_")}
    assert settings.keys() <= catalog().keys()
    # files are mounted there, and not here: any file will do
    filled = {key: __file__ if key.endswith("_FILE") else text for key, text in settings.items()}
    assert not [str(fault) for fault in faults(filled)]
    (container,) = pod["spec"]["containers"]
    assert all(one["name"] in catalog() for one in container.get("env", ()) if one["name"].startswith("SLUICEGATE_"))
    command: click.Command = cli
    for word in container["args"]:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found


@pytest.mark.parametrize(("folder", "name"), [one for one in folder_and_pods() if one[1] in PORTS])
def test_probes_ask_the_port_that_the_process_listens_on(folder: str, name: str) -> None:
    pod = pod_of(folder, name)
    (container,) = pod["spec"]["containers"]
    setting = f"SLUICEGATE_{PORTS[name]}"
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports["metrics"] == int(environment(build(folder), pod).get(setting, catalog()[setting].default))
    # restarted when it hangs; out of work, not restarted, while it reads its state
    asked = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
    assert {kind: one["path"] for kind, one in asked.items()} == {
        "startup": "/livez",
        "liveness": "/livez",
        "readiness": "/readyz",
    }
    assert {one["port"] for one in asked.values()} == {"metrics"}


@pytest.mark.parametrize(("folder", "name"), folder_and_pods())
def test_what_a_pod_refers_to_is_there(folder: str, name: str) -> None:
    resources, pod = build(folder), pod_of(folder, name)
    (container,) = pod["spec"]["containers"]
    secrets = {
        one["valueFrom"]["secretKeyRef"]["name"]
        for one in container.get("env", ())
        if "secretKeyRef" in one.get("valueFrom", {})
    }
    for volume in pod["spec"]["volumes"]:
        secrets |= {source["secret"]["name"] for source in volume.get("projected", {}).get("sources", ())}
        if claim := volume.get("persistentVolumeClaim"):
            assert claim["claimName"] in of_kind(resources, "PersistentVolumeClaim")
    assert secrets <= FROM_OUTSIDE | {f"sluicegate-{name}"}
    mounted = [one["name"] for one in container["volumeMounts"]]
    assert sorted(mounted) == sorted(volume["name"] for volume in pod["spec"]["volumes"])


def test_secrets_are_named_in_the_readme_and_none_is_written_here() -> None:
    readme = (K8S.parent / "README.md").read_text()
    assert all(name in readme for name in FROM_OUTSIDE)
    assert not [one for folder in BUILT for one in build(folder) if one["kind"] == "Secret"]


@pytest.mark.parametrize("folder", ["base", "overlays/production"])
def test_selectors_choose_what_is_there(folder: str) -> None:
    resources = build(folder)
    labels = [pod["metadata"]["labels"] for _, pod in templates(resources)]

    def chosen(wanted: dict[str, str]) -> int:
        return sum(wanted.items() <= one.items() for one in labels)

    for kind in ("StatefulSet", "Deployment", "PodDisruptionBudget", "PodMonitor"):
        for name, one in of_kind(resources, kind).items():
            assert chosen(one["spec"]["selector"]["matchLabels"]) == 1, f"{kind} {name}"
    for name, one in of_kind(resources, "Service").items():
        assert chosen(one["spec"]["selector"]) == 1, f"Service {name}"
        (container,) = pod_of(folder, name)["spec"]["containers"]
        assert {port["targetPort"] for port in one["spec"]["ports"]} <= {port["name"] for port in container["ports"]}


def test_network_is_closed_but_for_what_is_named() -> None:
    resources = build("base")
    policies = of_kind(resources, "NetworkPolicy")
    assert policies["default-deny"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ports = {
        port["name"]: port["containerPort"]
        for _, pod in templates(resources)
        for one in pod["spec"]["containers"]
        for port in one.get("ports", ())
        if port["name"] == "http"
    }
    (web,) = policies["console"]["spec"]["ingress"]
    assert [port["port"] for port in web["ports"]] == list(ports.values())
    (watch,) = policies["metrics"]["spec"]["ingress"]
    (span,) = watch["ports"]
    for name in PORTS:
        (container,) = pod_of("base", name)["spec"]["containers"]
        assert all(
            span["port"] <= port["containerPort"] <= span["endPort"]
            for port in container["ports"]
            if port["name"] == "metrics"
        )
    (internet,) = policies["internet"]["spec"]["egress"]
    (block,) = internet["to"]
    closed = [ipaddress.ip_network(one) for one in block["ipBlock"]["except"]]
    private = [ipaddress.ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")]
    assert all(any(net.subnet_of(one) for one in closed) for net in private)  # type: ignore[arg-type]


def test_broker_is_within_the_ports_that_are_open() -> None:
    for folder in ("base", "with/tls"):
        (span,) = of_kind(build(folder), "NetworkPolicy")["names-and-kafka"]["spec"]["egress"][1]["ports"]
        broker = environment(build(folder), pod_of(folder, "worker"))["SLUICEGATE_BROKER"]
        assert span["port"] <= int(broker.rpartition(":")[2]) <= span["endPort"]


@pytest.mark.parametrize("folder", ["base", "overlays/dev", "overlays/production", "with/autoscaling"])
def test_workers_are_static_members_that_share_the_partitions(folder: str) -> None:
    resources = build(folder)
    worker = of_kind(resources, "StatefulSet")["worker"]
    pod = worker["spec"]["template"]["spec"]
    settings = environment(resources, worker["spec"]["template"])
    partitions = int(settings["SLUICEGATE_PARTITIONS"])
    most = max((one["spec"]["maxReplicaCount"] for one in of_kind(resources, "ScaledObject").values()), default=0)
    assert worker["spec"].get("replicas", 1) <= partitions
    assert most <= partitions
    assert "volumeClaimTemplates" not in worker["spec"]
    own = [one for one in pod["containers"][0]["env"] if one["name"] == "SLUICEGATE_INSTANCE_ID"]
    assert own[0]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
    assert pod["terminationGracePeriodSeconds"] > Settings().stop_timeout
    # its successor, of the same name, is there before the group gives its partitions away
    assert float(settings["SLUICEGATE_SESSION_TIMEOUT"]) >= pod["terminationGracePeriodSeconds"] + 10


def test_with_autoscaling_the_number_of_workers_is_nobody_elses() -> None:
    assert "replicas" not in of_kind(build("with/autoscaling"), "StatefulSet")["worker"]["spec"]
    assert not of_kind(build("overlays/production"), "ScaledObject")  # off unless asked for


def test_each_component_has_an_identity_of_its_own_to_kafka() -> None:
    resources = build("with/tls")
    for name, pod in templates(resources):
        settings = environment(resources, pod)
        assert settings["SLUICEGATE_KAFKA_USERNAME"] == f"sluicegate-{name}"
        assert "SLUICEGATE_KAFKA_PASSWORD" not in settings
        (volume,) = [one for one in pod["spec"]["volumes"] if one["name"] == "kafka"]
        (mount,) = [one for one in pod["spec"]["containers"][0]["volumeMounts"] if one["name"] == "kafka"]
        files = {
            f"{mount['mountPath']}/{item['path']}"
            for source in volume["projected"]["sources"]
            for item in source["secret"]["items"]
        }
        assert files == {settings["SLUICEGATE_KAFKA_CA_FILE"], settings["SLUICEGATE_KAFKA_PASSWORD_FILE"]}


def test_jobs_are_called_as_prometheus_knows_them() -> None:
    config = yaml.safe_load((K8S.parent / "prometheus" / "prometheus.yml").read_text())
    jobs = {job["job_name"] for job in config["scrape_configs"]}
    monitors = of_kind(build("with/monitoring"), "PodMonitor")
    assert monitors.keys() == PORTS.keys()
    for one in monitors.values():
        (endpoint,) = one["spec"]["podMetricsEndpoints"]
        assert endpoint["port"] == "metrics"
        (job,) = [rule["replacement"] for rule in endpoint["relabelings"] if rule["targetLabel"] == "job"]
        assert job in jobs


def deployed() -> Settings:
    """The settings of the base that topics and rights depend on."""
    return Settings(partitions=int(environment(build("base"), pod_of("base", "worker"))["SLUICEGATE_PARTITIONS"]))


def test_strimzi_makes_every_topic_as_a_worker_would() -> None:
    made = of_kind(build("overlays/strimzi"), "KafkaTopic").values()
    shapes = {one["spec"]["topicName"]: (one["spec"]["partitions"], one["spec"]["config"]) for one in made}
    assert shapes == {topic.name: (topic.partitions, topic.configs) for topic in plan(deployed())}
    assert {one["spec"]["replicas"] for one in made} == {3}


def test_strimzi_gives_each_component_its_rights_and_no_more() -> None:
    users = of_kind(build("overlays/strimzi"), "KafkaUser")
    assert users.keys() == {f"sluicegate-{component.name}" for component in COMPONENTS}
    assert users.keys() >= {f"sluicegate-{name}" for name, _ in templates(build("base"))}
    for component in COMPONENTS:
        rules = users[f"sluicegate-{component.name}"]["spec"]["authorization"]["acls"]
        given = {
            (acl["resource"]["type"].lower(), acl["resource"]["name"], acl["resource"]["patternType"], operation)
            for acl in rules
            for operation in acl["operations"]
        }
        assert given == {
            (grant.resource.replace("-", ""), grant.name, grant.pattern.replace("prefixed", "prefix"), operation)
            for grant in grants(component.name, deployed())
            for operation in grant.operations
        }


def test_namespaces_refuse_pods_below_the_restricted_standard() -> None:
    for folder in ("overlays/dev", "overlays/production"):
        (namespace,) = of_kind(build(folder), "Namespace").values()
        assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
        own = {one["metadata"].get("namespace") for one in build(folder) if one["kind"] != "Namespace"}
        assert own == {namespace["metadata"]["name"]}


def test_generated_files_are_current() -> None:
    made = subprocess.run([sys.executable, K8S / "generate.py", "--check"], capture_output=True, text=True, check=False)
    assert (made.returncode, made.stderr) == (0, ""), (
        f"{made.stdout}make them anew: {sys.executable} deploy/k8s/generate.py"
    )
