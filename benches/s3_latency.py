#!/usr/bin/env python3
"""How long credsql takes to read many small objects from a store that answers late.

    benches/s3_latency.py target/release/credsql [OBJECTS [MILLISECONDS]]

The store is in this process: every answer comes so many milliseconds after its request. The ideal
is objects × latency ÷ 64, the requests that credsql has under way at a time.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.parse

AT_ONCE = 64
PAGE = 1000
# All in one folder: whoever asks for this level alone is given the same.
PREFIX = "iam/2026-05-01/credentialReport_"
HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n"
)


def report(account: int) -> bytes:
    """Fifteen users, about three kilobytes."""
    row = "user-{0},arn:aws:iam::{1}:user/user-{0},2026-01-01T00:00:00+00:00,false,N/A,N/A,N/A,true,true,2026-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
    return (HEADER + "".join(row.format(user, account) for user in range(15))).encode()


def listing(query: dict[str, list[str]], objects: int) -> bytes:
    """One page of all keys; nothing for the question whether the folder is an object."""
    if query.get("max-keys") == ["1"]:
        objects = 0
    start = int(query.get("continuation-token", ["0"])[0])
    if "start-after" in query:
        start = int(query["start-after"][0].removeprefix(PREFIX).split(".")[0]) - 10**11 + 1
    end = min(start + PAGE, objects)
    size = len(report(10**11))
    contents = "".join(
        f"<Contents><Key>{PREFIX}{10**11 + number}.csv</Key>"
        "<LastModified>2026-05-02T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>"
        f"<Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for number in range(start, end)
    )
    more = f"<NextContinuationToken>{end}</NextContinuationToken>" if end < objects else ""
    return (
        '<?xml version="1.0"?><ListBucketResult><Name>bucket</Name>'
        f"<IsTruncated>{str(end < objects).lower()}</IsTruncated>{more}{contents}</ListBucketResult>"
    ).encode()


class Store(asyncio.Protocol):
    """One connection."""

    objects, latency, fetched = 0, 0.0, 0

    def connection_made(self, transport):
        self.transport, self.received = transport, b""

    def data_received(self, data: bytes):
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, self.received = self.received.split(b"\r\n\r\n", 1)
            url = urllib.parse.urlsplit(head.split(b" ", 2)[1].decode())
            query = urllib.parse.parse_qs(url.query)
            if "list-type" in query:
                body = listing(query, Store.objects)
            else:
                Store.fetched += 1
                body = report(int(url.path.split("credentialReport_")[1].split(".")[0]))
            answer = (
                b'HTTP/1.1 200 OK\r\nETag: "e"\r\nLast-Modified: Sat, 02 May 2026 00:00:00 GMT\r\n'
                b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
            )
            asyncio.get_running_loop().call_later(Store.latency, self.answer, answer)

    def answer(self, answer: bytes):
        if not self.transport.is_closing():
            self.transport.write(answer)


async def main(program: str, objects: int, milliseconds: float) -> None:
    """Serves, runs credsql three times and tells how long it took."""
    Store.objects, Store.latency = objects, milliseconds / 1000
    server = await asyncio.get_running_loop().create_server(Store, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "example",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_REGION": "us-east-1",
    }
    ideal = objects * Store.latency / AT_ONCE
    for _ in range(3):
        Store.fetched, began = 0, time.monotonic()
        sql = 'SELECT count(*) AS "rows" FROM credential_report'
        arguments = ["query", sql, "s3://bucket/iam/2026-05-01/", "--format", "json", "--quiet"]
        process = await asyncio.create_subprocess_exec(
            program, *arguments, env=environment, stdout=subprocess.PIPE
        )
        output, _ = await process.communicate()
        took = time.monotonic() - began
        rows = json.loads(output)[0]["rows"]
        assert (rows, Store.fetched) == (15 * objects, objects), (rows, Store.fetched)
        print(f"{objects} objects, {took:.2f} s, ideal {ideal:.2f} s, ratio {took / ideal:.2f}")


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(main(given[0], int((given[1:] or ["10000"])[0]), float((given[2:] or ["20"])[0])))
