"""The one organisation that all checks share, and rows compared with what it holds."""

import atexit
import contextlib
import functools
from datetime import datetime

import moto_fleet
from credsql import SCRATCH, same
from moto_fleet import Fleet

# Ends the server when the checks end, however they do.
open_things = contextlib.ExitStack()
atexit.register(open_things.close)


@functools.cache
def fleet() -> Fleet:
    """The one organisation of all these checks."""
    return open_things.enter_context(moto_fleet.server(SCRATCH / "moto-organization"))


@functools.cache
def truth(time: datetime) -> dict[tuple[str, str], dict]:
    """What the accounts hold; to be asked for while IAM's clock stands at this time."""
    with fleet().unguarded():
        return fleet().truth(time)


def without(rows: dict, *accounts: int) -> dict:
    """The rows of the other accounts."""
    ids = {fleet().accounts[number].id for number in accounts}
    return {key: row for key, row in rows.items() if row["account_id"] not in ids}


def equal(what: str, wanted: dict[tuple[str, str], dict], rows: list[dict]) -> None:
    """Fails unless these are the rows of `wanted`, each once, and no other; `source` aside."""
    got = {(row["account_id"], row["user"]): row for row in rows}
    same(
        f"{what}: missing, and too many",
        ([], []),
        (sorted(wanted.keys() - got), sorted(got.keys() - wanted)),
    )
    same(f"{what}: number of rows", len(wanted), len(rows))
    for (account, user), row in wanted.items():
        cells = {name: value for name, value in got[account, user].items() if name != "source"}
        same(f"{what}: {account}: {user}: columns", sorted(row), sorted(cells))
        for column, value in row.items():
            same(f"{what}: {account}: {user}: {column}", value, cells[column])
