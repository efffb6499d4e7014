"""Runs the checks in order, a line for each, and stops at the first that fails.

Arguments are names of modules, to run only those.
"""

import importlib
import signal
import sys
import time
import traceback

from credsql import Different

PEERS = [
    "duckdb_corpus",
    "duckdb_queries",
    "duckdb_million",
    "moto_reports",
    "moto_organization",
    "templates",
    "export_templates",
    "trino_grammar",
    "athena_duckdb",
    "verdicts",
    "changes",
    "export_readers",
    "export_spark",
    "export_again",
    "export_kill",
    "export_quicksight",
    "athena_ministack",
]


def main(peers: list[str]) -> int:
    """Exit code: 0 if all passed, 1 if one failed, 2 if there is no such peer."""
    if unknown := set(peers) - set(PEERS):
        print(
            f"no such peer: {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}",
            file=sys.stderr,
        )
        return 2
    # Ending by a signal must end the servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    passed = 0
    for peer in peers or PEERS:
        for name, check in importlib.import_module(peer).CHECKS:
            began = time.monotonic()
            try:
                detail = check()
            except Different as difference:
                return failed(name, str(difference), passed)
            except Exception:  # a peer that breaks down proves nothing: that is a failure too
                return failed(name, traceback.format_exc(), passed)
            print(f"ok      {name} ({detail}; {time.monotonic() - began:.1f} s)", flush=True)
            passed += 1
    print(f"{passed} passed, 0 failed")
    return 0


def failed(name: str, why: str, passed: int) -> int:
    """Says what failed and why."""
    print(f"FAILED  {name}\n  " + why.strip().replace("\n", "\n  "))
    print(f"{passed} passed, 1 failed")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
