"""A7: several payees, one hand."""

from tests.scenarios.build import DAY, HOUR, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a payroll migration": "import-without-a-ticket",
    "an open enrolment": "known-devices-behind-one-address",
}

SHARED = {"device_id": "d", "device_known": True}
VERIFIED = {"method": "callback", "status": "passed", "by": "u-other"}


def _changes(t: Tale, payees: int, last: int = HOUR, **actor: object) -> None:
    """Changes of so many payees' accounts, all at once but for the last one."""
    for n in range(payees):
        t.change(f"E{n}", f"new{n}", last if n == payees - 1 else 0, actor=actor or SHARED)


@fires(65)
def three_payees_one_device(t: Tale) -> None:
    _changes(t, 3)


@silent()
def two_payees_one_device(t: Tale) -> None:
    _changes(t, 2)


@silent()
def one_payee_three_times(t: Tale) -> None:
    for n in range(3):
        t.change("E1", f"new{n}", n * HOUR, actor=SHARED)


@fires(65)
def third_payee_in_the_last_moment_of_24_hours(t: Tale) -> None:
    _changes(t, 3, 24 * HOUR - 1)


@silent()
def third_payee_after_24_hours(t: Tale) -> None:
    _changes(t, 3, 24 * HOUR)


@fires(65)
def three_payees_one_address(t: Tale) -> None:
    _changes(t, 3, ip="203.0.113.7")


@fires(65)
def three_payees_one_user(t: Tale) -> None:
    _changes(t, 3, user_id="u", role="hr", channel="portal")


@silent()
def three_payees_who_share_nothing(t: Tale) -> None:
    for n in range(3):
        t.change(f"E{n}", f"new{n}", n, actor={"device_id": f"d{n}", "ip": f"203.0.113.{n}", "user_id": f"u{n}"})


@silent()
def import_with_a_ticket(t: Tale) -> None:
    """A payroll migration, or an open enrolment."""
    _changes(t, 5, channel="bulk_import", ticket="T1", user_id="u")


@fires(65)
def import_without_a_ticket(t: Tale) -> None:
    _changes(t, 5, channel="bulk_import", user_id="u")


@silent()
def announced_by_the_bank(t: Tale) -> None:
    _changes(t, 5, channel="bank_noc", user_id="u")


@silent()
def known_devices_behind_one_address(t: Tale) -> None:
    """Workers of one office change their own accounts."""
    _changes(t, 5, role="self", channel="portal", device_known=True, mfa=True, ip="203.0.113.7")


@fires(65)
def known_devices_without_second_factor(t: Tale) -> None:
    _changes(t, 3, role="self", channel="portal", device_known=True, ip="203.0.113.7")


@silent()
def third_change_verified(t: Tale) -> None:
    _changes(t, 2)
    t.change("E9", "new9", HOUR, actor=SHARED, verification=VERIFIED)


def _unknown(t: Tale, devices: int, last: int = 12 * HOUR, payees: int | None = None) -> None:
    """Changes of that many payees, the devices used in turn."""
    count = payees or devices
    for n in range(count):
        actor = {"role": "self", "device_id": f"d{n % devices}", "device_known": False}
        t.change(f"E{n}", f"new{n}", last if n == count - 1 else n * 25 * HOUR // 10, actor=actor)


@fires(65)
def five_unknown_devices(t: Tale) -> None:
    _unknown(t, 5)


@silent()
def four_unknown_devices(t: Tale) -> None:
    _unknown(t, 4)


@silent()
def five_payees_on_four_unknown_devices(t: Tale) -> None:
    _unknown(t, 4, payees=5)


@fires(65)
def fifth_unknown_device_in_the_last_moment_of_72_hours(t: Tale) -> None:
    _unknown(t, 5, 72 * HOUR - 1)


@silent()
def fifth_unknown_device_after_72_hours(t: Tale) -> None:
    _unknown(t, 5, 72 * HOUR)


def _roster(t: Tale, payees: int, paid: int) -> None:
    for n in range(payees):
        t.pay(f"V{n}", amount=f"{n + 100}.00", at=0)
    for n in range(5):
        actor = {"role": "self", "device_id": f"d{n}", "device_known": False}
        t.change(f"V{n}", f"new{n}", paid + n, actor=actor)


@fires(65)
def five_of_a_hundred_payees(t: Tale) -> None:
    _roster(t, 100, DAY)


@silent()
def five_of_a_hundred_and_one_payees(t: Tale) -> None:
    _roster(t, 101, DAY)


@fires(65)
def five_of_many_payees_that_were_paid_long_ago(t: Tale) -> None:
    _roster(t, 101, 45 * DAY + HOUR)
