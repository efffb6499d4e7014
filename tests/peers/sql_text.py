"""Scripts of SQL, cut into statements."""

import re
from collections.abc import Iterator

# What a semicolon ends no statement in: texts, quoted names, comments.
PIECE = re.compile(
    r"""'(?:[^'\\]|''|\\.)*' | "(?:[^"]|"")*" | `(?:[^`]|``)*` | --[^\n]* | /\*.*?\*/ | ; | .""",
    re.DOTALL | re.VERBOSE,
)


def statements(script: str) -> Iterator[str]:
    """The statements of a script, without comments before them and without semicolons."""
    kept: list[str] = []
    for piece in PIECE.findall(script):
        if piece.startswith(("--", "/*")) and len(piece) > 1:
            # A comment is a blank.
            piece = " "
        if piece == ";":
            yield from ended(kept)
            kept = []
        else:
            kept.append(piece)
    yield from ended(kept)


def ended(pieces: list[str]) -> Iterator[str]:
    statement = "".join(pieces).strip()
    if statement:
        yield statement
