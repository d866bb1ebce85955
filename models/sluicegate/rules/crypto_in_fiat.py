"""An ordinary payment that ends in crypto: an exchange behind a bank account, an address in the text.

The payment says so by its ISO 20022 purpose, by the bank it goes to, or by a wallet address in the remittance text
whose checksum is right. Words, and addresses that nothing proves, never make an alert.

Evidence: the signs that were found (purpose code, account or bank of an exchange, address in the text), the rail, the
score of changed-account.

False positives: a company treasury that buys crypto (flag the payee `vasp_treasury`, or trust the account); pay through
a provider that the policy approves.

Next step: ask for the purpose of the purchase.
"""

from collections.abc import Iterable

from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import ALERT_LEVEL, HIGH, MEDIUM, Entity, Finding, Result, Rule, RuleParams
from sluicegate.screening.wallets import find_addresses, has_unproven_address
from sluicegate.wire.events import Payment

CRYPTO_PURPOSE = "CRYP"
UNPROVEN = 10


class Params(RuleParams, frozen=True):
    pass


def check(view: View, params: Params) -> Iterable[Result]:
    data: Payment = view.data
    account, purpose = data.account, data.purpose
    profile = view.known(data.payee.payee_id).profile
    if data.schedule.rail == "crypto" or "vasp_treasury" in profile.flags or account.fp in view.policy.trusted:
        return ()
    signs = []
    if purpose is not None and CRYPTO_PURPOSE in (purpose.code, purpose.category_code):
        signs.append("its purpose code is CRYP")
    approved = view.policy.crypto.allowed and _provider_approved(view, data)
    if account.scheme == "vasp" and not approved:
        signs.append("it goes to an account at a crypto exchange")
    if account.bank_id is not None and account.bank_id in view.policy.update.vasp_banks and not approved:
        signs.append("its bank serves a crypto exchange")
    text = purpose.remittance if purpose is not None and purpose.remittance else ""
    wallets = find_addresses(text) if text else ()
    if wallets:
        signs.append("its text holds a wallet address")
    if signs:
        changed = view.raised.get("changed-account", 0)
        return (_finding(view, data, HIGH if changed >= ALERT_LEVEL else MEDIUM, signs, wallets),)
    if text and has_unproven_address(text):
        told = ["its text holds what may be a wallet address, without a checksum"]
        return (_finding(view, data, UNPROVEN, told, ()),)
    return ()


def _provider_approved(view: View, data: Payment) -> bool:
    """The provider behind the account, by its wallet block or else by the name of the bank."""
    wallet = data.account.wallet
    named = wallet.provider if wallet is not None and wallet.provider else data.account.bank_name
    return view.policy.approved_provider(named)


def _finding(view: View, data: Payment, score: int, signs: list[str], wallets: tuple[str, ...]) -> Finding:
    id, account, purpose = data.payee.payee_id, data.account, data.purpose
    also = " The account is also reported as changed." if score == HIGH else ""
    return Finding(
        score=score,
        subject=("payee", id),
        title="A payment by bank that is for crypto",
        text=f"{data.amount.value} {data.amount.currency} by {data.schedule.rail}: {', '.join(signs)}.{also}",
        observed={
            "signs": signs,
            "rail": data.schedule.rail,
            "scheme": account.scheme,
            "code": purpose.code if purpose is not None else None,
            "category_code": purpose.category_code if purpose is not None else None,
            "addresses": len(wallets),
            "changed_account_score": view.raised.get("changed-account", 0),
        },
        expected={"signs": [], "providers": list(view.policy.crypto.providers)},
        counterfactual="Without these signs, or to a trusted account, it would not have been reported.",
        action="hold" if score == HIGH else "review",
        payments=((id, data.payment_id),),
        entities=(
            Entity("account", account.fp, "paid", account.bank_name, account.country, account.last4),
            *(Entity("wallet", wallet, "in_text") for wallet in wallets),
        ),
        wallets=wallets,
        keywords=("crypto",),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="crypto-in-fiat",
    letter="D2",
    family="crypto",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord,),
    sources=("FBI PSA 240911", "ISO 20022 external code sets, 2Q2026"),
    fires=("purpose-code-of-crypto", "address-in-the-text", "exchange-account-just-changed"),
    silent=("treasury-buys-crypto", "approved-provider-at-an-exchange", "address-with-one-wrong-letter"),
)
