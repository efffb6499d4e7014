"""Controls and other tools judge the same reports, and every difference has a reason that decides.

Each pair is a rule of a tool, or an audit of the CIS benchmark, and the control of the same
matter. Verdicts are compared user by user, or credential by credential where both tell them apart.
A difference must be explained by one of the excuses of its pair. Proved: nothing is left
unexplained; every excuse is needed by some row; a control changed in one place does not pass.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from credsql import PROJECT, SCRATCH, Different, query, same
from verdicts_pairs import PAIRS, Case, Pair
from verdicts_reports import rounds, said, summary
from verdicts_rules import FAIL, NONE, PASS, RULES, Report, Stops

SHOWN = 5
# What a status is as a verdict; of several for one user, the first counts.
VERDICTS = {"alarm": FAIL, "unknown": NONE, "ok": PASS, "info": NONE, "skip": NONE, "": NONE}
ALTERED = SCRATCH / "verdicts-altered"

# A control and what is changed in it, which some pair of it has to notice.
CHANGES = [
    ("keys-rotated", {"age_days > $": "age_days >= $"}),
    ("credentials-unused-45-days", {"idle_days >= $": "idle_days > $", "days < $": "days <= $"}),
    ("credentials-unused-90-days", {"(is_root IS DISTINCT FROM true) AND": ""}),
    ("one-active-key", {"(is_root IS DISTINCT FROM true)": "true"}),
    ("console-users-have-mfa", {"mfa_active = false THEN 'no mfa'": "true THEN 'mfa'"}),
    ("root-mfa-enabled", {"WHEN password_enabled = false THEN 'no password'": ""}),
    ("root-no-access-keys", {"WHEN access_key_2_active THEN 'key 2'": ""}),
    ("root-not-used", {"idle_days < $days": "idle_days <= $days"}),
    ("no-key-at-setup-by-use", {"WHEN password = 0 THEN 'no password'": ""}),
    ("no-key-at-setup-by-date", {"(1), (2)": "(1)"}),
]


def judged(pair: Pair, report: Report) -> tuple[list[dict[str | None, str]], str | None]:
    """What the rule says of each row, by credential, and why it broke off if it did."""
    found = [{} for _ in report.rows]
    try:
        for (n, credential), verdict in RULES[pair.rule].judge(report).items():
            found[n][credential] = verdict
    except Stops as stop:
        return found, str(stop)
    return found, None


def cases(pair: Pair, queries: Path | None) -> Iterator[Case]:
    """Everything that is compared, the same or not."""
    for folder, reports in rounds():
        control = said(folder, pair.control, pair.parameters, queries)
        for report in reports:
            verdicts, stopped = judged(pair, report)
            for row, theirs in zip(report.rows, verdicts, strict=True):
                ours = {
                    credential: status
                    for credential, status in control.get(row["arn"], {}).items()
                    if credential is None or not pair.credentials or credential in pair.credentials
                }
                for credential, verdict, (status, reason) in of_row(pair, theirs, ours):
                    yield Case(
                        pair,
                        report,
                        row,
                        credential,
                        verdict,
                        VERDICTS[status],
                        status,
                        reason,
                        stopped,
                    )


def of_row(
    pair: Pair, theirs: dict[str | None, str], ours: dict[str | None, tuple[str, str]]
) -> Iterator[tuple[str | None, str, tuple[str, str]]]:
    """The comparisons of one row: credential, their verdict, our status and reason."""
    nothing = ("", "no row")
    if pair.by_credential:
        for credential in sorted({*theirs, *ours} - {None}) or [None]:
            verdict = theirs.get(credential, theirs.get(None, NONE))
            yield credential, verdict, ours.get(credential, nothing)
        return
    verdict = theirs.get(None, NONE)
    alarms = {credential for credential, (status, _) in ours.items() if status == "alarm"}
    if verdict != FAIL and alarms:
        # Each alarm has to be explained by itself.
        for credential in sorted(alarms, key=str):
            yield credential, verdict, ours[credential]
    else:
        order = list(VERDICTS)
        yield None, verdict, min(ours.values(), key=lambda x: order.index(x[0]), default=nothing)


def compare(pair: Pair, queries: Path | None = None) -> str:
    """Fails on differences without an excuse and on excuses without a difference."""
    agreed, explained, left = Counter(), Counter(), []
    for case in cases(pair, queries):
        if case.theirs == case.ours:
            agreed[case.ours] += 1
        elif excuse := next((each for each in pair.excuses if each.explains(case)), None):
            explained[excuse.name] += 1
        else:
            left.append(case)
    if left:
        shown = "\n".join(map(show, left[:SHOWN]))
        raise Different(f"{pair.name}: {len(left)} differences without a reason\n{shown}")
    idle = [f"{each.name}: {each.decides}" for each in pair.excuses if not explained[each.name]]
    same(f"{pair.name}: excuses that explain nothing", [], idle)
    same(f"{pair.name}: verdicts on which both agree", {PASS, FAIL}, set(agreed) - {NONE})
    parts = [f"{agreed[PASS]} pass and {agreed[FAIL]} fail in both"]
    return "; ".join(parts + [f"{count} × {name}" for name, count in explained.most_common()])


def show(case: Case) -> str:
    """A difference for people."""
    cells = ", ".join(f"{column}={cell}" for column, cell in case.row.items() if cell != "N/A")
    of = f", {case.credential}" if case.credential else ""
    stopped = f" ({case.stopped})" if case.stopped else ""
    return (
        f"{case.report.name}, {case.row['user']}{of}, at {case.report.generated:%FT%TZ}\n"
        f"  {case.pair.rule}: {case.theirs}{stopped}\n"
        f"  {case.pair.control}: {case.ours} ({case.status or 'no status'}: {case.reason})\n"
        f"  {cells}"
    )


def covered() -> str:
    """The reports are read, and every rule is compared."""
    for folder, reports in rounds():
        written = sorted(row["arn"] for report in reports for row in report.rows)
        read = [row["arn"] for row in query("SELECT arn FROM credential_report", folder)]
        same(f"rows of {folder}", written, sorted(read))
    same("rules that are compared", set(RULES), {pair.rule for pair in PAIRS})
    return summary()


def notices_changed_controls() -> str:
    """Each change, given with --queries, must be noticed by a pair of its control."""
    noticed = 0
    for control, changes in CHANGES:
        text = (PROJECT / "queries" / f"{control}.sql").read_text()
        for before, after in changes.items():
            if before not in text:
                raise Different(f"{control} has no {before!r} any more: choose another change")
            text = text.replace(before, after)
        folder = ALTERED / control
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / f"{control}.sql").write_text(text)
        failed = [pair for pair in PAIRS if pair.control == control and fails(pair, folder)]
        if not failed:
            raise Different(f"{control}, changed in {changes}, went unnoticed")
        noticed += len(failed)
    return f"{len(CHANGES)} changes, noticed by {noticed} pairs"


def fails(pair: Pair, queries: Path) -> bool:
    try:
        compare(pair, queries)
    except Different as found:
        return "without a reason" in str(found)
    return False


CHECKS = [
    ("verdicts: reports written", covered),
    *((f"verdicts: {pair.name}", partial(compare, pair)) for pair in PAIRS),
    ("verdicts: changed controls are noticed", notices_changed_controls),
]
