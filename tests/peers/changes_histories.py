#!/usr/bin/env python3
"""Random histories of tiny accounts in which all that is rare happens often.

    generate.py FOLDER ACCOUNTS SEED
"""

import csv
import io
import json
import random
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

HEADER = (
    "user arn user_creation_time password_enabled password_last_used password_last_changed password_next_rotation mfa_active "
    "access_key_1_active access_key_1_last_rotated access_key_1_last_used_date access_key_1_last_used_region "
    "access_key_1_last_used_service access_key_2_active access_key_2_last_rotated access_key_2_last_used_date "
    "access_key_2_last_used_region access_key_2_last_used_service cert_1_active cert_1_last_rotated cert_2_active "
    "cert_2_last_rotated"
).split()
NAMES = ["ann", "bob", "Bob", "o,hara", "root", "no_information"]
START = datetime(2026, 3, 1, tzinfo=timezone.utc)


def text(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S") + random.choice(["Z", "Z", "+00:00"]) if time else "N/A"


def flag(value):
    word = "true" if value else "false"
    return random.choice([word] * 8 + [word.upper(), word.title()])


class Person:
    def __init__(self, name, now, is_root=False):
        self.name, self.is_root = name, is_root
        self.path = random.choice(["", "", "people/", "a/b/"])
        self.created = now
        self.password = self.password_date = self.sign_in = None
        self.mfa = random.random() < 0.5
        self.keys, self.certs = [None, None], [None, None]  # [flag, created, used]
        if random.random() < 0.6:
            self.set_password(now)
        for _ in range(random.choice([0, 1, 1, 2])):
            self.add(self.keys, now)
        if random.random() < 0.4:
            self.add(self.certs, now)

    def set_password(self, now):
        self.password, self.password_date = True, now

    def add(self, slots, now):
        free = [i for i in (0, 1) if slots[i] is None]
        if free:
            others = [s[1] for s in slots if s]
            created = random.choice(others) if others and random.random() < 0.35 else now
            slots[random.choice(free)] = [random.random() < 0.8, created, None]

    def live(self, now):
        for _ in range(random.choice([0, 0, 1, 1, 2, 3])):
            slots = self.keys if random.random() < 0.75 else self.certs
            there = [i for i in (0, 1) if slots[i]]
            if self.is_root and there and random.random() < 0.3:
                slot = random.choice(there)
                self.keys[slot] = self.keys[slot] and [*self.keys[slot][:2], now - timedelta(hours=random.randrange(200))]
                continue
            event = random.choice("mfa password new_password add remove rotate flip flip flip swap swap use use sign_in both".split())
            if event == "mfa":
                self.mfa = not self.mfa
            elif event == "password":
                if self.password:
                    self.password = False
                    if random.random() < 0.8:
                        self.password_date = self.sign_in = None
                else:
                    self.set_password(now)
            elif event == "new_password" and self.password:
                self.password_date = now
            elif event == "add":
                self.add(slots, now)
            elif event == "remove" and there:
                slots[random.choice(there)] = None
            elif event == "rotate" and there:
                slots[random.choice(there)] = [random.random() < 0.9, now, None]
            elif event == "flip" and there:
                slot = random.choice(there)
                slots[slot] = [not slots[slot][0], *slots[slot][1:]]
            elif event == "swap":
                slots.reverse()
            elif event == "use" and there:
                slot = random.choice(there)
                used = now - timedelta(minutes=random.choice([15, 30, 60 * 24 * 3]))
                slots[slot] = [*slots[slot][:2], used]
            elif event == "sign_in" and self.password:
                self.sign_in = now - timedelta(minutes=random.choice([5, 10, 10, 60 * 24 * 30]))
            elif event == "both" and len(there) == 2:
                for slot in there:
                    slots[slot] = [not slots[slot][0], *slots[slot][1:]]

    def cells(self, account, partition, old_era):
        where = "root" if self.is_root else f"user/{self.path}{self.name}"
        row = dict.fromkeys(HEADER, "N/A")
        row.update(
            user="<root_account>" if self.is_root else self.name,
            arn=f"arn:{partition}:iam::{account}:{where}",
            user_creation_time=text(self.created),
            password_enabled=flag(self.password),
            password_last_used=text(self.sign_in) if self.sign_in else "no_information" if self.password else "N/A",
            password_last_changed=text(self.password_date),
            mfa_active=flag(self.mfa),
        )
        if self.is_root and old_era:
            row["password_enabled"] = row["password_last_changed"] = row["password_next_rotation"] = "not_supported"
            if not self.sign_in:
                row["password_last_used"] = random.choice(["no_information", "no_information", "N/A"])
        for n, (key, cert) in enumerate(zip(self.keys, self.certs), 1):
            row[f"access_key_{n}_active"] = flag(key and key[0])
            if key:
                row[f"access_key_{n}_last_rotated"] = text(key[1])
                row[f"access_key_{n}_last_used_date"] = text(key[2])
            row[f"cert_{n}_active"] = flag(cert and cert[0])
            if cert:
                row[f"cert_{n}_last_rotated"] = text(cert[1])
        return row


LOST = {
    "user": ["user"],
    "creation": ["user_creation_time"],
    "mfa": ["mfa_active"],
    "password": ["password_enabled"],
    "date": ["password_last_changed"],
    "sign_in": ["password_last_used"],
    "rotated": ["access_key_1_last_rotated", "access_key_2_last_rotated"],
    "one": ["access_key_2_active"],
    "2014": [h for h in HEADER if "_last_used_" in h],
    "certs": [h for h in HEADER if h.startswith("cert")],
    "cut": [h for h in HEADER if "last" in h],
}


def spoil(rows, can_lose_arn, habit=None):
    """What collectors, copies and accidents do to one report."""
    header = list(HEADER)
    if habit and random.random() < 0.6:
        header = [h for h in header if h not in LOST[habit]]
    elif random.random() < (0.05 if habit else 0.3):
        lost = {"arn": can_lose_arn and ["arn"], **LOST}
        for columns in random.sample(sorted(lost), random.choice([1, 1, 1, 2])):
            header = [h for h in header if h not in (lost[columns] or [])]
        if "user" not in header and "arn" not in header:
            header.insert(0, "user")
    if "arn" not in header:
        for row in rows:
            if row["user"] == ROOT:
                row["user"] = random.choice([ROOT, ROOT, "root_account", "root"])
    for row in rows:
        while random.random() < (0.005 if habit else 0.06):
            column = random.choice(HEADER[2:])
            row[column] = random.choice(["garbage", "", "maybe", "2026-02-30T00:00:00Z", "not_supported", "no_information", "N/A"])
        if random.random() < 0.01:
            row["arn"] = random.choice(["", "N/A"]) if can_lose_arn else row["arn"]
            row["user"] = random.choice(["", row["user"]]) if can_lose_arn else row["user"]
    if rows and random.random() < 0.06:
        rows.remove(random.choice(rows))
    if rows and random.random() < 0.03:
        double = dict(random.choice(rows))
        if random.random() < 0.5:
            double["mfa_active"] = flag(random.random() < 0.5)
        rows.append(double)
    return header, rows


def write(header, rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, header, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().rstrip("\n")


def account(folder, number):
    name = f"{500000000000 + number // 2 if number % 40 < 2 else 600000000000 + number}"
    # Two of forty are one id in two partitions.
    partition = "aws-us-gov" if number % 40 == 1 else "aws"
    style = random.choice(["json", "json", "json", "csv", "column", "nobody"] if partition == "aws" else ["json"])
    now = START + timedelta(days=random.randrange(30), hours=2, minutes=13)
    people = [Person(ROOT, START - timedelta(days=9), True)] if random.random() < 0.95 else []
    people += [Person(n, now - timedelta(days=3, seconds=i)) for i, n in enumerate(random.sample(NAMES, random.choice([0, 1, 2, 3])))]
    # Some collectors cut the same columns out of most reports.
    habit = random.choice(sorted(LOST)) if number % 4 == 0 else None
    old_era = random.choice([0, 0, 2, 4])
    gone = []
    for index in range(random.choice([1, 2, 3, 4, 6, 9, 14, 15, 16, 17, 30, 31, 32, 47]) if number % 3 == 0 else random.choice([1, 2, 4, 6, 9])):
        step = random.choice([timedelta(days=1)] * 4 + [timedelta(hours=5), timedelta(days=1, seconds=-1), timedelta(days=40)])
        if style == "csv":
            step = timedelta(days=max(1, step.days))
        now += step
        for person in list(people):
            if not person.is_root and random.random() < 0.08:
                people.remove(person)
                gone.append(person)
                if random.random() < 0.6:
                    people.append(Person(person.name, now - timedelta(hours=1)))
                    if random.random() < 0.8:
                        people[-1].path = person.path
            else:
                if number % 2 or random.random() < 0.2:
                    person.live(now - timedelta(seconds=random.choice([60, 3600])))
                if not person.is_root and random.random() < 0.02:
                    person.path = random.choice(["", "moved/"])
        if gone and random.random() < 0.2:
            back = gone.pop()
            if all(back.name != p.name for p in people):
                people.append(back if random.random() < 0.4 else Person(back.name, now))
        if random.random() < 0.05:
            fresh = random.choice(NAMES)
            if all(fresh != p.name for p in people):
                people.append(Person(fresh, now - timedelta(minutes=9)))
        rows = [p.cells(name, partition, index < old_era) for p in people]
        if not rows:
            continue
        header, rows = spoil(rows, style in ("csv", "column", "nobody") or partition == "aws" and random.random() < 0.1, habit)
        if not rows:
            continue
        if style == "csv":
            path = folder / f"{now:%Y-%m-%d}" / f"credentialReport_{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(write(header, rows))
            continue
        if style == "column":
            header = ["account_id", *header]
            rows = [{"account_id": name, **row} for row in rows]
        if style == "nobody" and random.random() < 0.5:
            header = [h for h in header if h != "arn"]
            if "user" not in header:
                header.insert(0, "user")
        path = folder / "answers" / f"h{number}" / f"r{index}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        answer = {"Content": write(header, rows), "GeneratedTime": f"{now:%Y-%m-%dT%H:%M:%SZ}", "ReportFormat": "text/csv"}
        path.write_text(json.dumps(answer))


ROOT = "<root_account>"

if __name__ == "__main__":
    random.seed(int(sys.argv[3]))
    for number in range(int(sys.argv[2])):
        account(Path(sys.argv[1]), number)
