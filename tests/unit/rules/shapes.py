"""What each rule's reasons are made of: the names that readers of alerts build on."""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """Names, sorted, with spaces between; of entities the kind and, where there is one, the role; inner ones dotted."""

    family: str
    subjects: str
    actions: str
    entities: str
    lacking: str
    """What the rule names as not evaluable."""
    observed: str
    expected: str


# fmt: off
SHAPES = {
    "account-churn": Shape(
        "account", "payee", "hold verify_callback",
        "account",
        "",
        "accounts changes first_two_pay_cycles timeline timeline.country timeline.first_seen timeline.last4",
        "accounts_below changes_below",
    ),
    "account-revert": Shape(
        "account", "payee", "hold",
        "account:first account:second",
        "",
        "changed_at implicit_change payments_to_second_account payments_to_second_account.at "
        "payments_to_second_account.currency payments_to_second_account.status payments_to_second_account.value "
        "reverted_at reverted_by verified",
        "payments_before_the_way_back",
    ),
    "amount-mismatch": Shape(
        "quality", "payee", "none",
        "",
        "amount.currency",
        "amount amount.currency amount.value control decimals",
        "control decimals_at_most",
    ),
    "change-burst": Shape(
        "account", "device ip tenant user", "hold",
        "device:actor ip:actor payee:changed user:actor",
        "actor.device_known",
        "changes payees payees_paid_lately shared unknown_devices",
        "payees_below window_hours",
    ),
    "changed-account": Shape(
        "account", "payee", "hold verify_callback",
        "account:new account:old payee:same_account user:actor",
        "actor",
        "amount_at_risk amount_at_risk.currency amount_at_risk.value channel hours_from_change_to_payment "
        "implicit_change migration name_check new_account new_account.bank new_account.country new_account.last4 "
        "new_account.scheme old_account old_account.country old_account.last4 old_account.scheme "
        "other_payees_on_account points points.account_of_another_payee points.aged_change points.bank_to_movable "
        "points.by_email_or_phone points.change points.contact_changed_before points.fast_rail_or_high_amount "
        "points.known_self_service points.name_check_match points.name_check_no_match points.near_pay_date "
        "points.new_device_or_place points.other_country points.unverified points.verified verified",
        "account migration verified",
    ),
    "crypto-in-fiat": Shape(
        "crypto", "payee", "hold review",
        "account:paid wallet:in_text",
        "",
        "addresses category_code changed_account_score code rail scheme signs",
        "providers signs",
    ),
    "crypto-request": Shape(
        "crypto", "payee", "hold review",
        "request wallet:destination",
        "share_of_pay",
        "asset hosted network other_payees_of_wallet points points.approved_and_attested "
        "points.hardly_paid_by_bank points.most_of_the_pay points.new_contractor_or_remote points.new_destination "
        "points.outside_policy points.policy_forbids_crypto points.provider_not_approved points.self_hosted "
        "points.wallet_of_another_payee provider",
        "crypto_allowed providers",
    ),
    "dormant-vendor": Shape(
        "payables", "payee", "verify_callback",
        "",
        "",
        "amount amount.currency amount.value days_since_last new_account",
        "gap_below_days median ratio_below",
    ),
    "duplicate-invoice": Shape(
        "payables", "payee", "hold review",
        "payment:earlier",
        "",
        "amount amount.currency amount.value days_between difference earlier_amount earlier_amount.currency "
        "earlier_amount.value invoice same_payee",
        "payments_per_invoice",
    ),
    "duplicate-pay": Shape(
        "payroll", "payee", "hold",
        "payment:earlier",
        "schedule.period_end",
        "currency earlier_regular_pay payments regular_pay",
        "payments_per_period tolerance",
    ),
    "employee-vendor-overlap": Shape(
        "payables", "payee", "hold review",
        "account:shared payee:shares_with_vendor",
        "",
        "shared with",
        "or shared",
    ),
    "ghost-worker": Shape(
        "payroll", "payee", "hold",
        "",
        "schedule.period_start",
        "days_after end_date hired in_another_run period_start unknown_in_run",
        "days_after_at_most hired period_start_at_most",
    ),
    "invalid-account": Shape(
        "quality", "payee", "none",
        "account:invalid",
        "account.bank_id",
        "last4 number_check scheme",
        "check_digit number_check",
    ),
    "it-worker-pattern": Shape(
        "pattern", "payee", "review",
        "",
        "",
        "groups groups.access groups.account groups.behaviour groups.crypto groups.hr points signs "
        "signs.account_abroad signs.account_churn signs.background_check signs.crypto signs.document_mismatch "
        "signs.early_change signs.equipment_address signs.many_countries signs.many_employers signs.name_mismatch "
        "signs.repeated_advance signs.sessions_abroad signs.shared_account signs.shared_device",
        "groups_below points_below",
    ),
    "late-event": Shape(
        "quality", "source", "none",
        "",
        "",
        "clock event_time hours",
        "hours_at_most",
    ),
    "lookalike-vendor": Shape(
        "payables", "payee", "hold verify_callback",
        "payee:known_vendor",
        "",
        "paid similar similarity",
        "or similarity_below",
    ),
    "many-employers": Shape(
        "payroll", "account", "review",
        "account:shared payee:paid_to_account",
        "amount_base",
        "shared tenants",
        "min_amount tenants window_days",
    ),
    "missing-descriptor": Shape(
        "quality", "payee", "none",
        "",
        "",
        "entry_descriptor sec_code",
        "entry_descriptor",
    ),
    "name-mismatch": Shape(
        "account", "payee", "hold verify_callback",
        "account:new",
        "",
        "changed_account_score checked_by name_check",
        "name_check",
    ),
    "near-limit": Shape(
        "payables", "payee", "review",
        "",
        "amount_base",
        "above near payments",
        "limit near_below share_below",
    ),
    "new-vendor-large": Shape(
        "payables", "payee", "hold review",
        "user:approved user:created_vendor",
        "amount_base created",
        "amount amount.currency amount.value approvers hours_since_creation verified",
        "below or",
    ),
    "no-deductions": Shape(
        "payroll", "payee", "review",
        "",
        "purpose.gross purpose.hourly",
        "deductions_total payments",
        "payments_below",
    ),
    "off-cycle": Shape(
        "payroll", "payee", "review",
        "",
        "approval.approved_at policy.pay_days schedule.pay_date",
        "approved_by off_cycle off_hours pay_date run_type",
        "business_days_from_pay_date_at_most hours median",
    ),
    "pay-spike": Shape(
        "payroll", "payee", "hold review",
        "",
        "",
        "currency ratio regular_pay z",
        "median payments ratio_below",
    ),
    "privacy-asset": Shape(
        "crypto", "payee", "hold",
        "wallet:destination",
        "",
        "asset network tags",
        "assets_not tags_not",
    ),
    "rapid-cashout": Shape(
        "crypto", "payee", "hold review",
        "request",
        "",
        "asked_out asked_out.currency asked_out.value came_in came_in.currency came_in.value drained "
        "new_destination",
        "drained_fewer_than period_days share",
    ),
    "repeated-advance": Shape(
        "payroll", "payee", "review",
        "",
        "payee.start_date",
        "long_window new_remote_contractor short_window",
        "long_window_below short_window_below",
    ),
    "return-signal": Shape(
        "account", "payee", "hold",
        "account:returned",
        "code",
        "code days_since_change questionable",
        "status",
    ),
    "run-shift": Shape(
        "payroll", "run", "hold",
        "payee:unknown",
        "amount_base expected_workers policy.roster",
        "largest largest.difference largest.payee payees total unexplained unexplained_share unknown "
        "unknown_payees",
        "total unexplained_share_at_most unknown_below workers",
    ),
    "sanctioned-country": Shape(
        "sanctions", "payee", "block_per_policy review",
        "account ip request",
        "payee.country",
        "code fields",
        "not_in",
    ),
    "sanctioned-identifier": Shape(
        "sanctions", "payee", "block_per_policy",
        "list_entry:test-list wallet:listed",
        "",
        "entry_id list list_version matched wallets",
        "listed",
    ),
    "sanctioned-name": Shape(
        "sanctions", "payee", "review",
        "list_entry:test-list",
        "",
        "aligned corroborators entry_id field list list_version listed_name name quality verdict",
        "listed",
    ),
    "self-approval": Shape(
        "payables", "payee", "review",
        "user:changed_and_approved",
        "",
        "days_since deed",
        "approved_by window_days",
    ),
    "shared-account": Shape(
        "account", "account", "hold review",
        "account:shared payee:paid_to_account",
        "",
        "contractors_or_remote household payees",
        "payees window_days",
    ),
    "shared-wallet": Shape(
        "crypto", "wallet", "hold",
        "payee:uses_wallet wallet:shared",
        "",
        "hosted payees tenants",
        "payees tenants window_days",
    ),
    "shell-vendor": Shape(
        "payables", "payee", "review",
        "",
        "",
        "payments signals",
        "signals_below window_days",
    ),
    "split-payment": Shape(
        "payables", "payee", "hold review",
        "user:requested_by",
        "amount_base",
        "all_near largest payments smallest total",
        "from limit total_below window_days",
    ),
    "structured-payouts": Shape(
        "crypto", "payee", "hold review",
        "request",
        "amount_base",
        "by largest other_payees requests smallest total",
        "fewer_than threshold window_hours",
    ),
    "unknown-purpose": Shape(
        "quality", "source", "none",
        "",
        "",
        "category_code code",
        "code_sets edition",
    ),
    "unusual-payment": Shape(
        "anomaly", "payee tenant", "review",
        "",
        "warm_up",
        "amount deviations p payments ratio score shares shares.amount-history shares.burst shares.off-cycle "
        "stream_payments",
        "amount payments score_at_most",
    ),
    "wallet-churn": Shape(
        "crypto", "payee", "hold review",
        "request wallet:destination",
        "",
        "destinations networks requests",
        "destinations networks",
    ),
}
# fmt: on
