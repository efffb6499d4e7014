"""Runs the credsql that is under test, and where the checks keep their files."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CORPUS = PROJECT / "tests" / "corpus"
BINARY = os.environ["CREDSQL"]
SCRATCH = Path(os.environ["PEERS_SCRATCH"])

# Far more than any of these runs takes: a hang becomes a failed check.
PATIENCE = 120


class Different(Exception):
    """What a peer says and what credsql says are not the same; the text is for people."""


@dataclass
class Answer:
    """What one run printed and how it ended."""

    code: int
    out: bytes
    err: str


def run(*arguments: object, stdin: bytes = b"") -> Answer:
    """Runs credsql and takes whatever comes."""
    command = [BINARY, *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=PATIENCE, check=False)
    return Answer(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


def query(sql: str, *sources: object, stdin: bytes = b"") -> list[dict]:
    """The rows of a query that must succeed, as JSON reads them."""
    return json.loads(succeed("query", sql, *sources, "--format", "json", stdin=stdin))


def query_to(path: Path, sql: str, *sources: object) -> Path:
    """Writes the rows of a query that must succeed to a file in the format of its suffix."""
    path.unlink(missing_ok=True)
    succeed("query", sql, *sources, "-o", path)
    return path


def succeed(*arguments: object, stdin: bytes = b"") -> bytes:
    """Standard output of a run that must end with exit code 0."""
    answer = run(*arguments, stdin=stdin)
    if answer.code != 0:
        words = " ".join(map(str, arguments))
        raise Different(f"credsql {words}\nended with {answer.code}, not 0:\n{answer.err.strip()}")
    return answer.out


def same(what: str, wanted: object, got: object) -> None:
    """Fails with both sides if they differ."""
    if wanted != got:
        raise Different(f"{what}\n  wanted {wanted!r}\n  got    {got!r}")
