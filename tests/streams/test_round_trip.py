"""A payroll file in, alerts and clearance out: by file, by HTTP and by Kafka the same."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from click.testing import CliRunner

from sluicegate.cli.main import cli
from sluicegate.connectors.base import Context
from sluicegate.connectors.keys import TenantKeys
from sluicegate.connectors.registry import CONNECTORS
from sluicegate.connectors.runs import announcements
from tests.streams.gateways import BATCH, GatewayProcess
from tests.streams.kafka import Kafka
from tests.streams.test_recovery import until
from tests.streams.trial import until_drained, until_placed
from tests.streams.workers import WorkerProcess, running

Json = dict[str, Any]
SECRET = b"0123456789abcdef0123456789abcdef"
WALLET = "0x7F367cC41522cE07553e823bf3be79A889DEbe1B"
LISTED = "Sang Man Kim"
BY_FILE, BY_HTTP, BY_KAFKA = "by-file", "by-http", "by-kafka"
NOW = datetime.now(UTC).replace(microsecond=0)
MONTHS = 5
STAFF = ("Anna Möller", "Bo Ek", "Chiara Neri", "Dirk Vos", "Eva Lind")


def iban(number: int) -> str:
    bban = f"37040044{number:010d}"
    return f"DE{98 - int(f'{bban}131400') % 97:02d}{bban}"


def payroll(month: int) -> bytes:
    """The pay of a month; in the last one an account has changed, a text holds a wallet, and a listed man is paid."""
    last = month == MONTHS - 1
    day = NOW - timedelta(days=30 * (MONTHS - 1 - month), hours=1)
    people = [(f"E{n}", name, iban(n), "Salary") for n, name in enumerate(STAFF)]
    if last:
        people[1] = ("E1", STAFF[1], iban(77), "Salary")
        people[2] = ("E2", STAFF[2], iban(2), f"please forward to {WALLET}")
        people.append(("E9", LISTED, iban(9), "Salary"))
    paid = "".join(
        f"""<CdtTrfTxInf><PmtId><EndToEndId>{month}-{who}</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="EUR">2500.00</InstdAmt></Amt>
        <Cdtr><Nm>{name}</Nm><Id><PrvtId><Othr><Id>{who}</Id><SchmeNm><Prtry>STAFF</Prtry></SchmeNm></Othr></PrvtId></Id></Cdtr>
        <CdtrAcct><Id><IBAN>{account}</IBAN></Id></CdtrAcct>
        <RmtInf><Ustrd>{text}</Ustrd></RmtInf></CdtTrfTxInf>
        """
        for who, name, account, text in people
    )
    total = f"{2500 * len(people)}.00"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
      <GrpHdr><MsgId>PAY-{month}</MsgId><CreDtTm>{day.isoformat()}</CreDtTm><NbOfTxs>{len(people)}</NbOfTxs>
        <CtrlSum>{total}</CtrlSum><InitgPty><Nm>Acme GmbH</Nm></InitgPty></GrpHdr>
      <PmtInf><PmtInfId>SALARIES</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>{len(people)}</NbOfTxs><CtrlSum>{total}</CtrlSum>
        <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><CtgyPurp><Cd>SALA</Cd></CtgyPurp></PmtTpInf>
        <ReqdExctnDt><Dt>{day.date().isoformat()}</Dt></ReqdExctnDt>
        <Dbtr><Nm>Acme GmbH</Nm></Dbtr><DbtrAcct><Id><IBAN>{iban(1000)}</IBAN></Id></DbtrAcct>
        <DbtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></DbtrAgt>
        {paid}
      </PmtInf></CstmrCdtTrfInitn></Document>""".encode()


def beginnings(kafka: Kafka) -> None:
    """Policies with clearance, and a list of one man and his wallet."""
    start = (NOW - timedelta(days=200)).isoformat()

    def event(kind: str, tenant: str, data: Json) -> Json:
        head = {"specversion": "1.0", "id": f"{kind}-{tenant}", "source": "/tests", "type": kind, "time": start}
        return head | {"tenantid": tenant, "data": data}

    clearance = {"hold_from": 65, "review_from": 25, "unscored": "hold", "wait_minutes": 60}
    for tenant in (BY_FILE, BY_HTTP, BY_KAFKA):
        policy = event("policy.update.v1", tenant, {"base_currency": "EUR", "clearance": clearance})
        kafka.send("policies", [policy], key=tenant)
    entry = {"entry_id": "K1", "kind": "person", "names": [{"name": "KIM, Sang Man"}], "wallets": [WALLET]}
    body = {"list": "ofac-sdn", "version": "1", "published_at": start, "mode": "snapshot", "add": [entry]}
    kafka.send("sanctions", [event("sanctions.update.v1", "*", body)])


def run(*args: object) -> bytes:
    done = CliRunner().invoke(cli, [*map(str, args)])
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


class Sending:
    """The three ways of a file."""

    def __init__(self, kafka: Kafka, gateway: GatewayProcess, folder: Path) -> None:
        self._kafka, self._folder = kafka, folder
        self._place = ("--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix)
        self._secret = folder / "secret"
        self._secret.write_bytes(SECRET)
        head = {"authorization": f"Bearer {gateway.token(BY_HTTP, 'events', 'runs')}"}
        self._client = httpx.Client(base_url=gateway.url, headers=head, timeout=20)

    def close(self) -> None:
        self._client.close()

    def __call__(self, content: bytes) -> None:
        path = self._folder / "payroll.xml"
        path.write_bytes(content)
        run("import", "pain001", path, *self._given(BY_FILE), "--send", *self._place)
        events = [json.loads(line) for line in self._events(path, BY_HTTP)]
        answer = self._client.post("/v1/events", json=events, headers={"content-type": BATCH})
        assert answer.json() == {"accepted": len(events)}
        for one in self._announced(path, BY_HTTP):
            data = one["data"]
            answer = self._client.put(f"/v1/runs/{quote(data['run_id'], safe='')}", json=data)
            assert answer.status_code == 202, answer.text
        (self._folder / "events.jsonl").write_bytes(b"\n".join(self._events(path, BY_KAFKA)))
        run("send", self._folder / "events.jsonl", *self._place)
        self._kafka.send("runs", self._announced(path, BY_KAFKA), key=BY_KAFKA)

    def _given(self, tenant: str) -> tuple[object, ...]:
        return "--tenant", tenant, "--secret-file", self._secret

    def _events(self, path: Path, tenant: str) -> list[bytes]:
        return run("import", "pain001", path, *self._given(tenant)).splitlines()

    def _announced(self, path: Path, tenant: str) -> list[Json]:
        context = Context(tenant, TenantKeys(SECRET))
        with path.open("rb") as file:
            survey = CONNECTORS["pain001"].survey(file, context)
        return [json.loads(one) for one in announcements("pain001", context, survey)]


def alerts_of(kafka: Kafka, tenant: str) -> list[Json]:
    """The last revision of each alert, without what differs from tenant to tenant."""
    last: dict[str, Json] = {}
    for record in kafka.read("alerts"):
        data = record.json["data"]
        if data["tenant_id"] == tenant:
            last[data["alert_id"]] = data
    own = {"alert_id", "tenant_id", "versions", "created_at", "updated_at"}
    return sorted(
        ({name: value for name, value in data.items() if name not in own} for data in last.values()),
        key=lambda data: json.dumps(data, sort_keys=True),
    )


def cleared(gateway: GatewayProcess, tenant: str, run_id: str) -> Json:
    """The run as its processor sees it."""
    head = {"authorization": f"Bearer {gateway.token(tenant, 'runs')}"}
    with httpx.Client(base_url=gateway.url, headers=head, timeout=20) as client:
        body: Json = client.get(f"/v1/runs/{quote(run_id, safe='')}").json()
    return body


@pytest.mark.timeout(180)
def test_payroll_gives_the_same_alerts_and_clearance_whichever_way_it_comes(kafka: Kafka, tmp_path: Path) -> None:
    worker, gateway = WorkerProcess(kafka, tmp_path, partitions=2), GatewayProcess(kafka, tmp_path)
    with running(worker, gateway):
        worker.start().ready()
        beginnings(kafka)
        until_placed(kafka, timeout=30)
        gateway.start().ready()
        with closing(Sending(kafka, gateway, tmp_path)) as sending:
            for month in range(MONTHS):
                sending(payroll(month))
        until_placed(kafka, timeout=60)
        until_drained(kafka, kafka.prefix, timeout=60)

        ours, *others = (alerts_of(kafka, tenant) for tenant in (BY_FILE, BY_HTTP, BY_KAFKA))
        assert [one for other in others for one in other] == ours * 2
        rules = {reason["rule"] for alert in ours for reason in alert["reasons"]}
        assert {"changed-account", "crypto-in-fiat", "sanctioned-identifier", "sanctioned-name"} <= rules

        run_id = f"PAY-{MONTHS - 1}/SALARIES"
        until(lambda: all(cleared(gateway, each, run_id).get("scored") == 6 for each in (BY_FILE, BY_HTTP, BY_KAFKA)))
        bodies = [cleared(gateway, tenant, run_id) for tenant in (BY_FILE, BY_HTTP, BY_KAFKA)]
        found = [
            {one["payment_id"].split("/")[-2]: (one["decision"], sorted(one["rules"])) for one in body["payments"]}
            for body in bodies
        ]
        assert found[0] == found[1] == found[2]
        assert [body["status"] for body in bodies] == ["held"] * 3
        assert {name: decision for name, (decision, _) in found[0].items()} == {
            "4-E0": "release",
            "4-E1": "review",  # an account that nobody announced
            "4-E2": "hold",  # a listed wallet
            "4-E3": "release",
            "4-E4": "release",
            "4-E9": "hold",  # a listed name
        }
        clean = cleared(gateway, BY_FILE, "PAY-0/SALARIES")
        assert (clean["status"], clean["scored"]) == ("clear", 5)
