"""Writes a million rows of credential reports in AWS's own form, the same bytes for the same seed.

Nothing here knows credsql: what a report looks like is written down a second time, so that a
misunderstanding in one place shows in the other.

The form: a header; LF, none after the last row; root first, then users in case-insensitive order;
no quotes but where a name holds a comma. Three eras: the 22 columns with `+00:00` dates and little
told of root; the 22 columns with `Z` dates; and the same with the 23rd column that AWS documents.
Each ARN carries the line of its row as a path (`user/line-17/anna`), so that line numbers can be
checked as well.
"""

import random
from datetime import date, timedelta
from pathlib import Path

PASSWORD = [
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
]
KEY = ["active", "last_rotated", "last_used_date", "last_used_region", "last_used_service"]
COLUMNS = (
    ["user", "arn", "user_creation_time", *PASSWORD, "mfa_active"]
    + [f"access_key_{slot}_{name}" for slot in (1, 2) for name in KEY]
    + [f"cert_{slot}_{name}" for slot in (1, 2) for name in ("active", "last_rotated")]
    + ["additional_credentials_info"]
)
ERAS = {"plus": ("+00:00", 22), "zulu": ("Z", 22), "info": ("Z", 23)}

ACCOUNTS = 1500
ROWS_PER_ACCOUNT = 400
ROWS_IN_THE_BIG_ONE = 400_000
ROWS = ACCOUNTS * ROWS_PER_ACCOUNT + ROWS_IN_THE_BIG_ONE

WORDS = [
    "anna",
    "Bela",
    "DMITRI",
    "eva.m",
    "finn_o",
    "gita+ops",
    "hana=",
    "Ivo@corp",
    "jo-ann",
    "x",
]
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "N/A"]
SERVICES = ["s3", "ec2", "iam", "sts", "dynamodb", "elasticloadbalancing"]
# Names that IAM permits, and that a reader could take for something else.
ODD_NAMES = [
    "no_information",
    "not_supported",
    "true",
    "root",
    "user",
    "None",
    "smith,j",
    "a,b,c",
    "2024-01-05",
]
NO_KEY = "false,N/A,N/A,N/A,N/A"
INFO = ["N/A", "N/A", "N/A", "2 more access keys, and 1 certificate; see ListAccessKeys"]


class Pools:
    """Cells to draw from; drawing ready-made blocks is what makes a million rows cheap."""

    def __init__(self, dice: random.Random, zone: str):
        days = [str(date(2009, 2, 27) + timedelta(days=n)) for n in range(5600)]
        clocks = [
            f"T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}{zone}" for s in range(0, 86400, 7)
        ]
        minutes = [f"T{m // 60:02}:{m % 60:02}:00{zone}" for m in range(1440)]
        self.times = [dice.choice(days) + dice.choice(clocks) for _ in range(60_000)]
        self.uses = [dice.choice(days) + dice.choice(minutes) for _ in range(20_000)]
        self.passwords = [self.password(dice) for _ in range(20_000)]
        self.keys = [self.key(dice) for _ in range(20_000)]
        self.certificates = [self.certificate(dice) for _ in range(500)]

    def password(self, dice: random.Random) -> str:
        if dice.random() < 0.4:
            return "false,N/A,N/A,N/A,false"
        used = dice.choice(self.times) if dice.random() < 0.8 else "no_information"
        rotation = dice.choice(self.times) if dice.random() < 0.3 else "N/A"
        return f"true,{used},{dice.choice(self.times)},{rotation},{dice.choice(['true', 'false'])}"

    def key(self, dice: random.Random) -> str:
        if dice.random() < 0.5:
            return NO_KEY
        state = f"{dice.choice(['true', 'true', 'false'])},{dice.choice(self.times)}"
        if dice.random() < 0.3:
            return f"{state},N/A,N/A,N/A"
        return f"{state},{dice.choice(self.uses)},{dice.choice(REGIONS)},{dice.choice(SERVICES)}"

    def certificate(self, dice: random.Random) -> str:
        roll = dice.random()
        rotated = dice.choice(self.times) if roll < 0.06 else "N/A"
        return f"{'true' if roll < 0.03 else 'false'},{rotated}"


def names(dice: random.Random, count: int) -> list[str]:
    """Different names, a few of them odd, sorted as AWS sorts them."""
    plain = [
        f"{word}{number}"
        for number, word in enumerate(dice.choices(WORDS, k=count - len(ODD_NAMES)))
    ]
    return sorted(plain + ODD_NAMES, key=str.lower)


def cell(text: str) -> str:
    """In quotes if it has to be."""
    return f'"{text}"' if "," in text else text


def report(dice: random.Random, pools: Pools, era: str, account: str, rows: int) -> str:
    """One report with `rows` rows below its header."""
    zone, width = ERAS[era]
    created, used, changed = pools.times[:3]
    told = f"true,{used},{changed}"
    if zone == "+00:00":
        told = "not_supported,no_information,not_supported"
    info = width == len(COLUMNS)
    lines = [
        ",".join(COLUMNS[:width]),
        f"<root_account>,arn:aws:iam::{account}:root,{created},{told},not_supported,true,"
        f"{NO_KEY},{NO_KEY},false,N/A,false,N/A" + (",N/A" if info else ""),
    ]
    users = names(dice, rows - 1)
    blocks = [pools.times, pools.passwords, *[pools.keys] * 2, *[pools.certificates] * 2, INFO]
    *columns, infos = [dice.choices(block, k=rows - 1) for block in blocks]
    for line, (user, *cells, last) in enumerate(zip(users, *columns, infos), start=3):
        arn = f"arn:aws:iam::{account}:user/line-{line}/{user}"
        tail = f",{cell(last)}" if info else ""
        lines.append(f"{cell(user)},{cell(arn)},{','.join(cells)}{tail}")
    return "\n".join(lines)


def write(folder: Path, seed: int = 20260131) -> None:
    """Writes `<folder>/<era>/date=…/account_id=…/credential-report.csv`, the big one last."""
    dice = random.Random(seed)
    pools = {era: Pools(dice, zone) for era, (zone, _) in ERAS.items()}
    sizes = [ROWS_PER_ACCOUNT] * ACCOUNTS + [ROWS_IN_THE_BIG_ONE]
    for number, rows in enumerate(sizes):
        era = list(ERAS)[number % len(ERAS)]
        account = f"{100_000_000_000 + number * 7919:012}"
        day = date(2025, 1, 1) + timedelta(days=number % 300)
        path = folder / era / f"date={day}" / f"account_id={account}" / "credential-report.csv"
        path.parent.mkdir(parents=True)
        path.write_bytes(report(dice, pools[era], era, account, rows).encode())
