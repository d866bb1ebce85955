"""Does it find what it should, and not too much? Lists, rules, models, and what people decide."""

from deploy.grafana.board import Board, Choice
from deploy.grafana.panels import bars, lines, number

BOARD = Board(
    uid="sluicegate-screening",
    title="Sluicegate: screening and models",
    about="""Does it find what it should, and not too much? Sanctions lists, rules, learned models, verdicts of
          analysts.""",
    choices=(Choice("rule", "sluicegate_findings_total"), Choice("list", "sluicegate_list_entries")),
    rows={
        "Sanctions lists": (
            number(
                "Starter list only",
                "Yes while tenants are screened by the built-in starter list, or by none: load the public lists.",
                "max(sluicegate_lists_partial)",
                "bool_yes_no",
                "SluicegateListsPartial",
                limits=((1, "red"),),
                span=8,
            ),
            number(
                "Lists in force",
                "How many names of lists. Fewer than you load means that one was never complete.",
                "count(sluicegate:list_entries:max)",
                "short",
                "SluicegateListsPartial",
                limits=((1, "green"),),
                base="red",
                span=8,
            ),
            number(
                "List updates in a day",
                "Switched and dropped ones, counted by each worker. Publishers change lists several times a week.",
                "sum(increase(sluicegate_list_updates_total[1d]))",
                "short",
                "SluicegateListOld",
                span=8,
            ),
            lines(
                "Entries",
                "Of the lists in force. Lists grow slowly; a fall of 10 % in a day is a cut-off file, not a delisting.",
                (('sluicegate:list_entries:max{list=~"$list"}', "{{list}}"),),
                "short",
                "SluicegateListShrunk",
                logarithmic=True,
            ),
            lines(
                "Age, as a share of what is usual",
                """Age of the version in force, by how old its publisher lets it become (private lists have no such
                measure). At 1 a ticket is opened: run `sluicegate lists update`.""",
                (
                    (
                        'sluicegate:list_age_seconds:max{list=~"$list"}'
                        " / on (list) sluicegate:list_age_limit_seconds:max",
                        "{{list}}",
                    ),
                ),
                "percentunit",
                "SluicegateListOld",
                limits=((1, "red"),),
            ),
        ),
        "Rules": (
            lines(
                "Findings, by outcome",
                """What rules found: the severity it led to, or signal (below an alert), shadow (rule on trial),
                suppressed (allowed by an analyst), withdrawn (no longer true).""",
                (
                    (
                        'sum by (outcome) (rate(sluicegate_findings_total{rule=~"$rule"}[$__rate_interval])) * 60',
                        "{{outcome}}",
                    ),
                ),
                "cpm",
                "SluicegateDetectorSilent",
                stacked=True,
            ),
            bars(
                "Busiest rules in an hour",
                "Findings of any outcome. A rule that leads by far deserves a look at its parameters in the policy.",
                'topk(12, sum by (rule) (increase(sluicegate_findings_total{rule=~"$rule"}[1h]))) > 0',
                "{{rule}}",
                "short",
                "SluicegateRuleTripped",
            ),
            bars(
                "Not evaluable in an hour",
                """Tests that lacked an input, by rule and field: what feeds do not tell. Not a fault, but a rule
                without its input finds nothing; ask the producer.""",
                'topk(12, sum by (rule, field) (increase(sluicegate_not_evaluable_total{rule=~"$rule"}[1h]))) > 0',
                "{{rule}}: {{field}}",
                "short",
                "SluicegateDetectorSilent",
            ),
            lines(
                "Rules that fail or are put in shadow",
                """In 15 minutes. Normal is 0. A rule that fails is a fault of ours; one that fired on more than 5 % of
                a tenant's events is in shadow for that tenant until its next policy.""",
                (
                    ('sum(increase(sluicegate_rule_errors_total{rule=~"$rule"}[15m]))', "errors"),
                    (
                        'sum by (cause) (increase(sluicegate_rule_trips_total{rule=~"$rule"}[15m]))',
                        "in shadow: {{cause}}",
                    ),
                    ("sum(increase(sluicegate_internal_errors_total[15m]))", "events not judged"),
                ),
                "short",
                "SluicegateRuleErrors",
                limits=((1, "orange"),),
            ),
        ),
        "Learned models": (
            lines(
                "Surprise of payments",
                """-log10 of the p-value of an hour's payments. Calibrated models show p90 near 1 and p99 near 2; lines
                far above mean that payments have changed, or that a new feed is unlike the old one.""",
                (
                    ("sluicegate:anomaly_score:p50_1h", "{{stream}} p50"),
                    ("sluicegate:anomaly_score:p90_1h", "{{stream}} p90"),
                    ("sluicegate:anomaly_score:p99_1h", "{{stream}} p99"),
                ),
                "short",
                "SluicegateDetectorSilent",
            ),
            lines(
                "Share of payments still warming up",
                "Models of new tenants learn before they score. Falls with time; `sluicegate warm` shortens it.",
                (
                    (
                        """sum by (stream) (rate(sluicegate_anomaly_payments_total{stage="warming"}[$__rate_interval]))
                        / (sum by (stream) (rate(sluicegate_anomaly_payments_total[$__rate_interval])) > 0)""",
                        "{{stream}}",
                    ),
                ),
                "percentunit",
                "SluicegateDetectorSilent",
                span=6,
            ),
            lines(
                "Budget of unusual payments",
                """Findings of the rule `unusual-payment` by outcome. Its alerts are held to a budget a tenant and day:
                what goes beyond becomes a signal.""",
                (
                    (
                        """sum by (outcome) (
                        rate(sluicegate_findings_total{rule="unusual-payment"}[$__rate_interval])) * 60""",
                        "{{outcome}}",
                    ),
                ),
                "cpm",
                "SluicegateRuleTripped",
                stacked=True,
                span=6,
            ),
        ),
        "People": (
            lines(
                "Verdicts applied",
                """By decision. None for long, while alerts wait, means that nobody decides or that verdicts do not
                leave.""",
                (("sum by (decision) (increase(sluicegate_dispositions_total[1h]))", "{{decision}}"),),
                "short",
                "SluicegateOutboxGrowing",
                stacked=True,
                span=8,
            ),
            number(
                "Confirmed share",
                """Of the verdicts of a day, those that confirm the alert. What is good depends on the customer; watch
                falls.""",
                """sum(increase(sluicegate_dispositions_total{decision="confirmed"}[1d]))
                / (sum(increase(sluicegate_dispositions_total[1d])) > 0)""",
                "percentunit",
                "SluicegateRuleTripped",
                height=8,
            ),
            lines(
                "Life of alerts",
                "Created, updated, closed. More closes than creates: analysts catch up, or findings were withdrawn.",
                (("sum by (activity) (sluicegate:alerts:rate5m) * 60", "{{activity}}"),),
                "cpm",
                "SluicegateDetectorSilent",
            ),
        ),
    },
)
