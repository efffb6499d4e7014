"""An AWS account in a moto server on this machine, with one user for every case.

The users are made through boto3; reports are fetched by the AWS CLI itself and by a signed HTTP
request, so that the files under test are those that people have.
"""

import contextlib
import datetime
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ACCOUNT = "123456789012"
REGION = "us-east-1"
WORDS = Credentials("testing", "testing")

# The CLI of today writes times like this; version 1 does so when told to.
CLI_CONFIG = "[default]\ncli_timestamp_format = iso8601\n"

# Seconds until the server must answer, and until it must have ended.
START, STOP = 60, 10


def isolate(folder: Path) -> None:
    """Makes this process and its children use moto's keys and none of the machine's own set-up."""
    config = folder / "aws-config"
    config.write_text(CLI_CONFIG)
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": WORDS.access_key,
        "AWS_SECRET_ACCESS_KEY": WORDS.secret_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


@contextlib.contextmanager
def server(folder: Path, *program: str | Path, alive: str = "/moto-api/data.json") -> Iterator[str]:
    """Runs a moto server on a free port of the loopback interface; its address.

    The program is moto's own, or another that takes the port after its own arguments; `alive` is
    what it answers once it serves.
    """
    isolate(folder)
    log = folder / "server.log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    moto = (Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p")
    with log.open("wb") as output:
        process = subprocess.Popen([*(program or moto), str(port)], stdout=output, stderr=output)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START
        while not answers(f"{address}{alive}"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def populate(address: str) -> None:
    """Makes users: with a password and MFA, with keys in every state, with a certificate, with
    nothing, and one who is called like a word for "no value".
    """
    iam = boto3.client("iam", endpoint_url=address)
    iam.create_user(UserName="anna", Path="/people/")
    iam.create_login_profile(UserName="anna", Password="correct horse battery staple")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="anna")["VirtualMFADevice"]
    iam.enable_mfa_device(
        UserName="anna",
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    iam.create_user(UserName="bert")
    iam.create_access_key(UserName="bert")
    second = iam.create_access_key(UserName="bert")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="bert", AccessKeyId=second, Status="Inactive")
    iam.create_user(UserName="ci-deploy", Path="/service/")
    key = iam.create_access_key(UserName="ci-deploy")["AccessKey"]
    own = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    boto3.client("sts", endpoint_url=address, **own).get_caller_identity()
    iam.create_user(UserName="dora")
    iam.create_user(UserName="eva+old")
    iam.create_login_profile(UserName="eva+old", Password="correct horse battery staple")
    only = iam.create_access_key(UserName="eva+old")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="eva+old", AccessKeyId=only, Status="Inactive")
    iam.create_user(UserName="no_information")
    iam.create_user(UserName="soap.client")
    iam.upload_signing_certificate(UserName="soap.client", CertificateBody=certificate())


def certificate() -> str:
    """A self-signed certificate, as IAM wants one for signing requests."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "soap.client")])
    today = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    )
    builder = (
        builder.serial_number(1)
        .not_valid_before(today)
        .not_valid_after(today + datetime.timedelta(days=1))
    )
    signed = builder.sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def aws(address: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Runs the AWS CLI against the server."""
    command = [
        sys.executable,
        Path(sys.executable).with_name("aws"),
        "--endpoint-url",
        address,
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


def raw_answer(address: str) -> bytes:
    """The XML of GetCredentialReport as it goes over the wire."""
    body = b"Action=GetCredentialReport&Version=2010-05-08"
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    request = AWSRequest("POST", f"{address}/", headers=kind, data=body)
    SigV4Auth(WORDS, "iam", REGION).add_auth(request)
    wire = urllib.request.Request(
        f"{address}/", data=body, headers=dict(request.headers), method="POST"
    )
    with urllib.request.urlopen(wire, timeout=30) as answer:
        return answer.read()
