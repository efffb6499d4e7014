#!/usr/bin/env python3
"""What table `changes` must hold, worked out from the report files one report after the other.

    reference.py FOLDER            prints the rows as CSV, ordered

Written from the rules, not from the SQL: it walks through the reports of each account in order and
keeps, for every user that is there, what was last told of each fact and in which report. Standard
library only.
"""

import csv
import json
import re
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path

COLUMNS = (
    "account_id account_name user arn is_root user_creation_time change kind slot created_time old_value new_value "
    "previous_time generated_time days_between source"
).split()

NO_VALUE = {"n/a", "no_information", "not_supported", "", "none", "null", "nil", "nan", "not_applicable"}
# Why a cell has no value.
ABSENT, NOT_SUPPORTED, UNREADABLE, MISSING = "absent", "not_supported", "unreadable", "missing"
ROOT = "<root_account>"


# ---------------------------------------------------------------------------------------- reading


def parse_time(text):
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d))?", text.strip())
    if not match:
        return None
    day, clock, zone = match.groups()
    try:
        time = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    if zone and zone != "Z":
        hours, minutes = zone[1:].split(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        time = time - offset if zone[0] == "+" else time + offset
    return time


def show(value):
    """A value as the CSV output has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


class Cell:
    """A typed value, or why there is none."""

    def __init__(self, text, kind):
        self.value, self.why = None, None
        if text is None:
            self.why = MISSING
        elif text.strip().lower() in NO_VALUE and not (kind == "text" and text.strip()):
            self.why = NOT_SUPPORTED if text.strip().lower() == "not_supported" else ABSENT
        elif kind == "text":
            self.value = text
        elif kind == "flag":
            self.value = {"true": True, "false": False}.get(text.strip().lower())
        else:
            self.value = parse_time(text)
        if self.value is None and self.why is None:
            self.why = UNREADABLE


class Key:
    """An access key or a certificate of one slot."""

    def __init__(self, slot, flag, created, used=None):
        self.slot, self.flag, self.created, self.used = slot, flag.value, created.value, used and used.value
        if flag.value or self.created or self.used:
            self.exists = True
        elif flag.value is False and created.why in (ABSENT, NOT_SUPPORTED) and (used is None or used.why != UNREADABLE):
            self.exists = False
        else:
            self.exists = None
        # Only of a key that may exist is there anything to ask about its use.
        self.use_is_told = self.exists is False or self.used is not None or (used is not None and used.why == ABSENT)

    @property
    def is_told(self):
        return self.exists is False or (self.exists and self.flag is not None and self.created is not None)


class Row:
    """One user in one report. A fact is None where this report does not tell it."""

    def __init__(self, cells):
        def cell(name, kind):
            return Cell(cells.get(name), kind)

        self.arn = cell("arn", "text").value
        if self.arn and not self.arn.startswith("arn:"):
            self.arn = None
        self.user = cell("user", "text").value
        if self.arn:
            is_root = self.arn.split(":", 5)[-1] in ("root", ROOT)
        else:
            is_root = self.user in (ROOT, "root", "root_account")
        self.name = ROOT if is_root else self.user or (self.arn and self.arn.split("/")[-1])
        self.is_root = is_root
        self.created = cell("user_creation_time", "time").value
        self.mfa = cell("mfa_active", "flag").value
        self.password = cell("password_enabled", "flag").value
        self.password_date = cell("password_last_changed", "time").value
        keys = [
            Key(
                n,
                cell(f"access_key_{n}_active", "flag"),
                cell(f"access_key_{n}_last_rotated", "time"),
                cell(f"access_key_{n}_last_used_date", "time"),
            )
            for n in (1, 2)
        ]
        certs = [Key(n, cell(f"cert_{n}_active", "flag"), cell(f"cert_{n}_last_rotated", "time")) for n in (1, 2)]
        self.keys = [k for k in keys if k.exists] if all(k.is_told for k in keys) else None
        self.certs = [k for k in certs if k.exists] if all(k.is_told for k in certs) else None
        sign_in = cell("password_last_used", "time")
        # A date, or an empty list for "never"; None for "not told".
        self.sign_in = None
        if sign_in.value:
            self.sign_in = [(sign_in.value, self.password_date, None)]
        elif sign_in.why == ABSENT or (self.password is False and not is_root):
            self.sign_in = []
        self.key_use = None
        if all(k.use_is_told for k in keys):
            used = [(k.used, k.created, k.slot) for k in keys if k.used]
            self.key_use = sorted(used, key=lambda use: use[0], reverse=True)

    def blur(self):
        """Two rows of one user: that it is there is all that can be told."""
        self.created = self.mfa = self.password = self.password_date = None
        self.keys = self.certs = self.sign_in = self.key_use = None


class Report:
    def __init__(self, time, source, rows):
        self.time, self.source = time, source
        self.rows = {}
        for row in rows:
            if not row.name:
                continue
            if row.name in self.rows:
                first = self.rows[row.name]
                first.arn = min(filter(None, (first.arn, row.arn)), default=None)
                first.blur()
            else:
                self.rows[row.name] = row


def accounts(folder):
    """(partition, account) -> reports in order."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            answer = json.loads(path.read_text())
            time, text = parse_time(answer["GeneratedTime"]), answer["Content"]
        elif path.suffix == ".csv":
            time, text = parse_time(path.parent.name), path.read_text()
        else:
            continue
        records = list(csv.DictReader(text.splitlines()))
        in_name = re.search(r"(?<!\d)\d{12}(?!\d)", path.name)
        ids = [re.match(r"arn:([^:]*):[^:]*:[^:]*:(\d{12}):", r.get("arn") or "") for r in records]
        ids = [m.groups() for m in ids if m]
        if ids:
            account = ids[0]
        elif records and records[0].get("account_id"):
            account = ("aws", records[0]["account_id"])
        elif in_name:
            account = ("aws", in_name[0])
        else:
            continue  # nobody knows whose it is
        source = str(path.relative_to(folder))
        found.setdefault(account, []).append(Report(time, source, [Row(r) for r in records]))
    for reports in found.values():
        reports.sort(key=lambda r: (r.time, r.source))
    return found


# -------------------------------------------------------------------------------------- comparing


class User:
    """A user from when it is first there until it is gone or is another."""

    def __init__(self, row):
        self.row = row
        self.arn = self.created = None
        self.arn_at = self.created_at = None  # index of the last report that told it
        self.told = {}  # fact -> (index of the last report that told it, what it told)

    def see(self, index, row):
        self.row = row
        if row.arn:
            self.arn, self.arn_at = row.arn, index
        if row.created:
            self.created, self.created_at = row.created, index


def other_since(user, row):
    """If the row is of another user of the same name: the report that last told so."""
    if row.arn and user.arn and row.arn != user.arn:
        return user.arn_at
    if row.created and user.created and row.created != user.created:
        return user.created_at
    return None


def difference(old, new):
    """Keys gone, keys come, keys whose flag changed as (old, new): as few as possible."""
    old, new, flipped = list(old), list(new), []
    # The same key in the same state, first where it is in the same slot too; then in another state.
    for alike in (
        lambda a, b: (a.created, a.flag, a.slot) == (b.created, b.flag, b.slot),
        lambda a, b: (a.created, a.flag) == (b.created, b.flag),
        lambda a, b: (a.created, a.slot) == (b.created, b.slot),
        lambda a, b: a.created == b.created,
    ):
        for key in list(old):
            twin = next((k for k in new if alike(key, k)), None)
            if twin:
                old.remove(key)
                new.remove(twin)
                if key.flag != twin.flag:
                    flipped.append((key, twin))
    return old, new, flipped


class Account:
    def __init__(self, account_id, reports):
        self.id, self.reports, self.rows = account_id, reports, []

    def add(self, index, since, user, change, kind=None, slot=None, created=None, old=None, new=None):
        now, then = self.reports[index], self.reports[since].time
        values = (
            self.id, None, user.row.name, user.arn, user.row.is_root, user.created, change, kind, slot,
            created, old, new, then, now.time, int((now.time - then).total_seconds() // 86400), now.source,
        )  # fmt: skip
        self.rows.append(tuple(show(v) for v in values))

    def changes(self):
        for name in sorted({name for report in self.reports for name in report.rows}):
            self.follow(name)
        return self.rows

    def follow(self, name):
        user = None
        mfa_told = None  # (index, flag, user, arn, created): survives an absence
        root_told = {}  # survives an absence too: root cannot be deleted
        for index, report in enumerate(self.reports):
            row, added_since = report.rows.get(name), None
            if user and row and (since := other_since(user, row)) is not None:
                self.remove(index, since, user)
                gone, user, added_since = user, self.start(index, row), since
                # An ARN that is not told is the one told before.
                user.arn, user.arn_at = gone.arn, gone.arn_at
            elif user and not row:
                self.remove(index, index - 1, user)
                user = None
            elif row and not user:
                user, added_since = self.start(index, row), index - 1
            if row:
                user.see(index, row)
                if index > 0 and added_since is not None:
                    self.add(index, added_since, user, "user_added")
                self.compare(index, user, row)
                if row.mfa is not None:
                    self.compare_mfa(index, user, row, mfa_told)
                    mfa_told = (index, row.mfa, user, user.arn, user.created)
                if row.is_root:
                    self.compare_use(index, user, "password", row.sign_in, root_told)
                    self.compare_use(index, user, "access_key", row.key_use, root_told)

    def start(self, index, row):
        user = User(row)
        if index > 0:
            # In the report before there was no such user: no password, no keys.
            user.told = {
                fact: (index - 1, value)
                for fact, value in {"password": None, "date": "none", "access_key": [], "signing_certificate": []}.items()
            }
        return user

    def remove(self, index, since, user):
        self.add(index, since, user, "user_removed")
        told = user.told.get("password")
        if told and told[1] and told[1][0]:
            self.add(index, told[0], user, "password_disabled", "password", created=told[1][1], old=True)
        for kind in ("access_key", "signing_certificate"):
            if kind in user.told:
                self.compare_keys(index, user, kind, user.told[kind][0], user.told[kind][1], [])

    def compare(self, index, user, row):
        if row.password is not None:
            self.compare_password(index, user, row)
        date = "none" if row.password is False else row.password_date
        if date is not None:
            then, old = user.told.get("date", (None, "none"))
            if old != "none" and date != "none" and old != date:
                self.add(index, then, user, "password_changed", "password", created=date, old=old, new=date)
            user.told["date"] = (index, date)
        for kind, keys in (("access_key", row.keys), ("signing_certificate", row.certs)):
            if keys is not None:
                if kind in user.told:
                    self.compare_keys(index, user, kind, user.told[kind][0], user.told[kind][1], keys)
                user.told[kind] = (index, keys)

    def compare_password(self, index, user, row):
        if "password" in user.told:
            then, old = user.told["password"]
            was = old[0] if old else None  # None: there was no such user
            if row.password and not was:
                self.add(index, then, user, "password_enabled", "password", created=row.password_date, old=was, new=True)
            if was and not row.password:
                self.add(index, then, user, "password_disabled", "password", created=old[1], old=True, new=False)
        user.told["password"] = (index, (row.password, row.password_date))

    def compare_keys(self, index, user, kind, then, old, new):
        gone, come, flipped = difference(old, new)
        for _, key in flipped:
            word = "activated" if key.flag else "deactivated"
            self.add(index, then, user, f"{kind}_{word}", kind, key.slot, key.created, not key.flag, key.flag)
        if kind == "access_key" and len(gone) == len(come) == 1:
            key = come[0]
            self.add(index, then, user, "access_key_rotated", kind, key.slot, key.created, gone[0].created, key.created)
            return
        for key in gone:
            self.add(index, then, user, f"{kind}_removed", kind, key.slot, key.created, old=key.created)
        for key in come:
            self.add(index, then, user, f"{kind}_created", kind, key.slot, key.created, new=key.created)

    def compare_mfa(self, index, user, row, told):
        if told is None or told[1] == row.mfa:
            return
        then, old, old_user, arn, created = told
        same = old_user is user or (user.created and user.created == created and user.arn and user.arn == arn)
        if same:
            self.add(index, then, user, "mfa_enabled" if row.mfa else "mfa_disabled", old=old, new=row.mfa)

    def compare_use(self, index, user, kind, uses, told):
        if uses is None:
            return
        if kind in told:
            then, old = told[kind]
            for place, (date, created, slot) in enumerate(uses):
                before = old[place][0] if place < len(old) else None
                if before is None or date > before:
                    self.add(index, then, user, "root_used", kind, slot, created, before, date)
                    break
        told[kind] = (index, uses)


def all_changes(folder):
    rows = []
    for (_, account_id), reports in accounts(folder).items():
        rows += Account(account_id, reports).changes()
    return rows


def in_order(rows):
    key = [COLUMNS.index(c) for c in ("account_id", "generated_time", "arn", "change", "created_time")]
    return sorted(rows, key=lambda row: ([row[k] for k in key], row))


if __name__ == "__main__":
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(in_order(all_changes(Path(sys.argv[1]))))
