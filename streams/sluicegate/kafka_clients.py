"""kafka-python's clients, made one way: let in by the connection's settings, and failing in the operator's terms."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from sluicegate.connection import Connection
from sluicegate.errors import BrokerAwayError, BrokerRefusedError, SluicegateError
from sluicegate.knock import knock, not_let_in, who
from sluicegate.security import kafka_python_options

__all__ = ["new_admin", "new_consumer", "new_producer", "reason", "refusal", "telling", "trouble"]

_SIGN_IN = ("SaslAuthenticationFailedError", "SaslAuthenticationFailed", "AuthenticationFailedError")
_PATIENCE_MS = 10_000
_OTHER = "a right that this client lacks"
_RIGHTS = {
    "TopicAuthorizationFailedError": "a right on the topic",
    "GroupAuthorizationFailedError": "Read on the consumer group",
    "TransactionalIdAuthorizationFailed": "Write and Describe on its transactional ids",
    "TransactionalIdAuthorizationFailedError": "Write and Describe on its transactional ids",
    "ClusterAuthorizationFailedError": "Write on the topic, or a right on the cluster",
}


def new_admin(connection: Connection, **options: Any) -> Any:
    """KafkaAdminClient. Raises BrokerAwayError, BrokerRefusedError, SettingsError."""
    return _made(KafkaAdminClient, connection, options)


def new_consumer(connection: Connection, **options: Any) -> Any:
    """KafkaConsumer without a group that commits nothing by itself. Raises as `new_admin`."""
    return _made(KafkaConsumer, connection, {"enable_auto_commit": False} | options)


def new_producer(connection: Connection, **options: Any) -> Any:
    """KafkaProducer that waits for all replicas. Raises as `new_admin`."""
    return _made(KafkaProducer, connection, {"acks": "all"} | options)


def _made(kind: Any, connection: Connection, options: dict[str, Any]) -> Any:
    knock(connection)
    try:
        return kind(**{"bootstrap_timeout_ms": _PATIENCE_MS} | options | kafka_python_options(connection))
    except KafkaError as error:
        raise trouble(connection, error) from None


@contextmanager
def telling(connection: Connection) -> Iterator[None]:
    """Errors of Kafka's clients within the block, in the operator's terms."""
    try:
        yield
    except KafkaError as error:
        raise trouble(connection, error) from None


def trouble(connection: Connection, error: BaseException, doing: str = "") -> SluicegateError:
    """What to raise instead of a client's error: BrokerRefusedError, else BrokerAwayError; `doing`: what failed."""
    refused = refusal(connection, error)
    if refused is not None:
        return refused
    if doing:
        return BrokerAwayError(f"{doing}: {type(error).__name__}: {error}")
    return BrokerAwayError(f"no Kafka broker answers at {connection.broker} ({type(error).__name__})")


def reason(connection: Connection, error: BaseException) -> BrokerRefusedError | None:
    """As `refusal`; an error that may come of a refusal, a lost connection say, is looked into. Blocking."""
    found = refusal(connection, error)
    if found is None:
        try:
            knock(connection)
        except BrokerRefusedError as refused:
            return refused
    return found


def refusal(connection: Connection, error: BaseException | None) -> BrokerRefusedError | None:
    """The error as a refusal, if it or what caused it is one; of aiokafka and kafka-python alike.

    >>> from aiokafka.errors import GroupAuthorizationFailedError
    >>> str(refusal(Connection(), GroupAuthorizationFailedError("audit")))
    'Kafka forbids it to this client, which has not signed in: Read on the consumer group (audit)'
    >>> refusal(Connection(), OSError()) is None
    True
    """
    while error is not None:
        if isinstance(error, BrokerRefusedError):
            return error
        name = type(error).__name__
        if name in _SIGN_IN:
            return BrokerRefusedError(not_let_in(connection))
        if right := _right(error):
            what = ", ".join(sorted(map(str, _things(error)))) if name != "KafkaError" else ""
            return BrokerRefusedError(f"Kafka forbids it to {who(connection)}: {right}{f' ({what})' if what else ''}")
        error = error.__cause__
    return None


def _right(error: BaseException) -> str:
    """What is lacking; empty where the error is no missing right."""
    name = type(error).__name__
    if name == "KafkaError":  # kafka-python's idempotent producer puts a refusal into the text of another error
        return next((right for known, right in _RIGHTS.items() if known in str(error)), "")
    return _RIGHTS.get(name, _OTHER) if "AuthorizationFailed" in name else ""


def _things(error: BaseException) -> tuple[Any, ...]:
    """Names of topics or of a group, as both clients hand them over."""
    args = error.args
    if len(args) == 1 and isinstance(args[0], (set, frozenset, list, tuple)):
        return tuple(args[0])
    return args
