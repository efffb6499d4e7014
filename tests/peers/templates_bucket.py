"""Who gets at the bucket and its key, and what the bucket keeps."""

from collections.abc import Callable

from credsql import Different, same
from templates_policy import Request, allowed
from templates_reader import Stack, parsed, printed

COLLECTOR = "arn:aws:iam::111122223333:role/credsql-collector"
READER = "arn:aws:iam::444455556666:role/Auditor"
STRANGER = "arn:aws:iam::444455556666:role/Developer"
OWNER = "arn:aws:iam::222233334444:role/Administrator"

REPORT = (
    "<Bucket.Arn>/credential-reports/date=2026-01-31/account_id=123456789012/credential_report.csv"
)
OUTSIDE = "<Bucket.Arn>/other/report.csv"
BUCKET = "<Bucket.Arn>"
OTHER_KEY = "arn:aws:kms:eu-west-1:111122223333:key/own"

# What credsql sends with a report.
WRITE = {
    "s3:if-none-match": "*",
    "s3:ObjectCreationOperation": "true",
    "s3:x-amz-server-side-encryption": "aws:kms",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "<Key.Arn>",
}
PLAIN = {key: WRITE[key] for key in ("s3:if-none-match", "s3:ObjectCreationOperation")}
THROUGH_S3 = {
    "kms:ViaService": "s3.eu-west-1.amazonaws.com",
    "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::exampleorg-credential-reports",
}


def asked(who: str, action: str, resource: str, **more: str | None) -> Request:
    """A request over TLS by somebody of the organisation; None takes a key away."""
    context: dict[str, str | None] = {
        "aws:SecureTransport": "true",
        "aws:PrincipalArn": who,
        "aws:PrincipalAccount": who.split(":")[4],
        "aws:PrincipalOrgID": "o-exampleorg1",
        "aws:PrincipalIsAWSService": "false",
    }
    context |= more
    kept = {key: value for key, value in context.items() if value is not None}
    return Request(action, resource, who, kept)


def object_cases() -> list[tuple[bool, Request]]:
    """Requests for the bucket, and whether its policy lets them through."""
    put, get, list_ = "s3:PutObject", "s3:GetObject", "s3:ListBucket"
    elsewhere = {"aws:PrincipalOrgID": "o-otherorg001"}
    return [
        (True, asked(COLLECTOR, put, REPORT, **WRITE)),
        (True, asked(COLLECTOR, put, REPORT, **PLAIN)),
        (True, asked(COLLECTOR, get, REPORT)),
        (True, asked(COLLECTOR, list_, BUCKET, **{"s3:prefix": "credential-reports/"})),
        (
            True,
            asked(COLLECTOR, list_, BUCKET, **{"s3:prefix": "credential-reports/date=2026-01-31/"}),
        ),
        (True, asked(READER, get, REPORT)),
        (True, asked(READER, list_, BUCKET, **{"s3:prefix": "credential-reports"})),
        # not over TLS
        (False, asked(COLLECTOR, put, REPORT, **WRITE, **{"aws:SecureTransport": "false"})),
        (False, asked(READER, get, REPORT, **{"aws:SecureTransport": "false"})),
        # another encryption, another key, a key of the caller's
        (
            False,
            asked(COLLECTOR, put, REPORT, **WRITE | {"s3:x-amz-server-side-encryption": "AES256"}),
        ),
        (
            False,
            asked(
                COLLECTOR,
                put,
                REPORT,
                **WRITE | {"s3:x-amz-server-side-encryption": "aws:kms:dsse"},
            ),
        ),
        (
            False,
            asked(
                COLLECTOR,
                put,
                REPORT,
                **WRITE | {"s3:x-amz-server-side-encryption-aws-kms-key-id": OTHER_KEY},
            ),
        ),
        (
            False,
            asked(
                COLLECTOR, put, REPORT, **PLAIN, **{"s3:x-amz-server-side-encryption": "aws:kms"}
            ),
        ),
        (
            False,
            asked(
                COLLECTOR,
                put,
                REPORT,
                **PLAIN,
                **{"s3:x-amz-server-side-encryption-customer-algorithm": "AES256"},
            ),
        ),
        # would replace a report
        (False, asked(COLLECTOR, put, REPORT, **WRITE | {"s3:if-none-match": None})),
        # outside the prefix, or everything
        (False, asked(COLLECTOR, put, OUTSIDE, **WRITE)),
        (False, asked(COLLECTOR, get, OUTSIDE)),
        (False, asked(READER, get, OUTSIDE)),
        (False, asked(COLLECTOR, list_, BUCKET)),
        (False, asked(READER, list_, BUCKET, **{"s3:prefix": ""})),
        # more than they need
        (False, asked(READER, put, REPORT, **WRITE)),
        (False, asked(COLLECTOR, "s3:DeleteObject", REPORT)),
        (False, asked(COLLECTOR, "s3:DeleteObjectVersion", REPORT)),
        (False, asked(COLLECTOR, "s3:PutBucketPolicy", BUCKET)),
        # somebody else
        (False, asked(STRANGER, get, REPORT)),
        (False, asked(STRANGER, put, REPORT, **WRITE)),
        (False, asked(COLLECTOR, put, REPORT, **WRITE | elsewhere)),
        (False, asked(READER, get, REPORT, **elsewhere)),
        (False, asked(READER, get, REPORT, **{"aws:PrincipalOrgID": None})),
        (False, asked(f"{COLLECTOR}-2", get, REPORT)),
    ]


def key_cases() -> list[tuple[bool, Request]]:
    """Requests for the key, and whether its policy lets them through."""
    make, open_ = "kms:GenerateDataKey", "kms:Decrypt"
    other = THROUGH_S3 | {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::other-bucket"}
    return [
        (True, asked(COLLECTOR, make, "key", **THROUGH_S3)),
        (True, asked(COLLECTOR, open_, "key", **THROUGH_S3)),
        (True, asked(READER, open_, "key", **THROUGH_S3)),
        (True, asked(OWNER, "kms:PutKeyPolicy", "key")),
        (True, asked(OWNER, "kms:ScheduleKeyDeletion", "key")),
        (False, asked(OWNER, open_, "key", **THROUGH_S3)),
        (False, asked(COLLECTOR, make, "key")),
        (False, asked(COLLECTOR, make, "key", **other)),
        (
            False,
            asked(
                COLLECTOR,
                open_,
                "key",
                **THROUGH_S3 | {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"},
            ),
        ),
        (False, asked(COLLECTOR, "kms:PutKeyPolicy", "key", **THROUGH_S3)),
        (False, asked(READER, make, "key", **THROUGH_S3)),
        (
            False,
            asked(READER, open_, "key", **THROUGH_S3 | {"aws:PrincipalOrgID": "o-otherorg001"}),
        ),
        (False, asked(STRANGER, open_, "key", **THROUGH_S3)),
    ]


def bucket_decisions(stack: Callable[..., Stack]) -> str:
    """The two policies let through what they should, and only that."""
    made = stack("bucket")
    objects = made.resources["BucketPolicy"]["PolicyDocument"]
    key = made.resources["Key"]["KeyPolicy"]
    for policy, cases in [(objects, object_cases()), (key, key_cases())]:
        for wanted, request in cases:
            same(f"{request}", wanted, allowed(request, policy))
    closed = stack("bucket", ReaderPrincipalArns="").resources
    for policy in (closed["BucketPolicy"]["PolicyDocument"], closed["Key"]["KeyPolicy"]):
        same(
            "readers without any",
            [],
            [one["Sid"] for one in policy["Statement"] if "Readers" in one["Sid"]],
        )
    free = stack("bucket", RequireConditionalWrites="false")
    overwriting = asked(COLLECTOR, "s3:PutObject", REPORT, **WRITE | {"s3:if-none-match": None})
    same(
        "overwriting when it is not refused",
        True,
        allowed(overwriting, free.resources["BucketPolicy"]["PolicyDocument"]),
    )
    # Whatever somebody adds to the policy later, other organisations and plain HTTP stay out.
    added = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    for context in [{"aws:PrincipalOrgID": "o-otherorg001"}, {"aws:SecureTransport": "false"}]:
        later = asked(STRANGER, "s3:GetObject", REPORT, **context)
        same(f"{later} allowed elsewhere", False, allowed(later, objects, added))
    # A mistyped organisation must not lock out the account that has to put it right.
    mistyped = stack("bucket", OrganizationId="o-mistyped000").resources["BucketPolicy"][
        "PolicyDocument"
    ]
    own = {"Statement": [{"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "*"}]}
    repair = asked(OWNER, "s3:PutBucketPolicy", BUCKET)
    same("repair of a mistyped organisation", True, allowed(repair, mistyped, own))
    return f"{len(object_cases()) + len(key_cases())} requests"


def bucket_keeps(stack: Callable[..., Stack]) -> str:
    """Encrypted, versioned, closed, and still there when the stack is gone."""
    template = parsed(printed("bucket"))
    for name in ["Key", "Bucket", "BucketPolicy"]:
        for when in ["DeletionPolicy", "UpdateReplacePolicy"]:
            same(f"{when} of {name}", "Retain", template["Resources"][name].get(when))
    made = stack("bucket").resources
    same("rotation of the key", True, made["Key"]["EnableKeyRotation"])
    bucket = made["Bucket"]
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    wanted = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "<Key.Arn>"}
    same(
        "encryption",
        (True, wanted),
        (encryption["BucketKeyEnabled"], encryption["ServerSideEncryptionByDefault"]),
    )
    same("versions", "Enabled", bucket["VersioningConfiguration"]["Status"])
    same("public access", {True}, set(bucket["PublicAccessBlockConfiguration"].values()))
    same("public access", 4, len(bucket["PublicAccessBlockConfiguration"]))
    same(
        "owner", [{"ObjectOwnership": "BucketOwnerEnforced"}], bucket["OwnershipControls"]["Rules"]
    )
    for absent in ["ObjectLockEnabled", "ObjectLockConfiguration", "LoggingConfiguration"]:
        same(absent, None, bucket.get(absent))
    [rule] = bucket["LifecycleConfiguration"]["Rules"]
    same(
        "expiry",
        (None, True),
        (rule.get("ExpirationInDays"), rule.get("ExpiredObjectDeleteMarker")),
    )
    strict = stack(
        "bucket", ObjectLockMode="COMPLIANCE", ExpireAfterDays="2555", AccessLogBucketName="logs"
    )
    bucket = strict.resources["Bucket"]
    [rule] = bucket["LifecycleConfiguration"]["Rules"]
    same(
        "expiry",
        ("2555", None),
        (rule.get("ExpirationInDays"), rule.get("ExpiredObjectDeleteMarker")),
    )
    retention = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    same(
        "lock",
        (True, {"Mode": "COMPLIANCE", "Days": "365"}),
        (bucket["ObjectLockEnabled"], retention),
    )
    same("access log", "logs", bucket["LoggingConfiguration"]["DestinationBucketName"])
    if strict.outputs["Destination"] != "s3://<Bucket>/credential-reports":
        raise Different(strict.outputs["Destination"])
    return "key and bucket"
