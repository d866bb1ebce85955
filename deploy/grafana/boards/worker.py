"""Why is it slow, or stuck? Checkpoints, the group, state and the process, worker by worker."""

from deploy.grafana.board import Board, Choice
from deploy.grafana.panels import lines

_HERE = 'instance=~"$instance"'


def _quantile(share: float, metric: str, by: str) -> str:
    """`>= 0` leaves out the moments in which nothing happened, where a quantile is no number."""
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({metric}_bucket{{{_HERE}}}[$__rate_interval]))) >= 0"


def _mean(metric: str, by: str) -> str:
    """Of what seldom happens: the mean of the last half hour."""
    total, times = (f"sum by ({by}) (increase({metric}_{part}{{{_HERE}}}[30m]))" for part in ("sum", "count"))
    return f"{total} / ({times} > 0)"


BOARD = Board(
    uid="sluicegate-worker",
    title="Sluicegate: worker internals",
    about="Why is a worker slow, or stuck? Narrow by instance and by partition of the log.",
    choices=(
        Choice("instance", 'up{job="sluicegate-worker"}'),
        Choice("partition", "sluicegate_log_position"),
    ),
    rows={
        "Checkpoints": (
            lines(
                "Duration of a checkpoint's transaction",
                "Normal is some ten milliseconds. Slow ones mean a slow broker, a slow disk under it, or large state.",
                (
                    (_quantile(0.5, "sluicegate_checkpoint_seconds", "agent"), "{{agent}} p50"),
                    (_quantile(0.99, "sluicegate_checkpoint_seconds", "agent"), "{{agent}} p99"),
                ),
                "s",
                "SluicegateSloBurnFast",
                limits=((1, "orange"),),
                logarithmic=True,
            ),
            lines(
                "Time by step, p99",
                """Where an event's time goes. Intake: place, append. Detect: work, write, commit. Work that grows is
                ours (rules, screening); append and commit that grow are Kafka's.""",
                ((_quantile(0.99, "sluicegate_step_seconds", "step"), "{{step}}"),),
                "s",
                "SluicegateSloBurnFast",
                logarithmic=True,
            ),
            lines(
                "Checkpoints, by result",
                """Committed ones come several times a second while events flow. Fenced: another worker took the
                partition. Failed ones are done again; many mean a broker in trouble.""",
                (
                    (
                        f"sum by (agent, result) (rate(sluicegate_checkpoints_total{{{_HERE}}}[$__rate_interval]))",
                        "{{agent}} {{result}}",
                    ),
                ),
                "ops",
                "SluicegateCommitsStalled",
            ),
            lines(
                "Share of time in each step",
                """Seconds of a step per second, by worker. When work comes near 1 the core is busy all the time: add
                workers, up to the number of partitions.""",
                (
                    (
                        f"sum by (instance, step) (rate(sluicegate_step_seconds_sum{{{_HERE}}}[$__rate_interval]))",
                        "{{instance}} {{step}}",
                    ),
                ),
                "percentunit",
                "SluicegateLagHigh",
            ),
            lines(
                "Records in a checkpoint",
                "A few when little comes, hundreds under load: larger checkpoints are how it keeps up.",
                (
                    (_quantile(0.5, "sluicegate_checkpoint_records", "agent"), "{{agent}} p50"),
                    (_quantile(0.99, "sluicegate_checkpoint_records", "agent"), "{{agent}} p99"),
                ),
                "short",
                "SluicegateLagHigh",
                span=8,
            ),
            lines(
                "State written in a checkpoint",
                """Keys and values. Grows with the tenants touched at once; steady growth at a steady load is worth a
                look.""",
                (
                    (_quantile(0.5, "sluicegate_checkpoint_bytes", "agent"), "{{agent}} p50"),
                    (_quantile(0.99, "sluicegate_checkpoint_bytes", "agent"), "{{agent}} p99"),
                ),
                "bytes",
                "SluicegateTransactionOpen",
                span=8,
            ),
            lines(
                "Oldest open transaction",
                "Normal is 0 to a fraction of a second. Readers of alerts wait for its end.",
                (('max by (instance) (sluicegate_open_transaction_seconds{instance=~"$instance"})', "{{instance}}"),),
                "s",
                "SluicegateTransactionOpen",
                limits=((10, "red"),),
                span=8,
            ),
            lines(
                "Commit age",
                "For how long records of a partition have waited for a checkpoint. A line that climbs is stuck there.",
                (
                    (
                        """max by (agent, partition) (sluicegate_commit_age_seconds{instance=~"$instance",
                        partition=~"$partition"})""",
                        "{{agent}} {{partition}}",
                    ),
                ),
                "s",
                "SluicegateCommitsStalled",
                limits=((120, "red"),),
            ),
            lines(
                "Records known and not yet worked through",
                """In the log by partition, and in memory waiting to be placed in it. Hills are normal, plateaus are
                not.""",
                (
                    (
                        """max by (partition) (sluicegate_log_backlog_records{instance=~"$instance",
                        partition=~"$partition"})""",
                        "log {{partition}}",
                    ),
                    (
                        'sum by (instance) (sluicegate_intake_backlog_records{instance=~"$instance"})',
                        "intake {{instance}}",
                    ),
                ),
                "short",
                "SluicegateLagHigh",
            ),
        ),
        "Group and recovery": (
            lines(
                "Partitions held",
                "Together always as many as the log has. A partition that nobody holds is not watched.",
                (('sum by (instance) (sluicegate_open_partitions{instance=~"$instance"})', "{{instance}}"),),
                "short",
                "SluicegateRecoveryLong",
                stacked=True,
                span=6,
            ),
            lines(
                "Rebalances and fencing",
                "In ten minutes. One for each worker that starts or stops is normal; without a cause there are none.",
                (
                    (
                        'sum by (instance) (increase(sluicegate_rebalances_total{instance=~"$instance"}[10m]))',
                        "rebalanced {{instance}}",
                    ),
                    (
                        'sum by (instance) (increase(sluicegate_fenced_total{instance=~"$instance"}[10m]))',
                        "fenced {{instance}}",
                    ),
                ),
                "short",
                "SluicegateRebalancing",
                span=6,
            ),
            lines(
                "Duration of rebalances and recoveries",
                """Mean of half an hour: until partitions are assigned, and from then until the first record is worked
                on. Grows with the state. The gap in alerts is about their sum.""",
                (
                    (_mean("sluicegate_rebalance_seconds", "instance"), "rebalance {{instance}}"),
                    (_mean("sluicegate_recovery_seconds", "instance"), "recovery {{instance}}"),
                ),
                "s",
                "SluicegateRecoveryLong",
                span=6,
            ),
            lines(
                "State still to be read",
                "Falls to 0 within seconds after a start or a rebalance. Tenants of those partitions wait so long.",
                (('sum by (instance) (sluicegate_recovery_remaining_records{instance=~"$instance"})', "{{instance}}"),),
                "short",
                "SluicegateRecoveryLong",
                span=6,
            ),
        ),
        "State and process": (
            lines(
                "State in memory",
                "Encoded sizes; the process takes several times as much. Grows with payees known, then levels off.",
                (
                    (
                        'sum by (instance, agent) (sluicegate_state_bytes{instance=~"$instance"})',
                        "{{instance}} {{agent}}",
                    ),
                ),
                "bytes",
                "SluicegateRecoveryLong",
                span=6,
            ),
            lines(
                "Records of state",
                "Of tenants, payees, accounts and so on. Each is read again when a partition moves.",
                (
                    (
                        'sum by (instance, agent) (sluicegate_state_records{instance=~"$instance"})',
                        "{{instance}} {{agent}}",
                    ),
                ),
                "short",
                "SluicegateRecoveryLong",
                span=6,
            ),
            lines(
                "Memory of the process",
                """Resident. Compare with the container's limit: a worker that reaches it is killed, and recovers
                elsewhere.""",
                (('process_resident_memory_bytes{job="sluicegate-worker", instance=~"$instance"}', "{{instance}}"),),
                "bytes",
                "SluicegateWorkerDown",
                span=6,
            ),
            lines(
                "Processor of the process",
                "Cores in use. A worker uses little more than 1: when it stays there, add workers.",
                (
                    (
                        """rate(process_cpu_seconds_total{job="sluicegate-worker",
                        instance=~"$instance"}[$__rate_interval])""",
                        "{{instance}}",
                    ),
                ),
                "short",
                "SluicegateLagHigh",
                limits=((0.9, "orange"),),
                span=6,
            ),
            lines(
                "Event loop and broker",
                """How late a timer woke, and for how long no broker has answered. The first is normally milliseconds,
                and as long as the longest piece of work; the second is 0.""",
                (
                    ('max by (instance) (sluicegate_loop_delay_seconds{instance=~"$instance"})', "late {{instance}}"),
                    (
                        'max by (instance) (sluicegate_broker_away_seconds{instance=~"$instance"})',
                        "broker away {{instance}}",
                    ),
                ),
                "s",
                "SluicegateBrokerAway",
                limits=((60, "red"),),
                span=24,
            ),
        ),
        "Nothing skipped, nothing counted twice": (
            lines(
                "Outcomes of the log's records",
                """Records up to the progress, by outcome, since the log began: with the offset they must add up.
                Duplicates are repeated ids, repeated are records sent twice; both change nothing.""",
                (
                    (
                        """sum by (outcome) (sluicegate_log_accounted_records{instance=~"$instance",
                        partition=~"$partition"})""",
                        "{{outcome}}",
                    ),
                ),
                "short",
                "SluicegateUnaccounted",
                stacked=True,
            ),
            lines(
                "Records not accounted for",
                "Always 0. Anything else is a fault of ours: keep the logs and the topics, and ask.",
                (
                    (
                        """max by (partition) (sluicegate_log_unaccounted_records{instance=~"$instance",
                        partition=~"$partition"})""",
                        "{{partition}}",
                    ),
                ),
                "short",
                "SluicegateUnaccounted",
                limits=((1, "red"),),
            ),
        ),
    },
)
