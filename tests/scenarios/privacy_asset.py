"""D6: privacy coins, mixers and bridges."""

from tests.scenarios.build import Tale, wallet
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a payee who asks for such a coin out of conviction": "pay-asked-for-in-monero",
    "a bridge used only to change networks": "destination-at-a-bridge",
}


@fires(65)
def pay_asked_for_in_monero(t: Tale) -> None:
    t.request("C1", wallet(asset="XMR"))


@fires(65)
def pay_asked_for_in_zcash_in_small_letters(t: Tale) -> None:
    t.request("C1", wallet(asset="zec"))


@fires(65)
def destination_behind_a_mixer(t: Tale) -> None:
    t.request("C1", wallet(tags=["exchange", "mixer"]))


@fires(65)
def destination_at_a_bridge(t: Tale) -> None:
    t.request("C1", wallet(tags=["bridge"]))


@fires(65)
def wallet_paid_in_dash(t: Tale) -> None:
    to = {"fp": "fp-w", "scheme": "wallet", "wallet": wallet(asset="DASH")}
    t.pay("C1", to, rail="crypto")


@fires(65)
def wallet_registered_for_monero(t: Tale) -> None:
    t.change("C1", {"fp": "fp-w", "scheme": "wallet", "wallet": wallet(asset="XMR")})


@fires(65)
def asset_that_the_policy_adds(t: Tale) -> None:
    t.policy(rules={"privacy-asset": {"params": {"assets": ["XMR", "BEAM"]}}})
    t.request("C1", wallet(asset="BEAM"))


@silent()
def asset_that_the_policy_leaves_out(t: Tale) -> None:
    t.policy(rules={"privacy-asset": {"params": {"assets": ["XMR"]}}})
    t.request("C1", wallet(asset="DASH"))


@silent()
def pay_asked_for_in_usdt(t: Tale) -> None:
    t.request("C1", wallet(asset="USDT"))


@silent()
def destination_at_an_exchange(t: Tale) -> None:
    t.request("C1", wallet(tags=["exchange", "other"]))


@silent()
def request_by_bank(t: Tale) -> None:
    t.request("C1", wallet(asset="XMR"), method="bank")


@silent()
def payment_to_a_bank(t: Tale) -> None:
    t.pay("C1")
    t.change("C1", "other", at=1)
