"""What can be wrong with the world around a worker. Bad input is never an exception: it is a dead letter.

Each class says what an operator does about it; the text of a raised error says which thing it is about.
"""

__all__ = [
    "AgentDiedError",
    "BrokerAwayError",
    "BrokerRefusedError",
    "CheckpointStuckError",
    "DatabaseError",
    "FencedError",
    "FileRefusedError",
    "ListDownloadError",
    "LogReplacedError",
    "LogTruncatedError",
    "RegistryError",
    "SettingsError",
    "SluicegateError",
    "SnapshotDamagedError",
    "StateLostError",
    "StateUnreadableError",
    "TopicMismatchError",
    "TopicMissingError",
    "TopicRefusedError",
    "operator_action",
]


class SluicegateError(Exception):
    """Root of all errors a command reports in one line, without a traceback.

    Operator action: do what the docstring of the class raised says.
    """


class SettingsError(SluicegateError):
    """A setting is unknown, malformed, out of bounds, or at odds with another.

    Operator action: correct the variable or option named in the text; `sluicegate config check` finds every fault at
    once, and `sluicegate config show` lists all settings.
    """


class BrokerAwayError(SluicegateError):
    """No Kafka broker answers at the address given.

    Operator action: check the address (SLUICEGATE_BROKER, or --broker), the network and that the broker is up; then
    start the command or worker again.
    """


class BrokerRefusedError(SluicegateError):
    """A Kafka broker answers, but does not let this client in, or not do what it asks for.

    Operator action: look at the setting that the text names (SLUICEGATE_KAFKA_…), and at the broker's log, which tells
    more. Where a right is missing, give it to the user named: deploy/kafka/acls.md lists what each component needs.
    """


class TopicMismatchError(SluicegateError):
    """A topic exists with a shape under which delivery guarantees do not hold.

    Operator action: set the topic's configuration to what the text asks for. A partition count of the log or of the
    state cannot be changed: export the log, make new topics under another prefix, and send the export to them.
    """


class TopicMissingError(SluicegateError):
    """A topic that is needed does not exist, or Kafka does not show it to this client.

    Operator action: check the topic prefix (SLUICEGATE_TOPIC_PREFIX, or --topic-prefix); if it is right, run
    `sluicegate topics create`, and, where Kafka asks who is there, give this user rights (deploy/kafka/acls.md).
    """


class TopicRefusedError(SluicegateError):
    """The broker refuses to make or to describe a topic.

    Operator action: do what the broker's words in the text ask for: a replication factor that it has brokers for
    (SLUICEGATE_REPLICATION_FACTOR), rights for this client, or topics made by whoever has them.
    """


class LogReplacedError(SluicegateError):
    """The log is not the one the state was made from: it was deleted and made anew, or restored from elsewhere.

    Operator action: bring the former log back; or, if the new one is meant, start with an output prefix (or app id)
    and state topic of its own, so that the state is built from the new log's first record.
    """


class LogTruncatedError(SluicegateError):
    """Records of the log that were never worked through are gone (retention, or deleted records).

    Operator action: set `retention.ms=-1` on the log; restore the missing records from a `log export`, or accept the
    loss by starting anew with an empty state topic.
    """


class StateLostError(SluicegateError):
    """The group has worked on this log before, yet its state topic is empty.

    Operator action: restore the state topic; or, to rebuild all state and alerts from the log, delete the consumer
    group's offsets of the log (`kafka-consumer-groups --delete-offsets`) and start again.
    """


class StateUnreadableError(SluicegateError):
    """A record of the state was written by a version that this one does not know.

    Operator action: run the version that wrote it, or a newer one.
    """


class FencedError(SluicegateError):
    """Another process keeps taking a partition that the group assigned to this worker.

    Operator action: look for a second deployment with the same app id and broker but another group, or for a worker
    that stalls again and again; stop it.
    """


class CheckpointStuckError(SluicegateError):
    """A checkpoint did not finish within the time a rebalance allows; the worker ends, so that its successor may go on.

    Operator action: none if it happens once (the supervisor restarts the worker); else look at the broker's load and
    raise SLUICEGATE_REBALANCE_TIMEOUT.
    """


class AgentDiedError(SluicegateError):
    """A part of the worker failed in a way it should not; the cause is in the log above.

    Operator action: restart the worker (nothing is lost); if it comes back, report the traceback with the version.
    """


class FileRefusedError(SluicegateError):
    """A payment file is not of the format it was taken for, is cut off, or attacks its reader.

    Operator action: look at the line that the text names. Ask the sender for a whole file of the right format, and
    import it again: what was read before the fault is not counted twice.
    """


class ListDownloadError(SluicegateError):
    """A file of a sanctions list cannot be had from its publisher; the list in force stays.

    Operator action: open the URL in the text with a browser: if the publisher moved the file, name its new place or a
    mirror by --url-base, or load a copy by --file; if a proxy is needed, set HTTPS_PROXY. Else try again later.
    """


class RegistryError(SluicegateError):
    """A schema registry does not answer, or not as it should.

    Operator action: check --registry (with its path, such as /apis/ccompat/v7 of Apicurio), --user and --password-file,
    and what the text says; schemas that were registered before it stay, and the command may be run again.
    """


class SnapshotDamagedError(SluicegateError):
    """A snapshot of a list on this machine is not what was written, or is not there.

    Operator action: run `sluicegate lists update` for that list: it fetches the list anew and replaces the snapshot.
    """


class DatabaseError(SluicegateError):
    """The database of the console or of the notifier cannot be used.

    Operator action: check SLUICEGATE_CONSOLE_DATABASE or SLUICEGATE_NOTIFY_DATABASE, that its server runs and lets this
    user in, and that the disk has room. If the text says that the schema is newer, start the version that wrote it, or
    a later one.
    """


def operator_action(error: BaseException) -> str:
    """What the class of the error tells the operator to do; empty where it tells nothing.

    >>> operator_action(FencedError("partition 3")).split(":")[0]
    'Operator action'
    >>> operator_action(ValueError("x"))
    ''
    """
    _, found, action = " ".join((type(error).__doc__ or "").split()).partition("Operator action: ")
    return f"Operator action: {action}" if found else ""
