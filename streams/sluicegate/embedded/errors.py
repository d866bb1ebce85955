"""The one error of the embedded broker."""


class BrokerUnavailable(Exception):  # noqa: N818  (it names a state of the world)
    """The embedded Kafka cannot be provided; the text says what is missing and what to do about it.

    Operator action: do what the text says (reach Maven Central or name a mirror, install a Java, free the port or
    the data folder), or use a running Kafka by `--broker HOST:PORT` or `SLUICEGATE_BROKER`.
    """
