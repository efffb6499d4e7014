"""Which rule belongs to which control, and what excuses there are for judging otherwise.

An excuse has a name, the directions in which it counts, the text that decides, told in our words,
and a test on the row: it must see in the cells that this is why.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from verdicts_rules import (
    CELLS,
    CREDENTIALS,
    DAY,
    KEYS,
    Report,
    Row,
    active,
    flag,
    idle_since,
    is_root,
    joined_by_like,
    made,
    midnight,
    moment,
    more_keys,
    never_used,
    root_credentials,
    used,
)

SECOND = timedelta(seconds=1)
# Until then no root user could be without a password.
CENTRAL_ROOT_ACCESS = "2024-11-14"


@dataclass(frozen=True)
class Case:
    """A row, or a credential of it, on which the two sides differ."""

    pair: "Pair"
    report: Report
    row: Row
    credential: str | None
    theirs: str
    ours: str
    status: str  # "" if the control has no row
    reason: str
    stopped: str | None  # why the tool broke off

    @property
    def credentials(self) -> tuple[str, ...]:
        return (self.credential,) if self.credential else self.pair.credentials

    @property
    def usable(self) -> list[str]:
        return [c for c in self.credentials if active(self.row, c)]

    def days_since(self, moment: datetime | None) -> float:
        """No number, which is neither less nor more than any, if there is no such moment."""
        return (self.report.generated - moment) / DAY if moment else math.nan

    def idle(self, credential: str) -> float:
        return self.days_since(idle_since(self.row, credential))

    def just_now(self, days: float) -> bool:
        """After the report, but so little that clocks are why; midnight stands for its day."""
        of_the_day = f"{self.report.generated:%T}" == "00:00:00"
        return -(DAY if of_the_day else timedelta(minutes=15)) / DAY <= days < 0


@dataclass(frozen=True)
class Excuse:
    """Why two verdicts may differ: in which directions, what decides, and for which rows."""

    name: str
    moves: str  # "theirs>ours", parted by blanks
    decides: str
    holds: Callable[[Case], bool]

    def explains(self, case: Case) -> bool:
        return f"{case.theirs}>{case.ours}" in self.moves.split() and self.holds(case)


@dataclass(frozen=True)
class Pair:
    """A rule and the control of the same matter."""

    rule: str
    control: str
    excuses: tuple[Excuse, ...]
    credentials: tuple[str, ...] = ()  # those that both judge; none where the row is judged whole
    parameters: tuple[str, ...] = ()
    by_credential: bool = False

    @property
    def name(self) -> str:
        return " ".join([f"{self.rule} and {self.control}", *self.parameters])


# --- Excuses that several pairs share ---

BOTH_TO_NONE = "pass>none fail>none"
FROM_NONE = "none>pass none>fail"

USERS_ONLY = (
    "CIS 1.9, 1.10 and 1.12 (5.0.0) and Security Hub IAM.19 are on IAM users; root has 1.3 to 1.6."
)
EVERY_ROW = "CIS 1.13 (5.0.0): the audit reads every row of the report, and that of root is one."
EACH_USER = "CIS 1.3 to 1.13 (5.0.0) ask about each user; the cell of one tells nothing of another."
ROOT_HAS_NO_SIGN_IN = "CIS 1.4 (5.0.0) is on signing in, which root of these partitions cannot."
MEANT_FOR_PASSWORDS = "CIS 1.4 (5.0.0): password_enabled false passes, whatever keys there are."
IF_NEVER_USED = (
    "CIS 1.11 (5.0.0): if never used, the change of the password or creation of the key counts."
)
TO_THE_MINUTE = (
    "CIS 1.10 (5.0.0), console: the two times are compared as shown, which is to the minute; "
    "minutes next to each other count as a match here."
)
When = Callable[[Row, str], datetime | None]


def stops() -> Excuse:
    return Excuse("the tool stops at a cell", FROM_NONE, EACH_USER, lambda c: bool(c.stopped))


def root_left_out(decides: str = USERS_ONLY) -> Excuse:
    return Excuse(
        "root is left out here", BOTH_TO_NONE, decides, lambda c: is_root(c.row) and not c.status
    )


def nothing_active(what: str, decides: str) -> Excuse:
    """None of the credentials is there and active: they pass it, we skip it or have no row."""
    return Excuse(
        f"no {what}: passed there, skipped here",
        "pass>none",
        decides,
        lambda c: c.status in ("", "skip")
        and all(active(c.row, credential) is False for credential in c.credentials),
    )


def no_active_key() -> Excuse:
    return nothing_active(
        "active key", "CIS 1.10, 1.11 and 1.13 (5.0.0): asked of active keys; else not applicable."
    )


def no_password() -> Excuse:
    return nothing_active(
        "password", "CIS 1.9 and 1.11 (5.0.0): asked of users with a password; else not applicable."
    )


def in_future(when: When) -> Excuse:
    def holds(case: Case) -> bool:
        times = [when(case.row, credential) for credential in case.usable]
        return case.status == "unknown" and any(t and t > case.report.generated for t in times)

    decides = "CIS 1.11 and 1.13 (5.0.0) ask how many days ago; a date to come does not answer."
    return Excuse("a date in the future is unknown here", BOTH_TO_NONE, decides, holds)


def without_date(when: When) -> Excuse:
    """An active credential whose cell has a word where the audit wants a date."""
    return Excuse(
        "no date is unknown here",
        BOTH_TO_NONE,
        "CIS 1.10 to 1.13 (5.0.0) compare dates; where the report has none, nothing is compared.",
        lambda c: c.status == "unknown"
        and any(when(c.row, credential) is None for credential in c.usable),
    )


def unreadable(*columns: str) -> Excuse:
    """A flag that is neither true nor false: the given ones, or those of the credentials."""

    def holds(case: Case) -> bool:
        flags = columns or [CELLS[credential][0] for credential in case.credentials]
        cells = [case.row[column] for column in flags if column in case.row]
        return case.status == "unknown" and any(c.lower() not in ("true", "false") for c in cells)

    decides = "CIS 1.3 to 1.13 (5.0.0) ask for true or false; another word does not answer."
    return Excuse("an unreadable flag is unknown here", BOTH_TO_NONE, decides, holds)


def missing(*columns: str) -> Excuse:
    return Excuse(
        "a missing column is unknown here",
        BOTH_TO_NONE,
        "CIS 1.9 to 1.13 (5.0.0) read these columns; a file without them answers neither way.",
        lambda c: c.status == "unknown" and not set(columns) <= set(c.report.columns),
    )


def at_least(days: int) -> str:
    version = "5.0.0" if days == 45 else "1.3.0"
    return f"CIS {version}, unused credentials: less than {days} days ago passes, {days} fail."


def on_the_day(days: int, begins: Callable[[datetime, int], datetime]) -> Excuse:
    """Idle for N days or more, and for the tool not yet: its limit is an earlier time."""
    return Excuse(
        f"{days} days to the day: passed there",
        "pass>fail",
        at_least(days),
        lambda c: c.idle(c.credential) >= days
        and idle_since(c.row, c.credential) >= begins(c.report.generated, days),
    )


def a_day_more(now: datetime, days: int) -> datetime:
    """Where tools begin that count whole days and want more than N: just after N + 1 days ago."""
    return now - (days + 1) * DAY + SECOND


def never_used_passes(days: int) -> Excuse:
    return Excuse(
        "never used: passed there for ever",
        "pass>fail",
        IF_NEVER_USED,
        lambda c: never_used(c.row, c.credential) and c.idle(c.credential) >= days,
    )


def new_and_unused_fails(credentials: tuple[str, ...]) -> Excuse:
    return Excuse(
        "new and not used yet: failed there at once",
        "fail>pass",
        IF_NEVER_USED,
        lambda c: any(active(c.row, x) and never_used(c.row, x) for x in credentials),
    )


def second_key_unseen(holds: Callable[[Case], bool]) -> Excuse:
    return Excuse(
        "key 2 is not looked at there",
        "pass>fail",
        "CIS 1.10 and 1.11 (5.0.0): the commands show both keys of a row and judge both.",
        lambda c: c.credential == "access_key_2" and holds(c),
    )


# --- Root ---


def in_other_partition() -> Excuse:
    return Excuse(
        "root of GovCloud or China: skipped here",
        BOTH_TO_NONE,
        ROOT_HAS_NO_SIGN_IN,
        lambda c: c.status == "skip"
        and not c.row["arn"].startswith("arn:aws:")
        and active(c.row, "password") is not True,
    )


def password_not_told() -> Excuse:
    return Excuse(
        "root without MFA, password not told: unknown here",
        "fail>none",
        "CIS 1.4 (5.0.0) passes a root without password; not_supported tells neither.",
        lambda c: c.status == "unknown"
        and c.row["password_enabled"] == "not_supported"
        and flag(c.row, "mfa_active") is False,
    )


def root_with_key_only() -> Excuse:
    return Excuse(
        "root with a key and no password: failed there",
        "fail>pass",
        MEANT_FOR_PASSWORDS,
        lambda c: flag(c.row, "password_enabled") is False
        and bool(root_credentials(c.row))
        and flag(c.row, "mfa_active") is False,
    )


def no_finding(name: str, move: str, decides: str, also: Callable[[Row], bool]) -> Excuse:
    """Prowler is silent on a root whose row shows neither a password nor an active key."""
    return Excuse(
        name,
        move,
        decides,
        lambda c: not c.stopped
        and not any(active(c.row, x) for x in CREDENTIALS)
        and also(c.row),
    )


def used_within(case: Case, credentials: tuple[str, ...], days: int) -> bool:
    """Whether the row tells of a use of these less than so many days ago."""
    ages = [case.days_since(used(case.row, credential)) for credential in credentials]
    return any(case.just_now(age) or 0 <= age < days for age in ages)


def root_use(days: int) -> list[Excuse]:
    """Of iam_avoid_root_usage, with the limit of the control."""
    found = [
        stops(),
        Excuse(
            "the first date found decides there",
            "pass>fail",
            "CIS 1.6 (5.0.0): three dates are reviewed, of the password and of both keys.",
            lambda c: used_within(c, KEYS, 2) and not used_within(c, ("password",), 2),
        ),
        in_future_of_root("password"),
        unread_use_of_root(),
    ]
    if days > 2:
        found.append(
            Excuse(
                f"1 day there, {days} here",
                "pass>fail",
                "CIS 1.6 (5.0.0) names no number of days.",
                lambda c: used_within(c, CREDENTIALS, days) and not used_within(c, CREDENTIALS, 2),
            )
        )
    return found


def in_future_of_root(*credentials: str) -> Excuse:
    return Excuse(
        "a date in the future is unknown here",
        BOTH_TO_NONE,
        "CIS 1.6 (5.0.0) asks when root was last used; not yet is no answer.",
        lambda c: c.status == "unknown"
        and any((t := used(c.row, x)) and t > c.report.generated for x in credentials),
    )


def unread_use_of_root() -> Excuse:
    return Excuse(
        "a use that is not told is unknown here",
        "pass>none",
        "CIS 1.6 (5.0.0) reviews three dates; one that cannot be read may be the latest.",
        lambda c: c.status == "unknown"
        and any(not used(c.row, x) and not never_used(c.row, x) for x in CREDENTIALS),
    )


# --- Keys at setup ---


def since_user(case: Case, key: str) -> float:
    """Seconds from the user to the key, or no number."""
    born, created = moment(case.row, "user_creation_time"), made(case.row, key)
    return (created - born) / SECOND if born and created else math.nan


def key_before_user(apart: int) -> Excuse:
    """More than `apart` seconds before, which no tool can mean by a match."""
    return Excuse(
        "a key dated before its user is unknown here",
        BOTH_TO_NONE,
        "CIS 1.10 (5.0.0) asks whether key and user were created together; such dates are wrong.",
        lambda c: c.status == "unknown"
        and any(since_user(c, key) < -apart for key in c.usable),
    )


def setup_excuses(seconds: int) -> list[Excuse]:
    """Of iam_user_access_keys_and_password_at_setup, with the limit of the control."""
    found = [
        root_left_out(),
        Excuse(
            "no password or no active key: passed there, skipped here",
            "pass>none",
            "CIS 1.10 (5.0.0), console: of users that have both a password and a key.",
            lambda c: c.status in ("", "skip")
            and (active(c.row, "password") is False or not c.usable),
        ),
        Excuse(
            "an inactive key 1 counts there",
            "fail>none fail>pass",
            "CIS 1.10 (5.0.0): the key age of the console and the flags of the command say active.",
            lambda c: active(c.row, "access_key_1") is False
            and since_user(c, "access_key_1") < 10,
        ),
        second_key_unseen(lambda c: abs(since_user(c, c.credential)) <= seconds),
        key_before_user(60 if seconds > 10 else 0),
        missing("user_creation_time", "password_enabled", *CELLS["access_key_2"], *KEYS_MADE),
        without_date(made),
    ]
    if seconds > 10:
        found.append(
            Excuse(
                "10 to 60 seconds apart: passed there",
                "pass>fail",
                TO_THE_MINUTE,
                lambda c: c.credential == "access_key_1"
                and 10 <= since_user(c, c.credential) <= 60,
            )
        )
    return found


# --- One key ---


def ways_of_one_key() -> list[Excuse]:
    """Of iam_user_one_active_key."""
    exact = "CIS 1.12 (5.0.0): keys are listed by the name of their user, and by all of it."
    return [
        Excuse(
            "keys of similar names count there",
            "fail>pass",
            exact,
            lambda c: sum(joined_by_like(c.report, c.row)) > len(c.usable),
        ),
        Excuse(
            "keys of users with a path are lost there",
            "pass>fail",
            exact,
            lambda c: c.row["arn"].partition("user/")[2] != c.row["user"],
        ),
        Excuse(
            "users with inactive keys only are lost there",
            "none>pass",
            "CIS 1.12 (5.0.0): every user of the account is asked for, and none is at most one.",
            lambda c: not c.usable and set(joined_by_like(c.report, c.row)) == {False},
        ),
        more_than_shown("none>fail"),
        at_most_one(),
    ]


def more_than_shown(move: str) -> Excuse:
    return Excuse(
        "the user has more than the row shows",
        move,
        "CIS 1.12 (5.0.0): two active keys fail; fewer, of a list cut short, prove nothing.",
        lambda c: more_keys(c.row),
    )


def at_most_one() -> Excuse:
    return Excuse(
        "the state of one key is not told, the other is not active",
        "none>pass",
        "CIS 1.12 (5.0.0): not more than one is active either way.",
        lambda c: [active(c.row, key) for key in KEYS] in ([None, False], [False, None]),
    )


# --- AWS Config ---


def undocumented(days: int) -> Excuse:
    return Excuse(
        "never used, on the very day or just now: not documented there",
        FROM_NONE,
        f"{at_least(days)} {IF_NEVER_USED}",
        lambda c: any(
            never_used(c.row, x)
            or days <= c.idle(x) < days + 1
            or c.just_now(c.idle(x))
            for x in CREDENTIALS
            if active(c.row, x)
        ),
    )


def unused_excuses(days: int, begins: Callable[[datetime, int], datetime]) -> list[Excuse]:
    return [on_the_day(days, begins), in_future(idle_since), without_date(idle_since)]


KEY_FLAGS = [CELLS[key][0] for key in KEYS]
KEYS_MADE = [CELLS[key][1] for key in KEYS]
KEYS_USED = [CELLS[key][2] for key in KEYS]
UNUSED_ROOT = "CIS 1.11 (5.0.0): the command of the audit takes the row of root away."
DATES = ("password_last_used", "password_last_changed", *KEYS_MADE, *KEYS_USED)


def prowler_pairs() -> Iterator[Pair]:
    def pair(check: str, control: str, *excuses: Excuse, **more: object) -> Pair:
        return Pair(f"Prowler {check}", control, excuses, **more)

    yield pair(
        "iam_rotate_access_key_90_days",
        "keys-rotated",
        no_active_key(),
        stops(),
        in_future(made),
        without_date(made),
        unreadable(),
        credentials=KEYS,
        by_credential=True,
    )
    yield pair(
        "iam_user_accesskey_unused",
        "credentials-unused-45-days",
        root_left_out(UNUSED_ROOT),
        no_active_key(),
        stops(),
        never_used_passes(45),
        *unused_excuses(45, a_day_more),
        missing(*KEYS_MADE),
        credentials=KEYS,
        by_credential=True,
    )
    yield pair(
        "iam_user_console_access_unused",
        "credentials-unused-45-days",
        no_password(),
        never_used_passes(45),
        *unused_excuses(45, a_day_more),
        credentials=("password",),
        by_credential=True,
    )
    yield pair(
        "iam_user_mfa_enabled_console_access",
        "console-users-have-mfa",
        no_password(),
        stops(),
        unreadable("password_enabled", "mfa_active"),
        credentials=("password",),
    )
    yield pair(
        "iam_no_root_access_key",
        "root-no-access-keys",
        no_finding(
            "root without credentials: no finding there",
            "none>pass",
            "CIS 1.3 (5.0.0): both flags false is what is asked for.",
            lambda row: all(active(row, key) is False for key in KEYS),
        ),
        stops(),
        unreadable(*KEY_FLAGS),
    )
    passing = "root without credentials: no finding there"
    failing = "root without MFA, password not told: no finding there"
    yield pair(
        "iam_root_mfa_enabled",
        "root-mfa-enabled",
        no_finding(
            passing,
            "none>pass",
            "CIS 1.4 (5.0.0): MFA or no password is what is asked for.",
            lambda row: flag(row, "mfa_active") or active(row, "password") is False,
        ),
        Excuse(
            failing,
            "none>fail",
            "CIS 1.4 (5.0.0) passes a root without password; there was none before November 2024.",
            lambda c: flag(c.row, "mfa_active") is False
            and c.row["password_enabled"] == "not_supported"
            and f"{c.report.generated:%F}" < CENTRAL_ROOT_ACCESS,
        ),
        stops(),
        root_with_key_only(),
        in_other_partition(),
        password_not_told(),
        unreadable("mfa_active"),
    )
    yield pair(
        "iam_root_mfa_enabled",
        "root-mfa-enabled-always",
        no_finding(
            passing,
            "none>pass",
            "CIS 1.5 (4.0.0): mfa_active true is what is asked for.",
            lambda row: flag(row, "mfa_active") is True,
        ),
        no_finding(
            failing,
            "none>fail",
            "CIS 1.5 (4.0.0): mfa_active has to be true.",
            lambda row: flag(row, "mfa_active") is False and active(row, "password") is None,
        ),
        stops(),
        in_other_partition(),
        unreadable("mfa_active"),
    )
    for days, parameters in ((90, ()), (2, ("days=2",))):
        yield pair(
            "iam_avoid_root_usage", "root-not-used", *root_use(days), parameters=parameters
        )
    yield pair(
        "iam_user_two_active_access_key",
        "one-active-key",
        root_left_out(),
        more_than_shown("pass>none"),
        unreadable(),
        at_most_one(),
        credentials=KEYS,
    )
    yield pair(
        "iam_user_no_setup_initial_access_key",
        "no-key-at-setup-by-use",
        root_left_out(),
        no_active_key(),
        Excuse(
            "no password: passed there, skipped here",
            "pass>none",
            "CIS 1.10 (5.0.0): asked of users with a password; else not applicable.",
            lambda c: c.status == "skip" and active(c.row, "password") is False,
        ),
        stops(),
        missing(*KEYS_MADE),
        credentials=KEYS,
        by_credential=True,
    )


def powerpipe_pairs() -> Iterator[Pair]:
    def pair(query: str, control: str, *excuses: Excuse, **more: object) -> Pair:
        return Pair(f"Powerpipe {query}", control, excuses, **more)

    yield pair(
        "iam_user_console_access_mfa_enabled",
        "console-users-have-mfa",
        root_left_out(),
        no_password(),
        stops(),
        missing("password_enabled", "mfa_active"),
        credentials=("password",),
    )
    yield pair(
        "iam_user_mfa_enabled", "users-have-mfa", root_left_out(), stops(), missing("mfa_active")
    )
    for days in (45, 90):
        yield pair(
            f"iam_user_unused_credentials_{days}",
            f"credentials-unused-{days}-days",
            nothing_active(
                "password or active key",
                "CIS 1.11 (5.0.0): asked of passwords and active keys; without, not applicable.",
            ),
            stops(),
            *unused_excuses(days, midnight),
            missing("password_enabled", *DATES),
            credentials=CREDENTIALS,
        )
    yield pair(
        "iam_root_last_used",
        "root-not-used",
        stops(),
        Excuse(
            "a key used lately passes there",
            "pass>fail",
            "CIS 1.6 (5.0.0): the dates of keys tell of a use just as that of the password.",
            lambda c: used_within(c, KEYS, 90) and not used_within(c, ("password",), 90),
        ),
        Excuse(
            "a key not used for long fails there",
            "fail>pass",
            "CIS 1.6 (5.0.0) is against using root, not against having stopped to.",
            lambda c: not used_within(c, CREDENTIALS, 90)
            and any((t := used(c.row, x)) and t <= midnight(c.report.generated, 90) for x in KEYS),
        ),
        Excuse(
            "90 days to the day: failed there",
            "fail>pass",
            "CIS 1.6 (5.0.0) names no number of days; here as elsewhere a day is 24 hours.",
            lambda c: not used_within(c, CREDENTIALS, 90)
            and (t := used(c.row, "password")) is not None
            and t >= midnight(c.report.generated, 90),
        ),
        in_future_of_root(*CREDENTIALS),
        unread_use_of_root(),
    )
    for seconds, parameters in ((60, ()), (9, ("max_seconds=9",))):
        yield pair(
            "iam_user_access_keys_and_password_at_setup",
            "no-key-at-setup-by-date",
            *setup_excuses(seconds),
            credentials=KEYS,
            parameters=parameters,
        )
    yield pair(
        "iam_user_access_key_unused_45",
        "credentials-unused-45-days",
        root_left_out(UNUSED_ROOT),
        no_active_key(),
        stops(),
        second_key_unseen(lambda c: not active(c.row, "access_key_1")),
        new_and_unused_fails(KEYS),
        *unused_excuses(45, midnight),
        missing(*DATES),
        credentials=KEYS,
    )
    yield pair(
        "iam_user_console_access_unused_45",
        "credentials-unused-45-days",
        root_left_out(UNUSED_ROOT),
        no_password(),
        stops(),
        new_and_unused_fails(("password",)),
        *unused_excuses(45, midnight),
        missing("password_enabled", *DATES),
        credentials=("password",),
    )
    yield pair(
        "iam_user_access_key_age_90",
        "keys-rotated",
        Excuse("root is not listed there", FROM_NONE, EVERY_ROW, lambda c: is_root(c.row)),
        Excuse(
            "90 days to the day: failed there",
            "fail>pass",
            "CIS 1.13 (5.0.0): created less than or equal to 90 days ago passes.",
            lambda c: 90 <= c.days_since(made(c.row, c.credential)) < 91,
        ),
        in_future(made),
        credentials=KEYS,
        by_credential=True,
    )
    yield pair("iam_user_one_active_key", "one-active-key", *ways_of_one_key(), credentials=KEYS)


def config_pairs() -> Iterator[Pair]:
    def pair(rule: str, control: str, *excuses: Excuse, **more: object) -> Pair:
        return Pair(f"AWS Config {rule}", control, excuses, **more)

    yield pair(
        "access-keys-rotated",
        "keys-rotated",
        Excuse("root is no user there", FROM_NONE, EVERY_ROW, lambda c: is_root(c.row)),
        Excuse(
            "on the 91st day or just now: not documented there",
            "none>pass",
            "CIS 1.13 (5.0.0): created less than or equal to 90 days ago passes.",
            lambda c: any(
                c.just_now(age) or 90 < age < 91
                for age in (c.days_since(made(c.row, key)) for key in c.usable)
            ),
        ),
        unreadable(),
        missing(*CELLS["access_key_2"]),
        credentials=KEYS,
    )
    for days in (45, 90):
        yield pair(
            f"iam-user-unused-credentials-check ({days})",
            f"credentials-unused-{days}-days",
            undocumented(days),
            missing(*KEYS_MADE),
            credentials=CREDENTIALS,
        )
    yield pair(
        "mfa-enabled-for-iam-console-access",
        "console-users-have-mfa",
        mfa_without_password(),
        credentials=("password",),
    )
    yield pair("iam-user-mfa-enabled", "users-have-mfa")
    yield pair(
        "root-account-mfa-enabled",
        "root-mfa-enabled",
        Excuse(
            "root without credentials: not applicable there",
            "none>pass",
            "CIS 1.4 (5.0.0): MFA or no password is what is asked for.",
            lambda c: root_credentials(c.row) is False,
        ),
        Excuse(
            "not offered in GovCloud and China",
            FROM_NONE,
            "CIS 1.4 (5.0.0): a root that does have a password or MFA is judged like any other.",
            lambda c: not c.row["arn"].startswith("arn:aws:"),
        ),
        root_with_key_only(),
        password_not_told(),
    )
    yield pair(
        "iam-root-access-key-check",
        "root-no-access-keys",
        Excuse(
            "an inactive key of root fails there",
            "fail>pass",
            "CIS 1.3 (5.0.0), console: the flags that tell of active keys are false.",
            lambda c: not any(active(c.row, key) for key in KEYS)
            and any(made(c.row, key) for key in KEYS),
        ),
        Excuse(
            "root without credentials, or not told: not applicable there",
            "none>pass",
            "CIS 1.3 (5.0.0): both flags false is what is asked for.",
            lambda c: not root_credentials(c.row),
        ),
    )


def mfa_without_password() -> Excuse:
    return Excuse(
        "MFA, and the password is not told",
        "none>pass",
        "CIS 1.9 (5.0.0): mfa_active true passes, with a password or without.",
        lambda c: active(c.row, "password") is None and flag(c.row, "mfa_active") is True,
    )


def cis_pairs() -> Iterator[Pair]:
    def pair(audit: str, control: str, *excuses: Excuse, **more: object) -> Pair:
        return Pair(f"CIS {audit}", control, excuses, **more)

    keys = {"credentials": KEYS, "by_credential": True}
    yield pair("5.0.0/1.13", "keys-rotated", in_future(made), **keys)
    for days, audit in ((45, "5.0.0/1.11"), (90, "1.3.0/1.12")):
        yield pair(
            audit,
            f"credentials-unused-{days}-days",
            in_future(idle_since),
            Excuse(
                "no date, but the user itself is younger",
                "none>pass",
                at_least(days) + " A credential is no older than its user.",
                lambda c, days=days: never_used(c.row, c.credential)
                and c.days_since(moment(c.row, "user_creation_time")) < days,
            ),
            credentials=CREDENTIALS,
            by_credential=True,
        )
    yield pair(
        "5.0.0/1.9", "console-users-have-mfa", mfa_without_password(), credentials=("password",)
    )
    yield pair("5.0.0/1.3", "root-no-access-keys")
    yield pair("5.0.0/1.4", "root-mfa-enabled", in_other_partition(), password_not_told())
    yield pair(
        "4.0.0/1.5",
        "root-mfa-enabled-always",
        in_other_partition(),
        Excuse(
            "root without credentials: skipped here",
            "fail>none",
            "CIS 1.5 (4.0.0) secures signing in as root; it was written before a root could be "
            "without credentials.",
            lambda c: c.status == "skip" and root_credentials_active(c.row) is False,
        ),
    )
    yield pair("5.0.0/1.6 within 90 days", "root-not-used", in_future_of_root(*CREDENTIALS))
    not_told = Excuse(
        "passes with a password or without",
        "none>pass",
        "CIS 1.10 (5.0.0): a key made later, or used, is none of setup whoever holds it.",
        lambda c: active(c.row, "password") is None,
    )
    yield pair("5.0.0/1.10 by use", "no-key-at-setup-by-use", not_told, **keys)
    yield pair(
        "5.0.0/1.10 by date",
        "no-key-at-setup-by-date",
        not_told,
        key_before_user(60),
        Excuse(
            "60 seconds apart at most, in two minutes",
            "pass>fail",
            TO_THE_MINUTE,
            lambda c: abs(since_user(c, c.credential)) <= 60,
        ),
        **keys,
    )
    yield pair("5.0.0/1.12", "one-active-key", at_most_one(), credentials=KEYS)


def root_credentials_active(row: Row) -> bool:
    return any(active(row, credential) for credential in CREDENTIALS)


PAIRS = [*prowler_pairs(), *powerpipe_pairs(), *config_pairs(), *cis_pairs()]
