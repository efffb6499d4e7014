"""The scripts for Athena, as `credsql export --ddl athena --ddl-dir` writes them."""

import shutil

from credsql import SCRATCH, succeed

DATABASE = "iam"
LOCATION = "s3://bucket/credentials"


def scripts(location: str = LOCATION, database: str = DATABASE) -> dict[str, str]:
    """Texts by name of file, in the order in which they can be run."""
    folder = SCRATCH / "athena-scripts"
    shutil.rmtree(folder, ignore_errors=True)
    place = ["--location", location, "--database", database]
    succeed("export", "--ddl", "athena", *place, "--ddl-dir", folder)
    return {path.name: path.read_text() for path in sorted(folder.glob("*.sql"))}
