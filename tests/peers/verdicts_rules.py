"""What other tools, and the audits of the CIS benchmark, make of a report.

Each rule is written anew from its public source or text, which a comment names, and keeps its
defects. Each sees the clock at the time of the report. A rule gives a verdict for a row, or for a
credential of a row; where it gives none, the tool says nothing.

Read for this: Prowler, `prowler/providers/aws/services/iam/<check>/<check>.py` (2026-08);
Powerpipe's AWS Compliance mod, `conformance_pack/iam.pp` (1.13.0), over the Steampipe plugin's
`aws/table_aws_iam_credential_report.go` and `aws/table_aws_iam_access_key.go` (2026-07); the pages
of AWS Config's managed rules; the audits of CIS AWS Foundations, as Prowler quotes them in
`prowler/compliance/aws/cis_*_aws.json`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

PASS, FAIL, NONE = "pass", "fail", "none"
KEYS = ("access_key_1", "access_key_2")
CREDENTIALS = ("password", *KEYS)
# Of a credential: the cells that tell whether it is active, when it was made and when it was used.
CELLS = {"password": ("password_enabled", "password_last_changed", "password_last_used")} | {
    key: (f"{key}_active", f"{key}_last_rotated", f"{key}_last_used_date") for key in KEYS
}
FLAGS = ["mfa_active", *(f"{key}_active" for key in KEYS), "cert_1_active", "cert_2_active"]
ROOT = "<root_account>"
DAY = timedelta(days=1)


class Stops(Exception):
    """The tool breaks off and says nothing at all of this account."""


class Row(dict):
    """The cells of a row; asking for a column that is not there ends a tool."""

    def __missing__(self, column: str) -> str:
        raise Stops(f"there is no column {column}")


@dataclass(frozen=True)
class Report:
    """One report, as delivered."""

    name: str
    generated: datetime
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


# By number of the row and, where the rule tells them apart, credential.
Verdicts = dict[tuple[int, str | None], str]


@dataclass(frozen=True)
class Rule:
    """A rule of a tool."""

    tool: str
    name: str
    judge: Callable[[Report], Verdicts]


# --- Reading cells as AWS documents them; what says nothing is None ---


def flag(row: Row, column: str) -> bool | None:
    return {"true": True, "false": False}.get(row.get(column, "").lower())


def moment(row: Row, column: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(row.get(column, ""))
    except ValueError:
        return None
    return read if read.tzinfo else None


def active(row: Row, credential: str) -> bool | None:
    return flag(row, CELLS[credential][0])


def made(row: Row, credential: str) -> datetime | None:
    return moment(row, CELLS[credential][1])


def used(row: Row, credential: str) -> datetime | None:
    return moment(row, CELLS[credential][2])


def never_used(row: Row, credential: str) -> bool:
    """The words AWS has for it: no_information for passwords, N/A for keys."""
    return row.get(CELLS[credential][2]) in ("N/A", "no_information")


def idle_since(row: Row, credential: str) -> datetime | None:
    """Last use or, if never used, creation."""
    return made(row, credential) if never_used(row, credential) else used(row, credential)


def is_root(row: Row) -> bool:
    return row["arn"].endswith(":root")


def by_row(judge: Callable[[Row, datetime], str]) -> Callable[[Report], Verdicts]:
    """A rule that looks at one row at a time."""

    def of_report(report: Report) -> Verdicts:
        return {(n, None): judge(row, report.generated) for n, row in enumerate(report.rows)}

    return of_report


def by_credential(
    judge: Callable[[Row, datetime], Iterator[tuple[str | None, str]]],
) -> Callable[[Report], Verdicts]:
    """A rule that yields (credential, verdict) for a row; no credential stands for all others."""

    def of_report(report: Report) -> Verdicts:
        return {
            (n, credential): verdict
            for n, row in enumerate(report.rows)
            for credential, verdict in judge(row, report.generated)
        }

    return of_report


# --- Prowler: cells are compared as text, dates parsed with dateutil and subtracted from an aware
# time, so that a word or a date without offset ends the check for the account ---


def days_since(cell: str, now: datetime) -> int:
    try:
        return (now - datetime.fromisoformat(cell)).days
    except (ValueError, TypeError) as error:
        raise Stops(f"{cell!r}: {error}") from error


def prowler_rotated(row: Row, now: datetime) -> Iterator[tuple[str | None, str]]:
    # iam_rotate_access_key_90_days: a finding for each active key over 90 days, else one for all.
    yield None, PASS
    if all(row[f"{key}_last_rotated"] == "N/A" for key in KEYS):
        return
    for key in KEYS:
        rotated = row[f"{key}_last_rotated"]
        if rotated != "N/A" and row[f"{key}_active"] == "true" and days_since(rotated, now) > 90:
            yield key, FAIL


def prowler_key_unused(row: Row, now: datetime) -> Iterator[tuple[str | None, str]]:
    # iam_user_accesskey_unused (max_unused_access_keys_days 45): active keys that were ever used.
    yield None, PASS
    if all(row[f"{key}_active"] != "true" for key in KEYS):
        return
    for key in KEYS:
        if row[f"{key}_active"] == "true":
            last = row[f"{key}_last_used_date"]
            if last != "N/A" and days_since(last, now) > 45:
                yield key, FAIL


def prowler_console_unused(row: Row, now: datetime) -> Iterator[tuple[str | None, str]]:
    # iam_user_console_access_unused (max_console_access_days 45): asks ListUsers and
    # GetLoginProfile, whose answers the report repeats; what it does not tell is left out.
    if is_root(row) or active(row, "password") is None or "password_last_used" not in row:
        return
    last = used(row, "password")
    if active(row, "password") and last:
        yield "password", FAIL if (now - last).days > 45 else PASS
    elif not active(row, "password") or never_used(row, "password"):
        yield "password", PASS


def prowler_console_mfa(report: Report) -> Verdicts:
    # iam_user_mfa_enabled_console_access: every row but root.
    found = {}
    for n, row in enumerate(report.rows):
        if row["user"] != ROOT:
            bad = row["password_enabled"] == "true" and row["mfa_active"] == "false"
            found[n, None] = FAIL if bad else PASS
    return found


def prowler_root(judge: Callable[[Row, datetime], str | None]) -> Callable[[Report], Verdicts]:
    """A check of the row of root only; None is no finding."""

    def of_report(report: Report) -> Verdicts:
        roots = [(n, row) for n, row in enumerate(report.rows) if row["user"] == ROOT]
        found = {(n, None): judge(row, report.generated) for n, row in roots}
        return {place: verdict for place, verdict in found.items() if verdict}

    return of_report


def root_has_credentials(row: Row) -> bool:
    """Judged by two of the root checks before anything else; all three cells are read."""
    return "true" in [row["password_enabled"], *(row[f"{key}_active"] for key in KEYS)]


def prowler_root_keys(row: Row, _now: datetime) -> str | None:
    # iam_no_root_access_key
    if not root_has_credentials(row):
        return None
    return FAIL if "true" in (row[f"{key}_active"] for key in KEYS) else PASS


def prowler_root_mfa(row: Row, _now: datetime) -> str | None:
    # iam_root_mfa_enabled
    if not root_has_credentials(row):
        return None
    return FAIL if row["mfa_active"] == "false" else PASS


def prowler_root_use(row: Row, now: datetime) -> str | None:
    # iam_avoid_root_usage: the password decides unless it says no_information, then key 1.
    cells = [("password_last_used", "no_information")]
    cells += [(f"{key}_last_used_date", "N/A") for key in KEYS]
    for column, nothing in cells:
        if row[column] != nothing:
            return FAIL if days_since(row[column], now) <= 1 else PASS
    return PASS


def prowler_two_keys(report: Report) -> Verdicts:
    # iam_user_two_active_access_key: an error ends it too, but what was found so far is reported.
    found = {}
    try:
        for n, row in enumerate(report.rows):
            two = all(row[f"{key}_active"] == "true" for key in KEYS)
            found[n, None] = FAIL if two else PASS
    except Stops:
        pass
    return found


def prowler_setup(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # iam_user_no_setup_initial_access_key: a password and an active key that was never used.
    yield None, PASS
    for key in KEYS:
        if row[f"{key}_active"] == "true" and row[f"{key}_last_used_date"] == "N/A":
            if row["password_enabled"] == "true":
                yield key, FAIL


# --- Steampipe's table under Powerpipe: typed columns, NULL for some words; one bad cell of a
# column that a query reads, or of any flag, ends the query. Times compare with midnight UTC ---

NULL_WORDS = {
    "password_last_changed": {"", "N/A", "not_supported"},
    "password_last_used": {"", "N/A", "no_information"},
    "user_creation_time": {""},
}
GO_BOOLEANS = {"": False, "yes": True, "no": False} | {
    word: value
    for value, words in ((True, "1 t T TRUE true True"), (False, "0 f F FALSE false False"))
    for word in words.split()
}


def steampipe_flag(row: Row, column: str) -> bool:
    """As the CSV reader of the plugin has it; a column that is not there is false."""
    cell = row.get(column, "").strip()
    if cell not in GO_BOOLEANS:
        raise Stops(f"{cell!r} in {column} is no boolean")
    return GO_BOOLEANS[cell]


def steampipe_time(row: Row, column: str) -> datetime | None:
    cell = row.get(column, "")
    if cell in NULL_WORDS.get(column, {"", "N/A"}):
        return None
    if (read := moment(row, column)) is None:
        raise Stops(f"{cell!r} in {column} is no time")
    return read


class Typed:
    """A row of aws_iam_credential_report."""

    def __init__(self, row: Row, times: list[str]):
        self.flags = {column: steampipe_flag(row, column) for column in FLAGS}
        self.flags["password_enabled"] = row.get("password_enabled") in ("true", "not_supported")
        self.times = {column: steampipe_time(row, column) for column in times}
        self.user = row["user"]

    def active(self, credential: str) -> bool:
        return self.flags[CELLS[credential][0]]

    def made(self, credential: str) -> datetime | None:
        return self.times[CELLS[credential][1]]

    def used(self, credential: str) -> datetime | None:
        return self.times[CELLS[credential][2]]

    def since_user(self, credential: str) -> timedelta | None:
        created, born = self.made(credential), self.times["user_creation_time"]
        return created - born if created and born else None


def midnight(now: datetime, days: int) -> datetime:
    """`current_date - interval 'N' day`."""
    return datetime.combine(now.date(), time(), now.tzinfo) - days * DAY


def before(left: datetime | None, right: datetime) -> bool:
    """As SQL compares: NULL is not before anything."""
    return left is not None and left < right


def powerpipe(
    judge: Callable[[Typed, datetime], str | None], *times: str
) -> Callable[[Report], Verdicts]:
    """A query over the table; all rows are read before one is judged. None is info or no row."""

    def of_report(report: Report) -> Verdicts:
        rows = [Typed(row, list(times)) for row in report.rows]
        found = {(n, None): judge(row, report.generated) for n, row in enumerate(rows)}
        return {place: verdict for place, verdict in found.items() if verdict}

    return of_report


def powerpipe_console_mfa(row: Typed, _now: datetime) -> str:
    # iam_user_console_access_mfa_enabled
    return FAIL if row.flags["password_enabled"] and not row.flags["mfa_active"] else PASS


def powerpipe_mfa(row: Typed, _now: datetime) -> str:
    # iam_user_mfa_enabled
    return PASS if row.flags["mfa_active"] else FAIL


def powerpipe_unused(days: int) -> Callable[[Typed, datetime], str | None]:
    # iam_user_unused_credentials_45 and _90
    def judge(row: Typed, now: datetime) -> str | None:
        if row.user == ROOT:
            return None
        since = [row.used(c) or row.made(c) for c in CREDENTIALS if row.active(c)]
        return FAIL if any(before(time, midnight(now, days)) for time in since) else PASS

    return judge


def powerpipe_root_use(row: Typed, now: datetime) -> str | None:
    # iam_root_last_used: of keys, long unused ones are what it calls used.
    if row.user != ROOT:
        return None
    limit = midnight(now, 90)
    password = row.used("password")
    if password is not None and password >= limit:
        return FAIL
    keys = [row.used(key) for key in KEYS]
    return FAIL if any(time is not None and time <= limit for time in keys) else PASS


def powerpipe_setup(row: Typed, _now: datetime) -> str:
    # iam_user_access_keys_and_password_at_setup: key 1 only, active or not.
    apart = row.since_user("access_key_1")
    at_setup = apart is not None and apart < timedelta(seconds=10)
    return FAIL if row.flags["password_enabled"] and at_setup else PASS


def powerpipe_key_unused(row: Typed, now: datetime) -> str:
    # iam_user_access_key_unused_45: one CASE over both keys, which an inactive key ends.
    for key in KEYS:
        if not row.active(key):
            return PASS
        if row.used(key) is None or before(row.used(key), midnight(now, 45)):
            return FAIL
    return PASS


def powerpipe_console_unused(row: Typed, now: datetime) -> str:
    # iam_user_console_access_unused_45
    if not row.active("password"):
        return PASS
    last = row.used("password")
    return FAIL if last is None or before(last, midnight(now, 45)) else PASS


def keys_listed(row: Row) -> Iterator[tuple[str, bool, datetime | None]]:
    """What ListAccessKeys would say of a user: (key, active, created); root is no user to list."""
    for key in KEYS:
        state, created = active(row, key), made(row, key)
        if not is_root(row) and (state or (state is False and created)):
            yield key, state, created


def more_keys(row: Row) -> bool:
    """The row tells that the user has more than it shows."""
    return row.get("additional_credentials_info", "N/A") != "N/A"


def powerpipe_key_age(row: Row, now: datetime) -> Iterator[tuple[str | None, str]]:
    # iam_user_access_key_age_90, over aws_iam_access_key: inactive keys are skipped.
    for key, state, created in keys_listed(row):
        if state and created:
            yield key, FAIL if created <= midnight(now, 90) else PASS


def like(pattern: str) -> re.Pattern:
    """SQL's LIKE '%pattern%', in which _ is any character."""
    return re.compile(re.escape(pattern).replace("_", ".").replace("%", ".*"), re.DOTALL)


def joined_by_like(report: Report, row: Row) -> list[bool]:
    """The keys that the next rule takes for those of a user: whether each is active.

    They are joined by the ARN of the user as a LIKE pattern; the ARN of a key has no path.
    """
    prefix, pattern = row["arn"].partition("user/")[0], like(row["arn"])
    return [
        state
        for other in report.rows
        for key, state, _ in keys_listed(other)
        if pattern.search(f"{prefix}user/{other['user']}/accesskey/{key}")
    ]


def powerpipe_one_key(report: Report) -> Verdicts:
    # iam_user_one_active_key: users whose keys are all inactive drop out.
    found = {}
    for n, row in enumerate(report.rows):
        told = all(active(row, key) is not None for key in KEYS)
        if not is_root(row) and told and not more_keys(row):
            joined = joined_by_like(report, row)
            if any(joined) or not joined:
                found[n, None] = FAIL if sum(joined) > 1 else PASS
    return found


# --- AWS Config: what its pages say, and nothing where they are silent; users or root, not both ---


def config_keys_rotated(row: Row, now: datetime) -> Iterator[tuple[str | None, str]]:
    # access-keys-rotated: an active key not rotated for more than 90 days. Nothing is said of
    # users without one, nor of the hours after the 90th day.
    usable = [created for _, state, created in keys_listed(row) if state]
    ages = [now - created for created in usable if created]
    if any(age >= 91 * DAY for age in ages):
        yield None, FAIL
    elif usable and len(ages) == len(usable):
        if all(timedelta() <= age <= 90 * DAY for age in ages):
            yield None, PASS


def config_unused(days: int) -> Callable[[Row, datetime], Iterator[tuple[str | None, str]]]:
    # iam-user-unused-credentials-check: passwords or active keys not used within so many days.
    # Nothing is said of what was never used, nor of the day that is neither within nor beyond.
    def judge(row: Row, now: datetime) -> Iterator[tuple[str | None, str]]:
        usable = [c for c in CREDENTIALS if active(row, c)]
        if is_root(row) or any(active(row, c) is None for c in CREDENTIALS):
            return
        last = [used(row, c) for c in usable]
        if any(time and now - time >= (days + 1) * DAY for time in last):
            yield None, FAIL
        elif usable and all(time and timedelta() <= now - time < days * DAY for time in last):
            yield None, PASS

    return judge


def config_console_mfa(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # mfa-enabled-for-iam-console-access: of users that have a console password.
    if not is_root(row) and active(row, "password") and flag(row, "mfa_active") is not None:
        yield None, PASS if flag(row, "mfa_active") else FAIL


def config_mfa(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # iam-user-mfa-enabled
    if not is_root(row) and flag(row, "mfa_active") is not None:
        yield None, PASS if flag(row, "mfa_active") else FAIL


def root_credentials(row: Row) -> bool | None:
    """Whether root has a password or any key, which decides whether the next two rules apply."""
    told = [active(row, c) for c in CREDENTIALS]
    if any(told) or any(made(row, key) for key in KEYS):
        return True
    return None if None in told else False


def config_root_mfa(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # root-account-mfa-enabled: not offered in GovCloud and China, not applicable without any
    # credentials of root.
    offered = row["arn"].startswith("arn:aws:")
    mfa = flag(row, "mfa_active")
    if is_root(row) and offered and mfa is not None and root_credentials(row) is not False:
        yield None, PASS if mfa else FAIL


def config_root_keys(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # iam-root-access-key-check: that no key exists, active or not; not applicable as above.
    if not is_root(row) or any(active(row, key) is None for key in KEYS):
        return
    if any(active(row, key) or made(row, key) for key in KEYS):
        yield None, FAIL
    elif root_credentials(row):
        yield None, PASS


# --- CIS AWS Foundations: the audits, word by word, where their cells hold what they speak of ---


def cis_keys_rotated(row: Row, now: datetime) -> Iterator[tuple[str | None, str]]:
    # 5.0.0/1.13: each active key was created 90 days ago or less; the console shows whole days.
    for key in KEYS:
        if active(row, key) and (created := made(row, key)):
            yield key, PASS if (now - created).days <= 90 else FAIL


def cis_unused(days: int) -> Callable[[Row, datetime], Iterator[tuple[str | None, str]]]:
    # 5.0.0/1.11 (45 days), 1.3.0/1.12 (90): the command leaves root out; a password or active key
    # was used less than N days ago or, if never, set or created less than N days ago.
    def judge(row: Row, now: datetime) -> Iterator[tuple[str | None, str]]:
        for credential in CREDENTIALS:
            since = idle_since(row, credential)
            if row["user"] != ROOT and active(row, credential) and since:
                yield credential, PASS if now - since < days * DAY else FAIL

    return judge


def cis_console_mfa(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # 5.0.0/1.9: of IAM users, mfa_active is true wherever password_enabled is.
    if not is_root(row) and active(row, "password") and flag(row, "mfa_active") is not None:
        yield None, PASS if flag(row, "mfa_active") else FAIL


def cis_root_keys(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # 5.0.0/1.3: both flags of <root_account> are false.
    flags = [active(row, key) for key in KEYS]
    if row["user"] == ROOT and (True in flags or None not in flags):
        yield None, FAIL if True in flags else PASS


def cis_root_mfa(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # 5.0.0/1.4: of <root_account>, mfa_active is true or password_enabled is false.
    mfa, password = flag(row, "mfa_active"), flag(row, "password_enabled")
    if row["user"] == ROOT:
        if mfa or password is False:
            yield None, PASS
        elif mfa is False and "password_enabled" in row:
            yield None, FAIL


def cis_root_mfa_always(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # 1.2.0/1.13, 4.0.0/1.5: mfa_active of <root_account> is true.
    if row["user"] == ROOT and flag(row, "mfa_active") is not None:
        yield None, PASS if flag(row, "mfa_active") else FAIL


def cis_root_use(row: Row, now: datetime) -> Iterator[tuple[str | None, str]]:
    # 5.0.0/1.6: the three dates of <root_account> tell when it was last used; days are not named.
    told = [used(row, c) or never_used(row, c) for c in CREDENTIALS]
    if row["user"] == ROOT:
        if any(time is not True and time and now - time < 90 * DAY for time in told):
            yield None, FAIL
        elif all(told):
            yield None, PASS


def cis_setup_by_use(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # 5.0.0/1.10, command line: a password and a key (its sample shows: an active one) whose last
    # use is N/A.
    for key in KEYS:
        last = CELLS[key][2]
        if not is_root(row) and active(row, "password") and active(row, key) and last in row:
            if never_used(row, key) or used(row, key):
                yield key, FAIL if never_used(row, key) else PASS


def cis_setup_by_date(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # 5.0.0/1.10, console: of users with a password and a key, the creation times that match. The
    # console shows them to the minute.
    born = moment(row, "user_creation_time")
    for key in KEYS:
        created = made(row, key)
        if not is_root(row) and active(row, "password") and active(row, key) and created and born:
            yield key, FAIL if to_minute(created) == to_minute(born) else PASS


def to_minute(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)


def cis_one_key(row: Row, _now: datetime) -> Iterator[tuple[str | None, str]]:
    # 5.0.0/1.12: ListAccessKeys shows at most one active key of any IAM user.
    flags = [active(row, key) for key in KEYS]
    if not is_root(row) and None not in flags:
        if all(flags):
            yield None, FAIL
        elif not more_keys(row):
            yield None, PASS


def _rules() -> list[Rule]:
    passwords, keys = CELLS["password"][1:], [c for key in KEYS for c in CELLS[key][1:]]
    key_uses = [f"{key}_last_used_date" for key in KEYS]
    prowler = {
        "iam_rotate_access_key_90_days": by_credential(prowler_rotated),
        "iam_user_accesskey_unused": by_credential(prowler_key_unused),
        "iam_user_console_access_unused": by_credential(prowler_console_unused),
        "iam_user_mfa_enabled_console_access": prowler_console_mfa,
        "iam_no_root_access_key": prowler_root(prowler_root_keys),
        "iam_root_mfa_enabled": prowler_root(prowler_root_mfa),
        "iam_avoid_root_usage": prowler_root(prowler_root_use),
        "iam_user_two_active_access_key": prowler_two_keys,
        "iam_user_no_setup_initial_access_key": by_credential(prowler_setup),
    }
    powerpipe_ = {
        "iam_user_console_access_mfa_enabled": powerpipe(powerpipe_console_mfa),
        "iam_user_mfa_enabled": powerpipe(powerpipe_mfa),
        "iam_user_unused_credentials_45": powerpipe(powerpipe_unused(45), *passwords, *keys),
        "iam_user_unused_credentials_90": powerpipe(powerpipe_unused(90), *passwords, *keys),
        "iam_root_last_used": powerpipe(powerpipe_root_use, "password_last_used", *key_uses),
        "iam_user_access_keys_and_password_at_setup": powerpipe(
            powerpipe_setup, "user_creation_time", "access_key_1_last_rotated"
        ),
        "iam_user_access_key_unused_45": powerpipe(powerpipe_key_unused, *keys),
        "iam_user_console_access_unused_45": powerpipe(powerpipe_console_unused, *passwords),
        "iam_user_access_key_age_90": by_credential(powerpipe_key_age),
        "iam_user_one_active_key": powerpipe_one_key,
    }
    config = {
        "access-keys-rotated": config_keys_rotated,
        "iam-user-unused-credentials-check (45)": config_unused(45),
        "iam-user-unused-credentials-check (90)": config_unused(90),
        "mfa-enabled-for-iam-console-access": config_console_mfa,
        "iam-user-mfa-enabled": config_mfa,
        "root-account-mfa-enabled": config_root_mfa,
        "iam-root-access-key-check": config_root_keys,
    }
    cis = {
        "5.0.0/1.13": cis_keys_rotated,
        "5.0.0/1.11": cis_unused(45),
        "1.3.0/1.12": cis_unused(90),
        "5.0.0/1.9": cis_console_mfa,
        "5.0.0/1.3": cis_root_keys,
        "5.0.0/1.4": cis_root_mfa,
        "4.0.0/1.5": cis_root_mfa_always,
        "5.0.0/1.6 within 90 days": cis_root_use,
        "5.0.0/1.10 by use": cis_setup_by_use,
        "5.0.0/1.10 by date": cis_setup_by_date,
        "5.0.0/1.12": cis_one_key,
    }
    return [
        *(Rule("Prowler", name, judge) for name, judge in prowler.items()),
        *(Rule("Powerpipe", name, judge) for name, judge in powerpipe_.items()),
        *(Rule("AWS Config", name, by_credential(judge)) for name, judge in config.items()),
        *(Rule("CIS", name, by_credential(judge)) for name, judge in cis.items()),
    ]


RULES = {f"{rule.tool} {rule.name}": rule for rule in _rules()}
