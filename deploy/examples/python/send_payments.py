"""Send payments to Sluicegate with kafka-python: one line of CSV on standard input, one event in Kafka.

    pip install kafka-python
    BROKER=localhost:9092 TENANT=acme SECRET_FILE=acme.secret python send_payments.py < payments.csv

Columns: payment_id, payee_id, run_id, routing_number, account_number, amount (USD). Account numbers stay here: a
fingerprint goes out, keyed with the tenant's secret (`openssl rand -hex 32 > acme.secret`), and the last four digits.
Sending the same payment again is harmless: its event has the same id.
"""

import csv
import hashlib
import hmac
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

TENANT = os.environ["TENANT"]
TOPIC = os.environ.get("TOPIC", "payroll-payments")


def bare(number: str) -> str:
    """As it is fingerprinted: capitals, without blanks and dashes."""
    return "".join(number.replace("-", "").split()).upper()


def fingerprint(secret: bytes, scheme: str, country: str, bank_id: str, number: str) -> str:
    """The account as alerts name it; the same for the same account, and of no use without the secret."""
    text = "\n".join(("fp", scheme, country, bare(bank_id), bare(number)))
    return "fp_" + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:24]


def event(row: dict[str, str], secret: bytes) -> dict[str, Any]:
    """The CloudEvent of a payment; its time is when the payment was instructed, here: now."""
    routing, number = row["routing_number"], row["account_number"]
    account = {
        "fp": fingerprint(secret, "us_aba", "US", routing, number),
        "scheme": "us_aba",
        "country": "US",
        "bank_id": bare(routing),
        "last4": bare(number)[-4:],
    }
    return {
        "specversion": "1.0",
        "id": row["payment_id"],
        "source": "/examples/python",
        "type": "payroll.payment.v1",
        "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "tenantid": TENANT,
        "data": {
            "payment_id": row["payment_id"],
            "payee": {"payee_id": row["payee_id"], "kind": "employee"},
            "account": account,
            "amount": {"value": row["amount"], "currency": "USD"},
            "schedule": {"rail": "ach", "run_id": row["run_id"]},
        },
    }


def main() -> None:
    secret = Path(os.environ["SECRET_FILE"]).read_bytes().strip()
    # of a broker that asks who is there: security_protocol="SASL_SSL", sasl_mechanism="SCRAM-SHA-512", …
    producer = KafkaProducer(bootstrap_servers=os.environ.get("BROKER", "localhost:9092"), acks="all")
    sent = [
        producer.send(TOPIC, key=TENANT.encode(), value=json.dumps(event(row, secret)).encode())
        for row in csv.DictReader(sys.stdin)
    ]
    for future in sent:
        future.get(timeout=30)  # raises where Kafka did not take it
    producer.close()
    sys.stderr.write(f"{len(sent)} payments sent\n")


if __name__ == "__main__":
    main()
