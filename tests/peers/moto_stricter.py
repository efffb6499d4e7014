"""A moto server with a clock that can be set, and strict where AWS is and moto is not.

    python moto_stricter.py JOURNAL PORT

moto dates every report 2015-02-02, writes it anew whenever it is asked for, gives out a whole
organisation on one page, and lets anybody into a role of another account. Here

- IAM lives by a clock that PUT /clock sets; the rest of moto keeps the real time, as clients do;
- a report is made by GenerateCredentialReport, takes a moment, and stays as it is for four hours;
- a role of another account must exist and trust the caller, and a session does no more than the
  policy it was assumed with allows (both once moto's authorisation is switched on);
- a bucket belongs to the account that a request expects it to, or the request is denied;
- ListAccounts gives 20 accounts on a page;
- JOURNAL gets a line of JSON for every request, and for every role that is assumed.

Started by `moto_fleet.server`; not a peer itself.
"""

import json
import sys
import threading
from datetime import datetime, timedelta, timezone

import moto.iam.models
import moto.organizations.utils
from moto.core.responses import ActionResult
from moto.iam.access_control import (
    AssumedRoleAccessKey,
    IAMPolicy,
    IAMRequestBase,
    PermissionResult,
)
from moto.iam.exceptions import IAMException, NotFoundException, ReportNotPresentException
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.iam.utils import format_incoming_conditional_values
from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sts.models import STSBackend, sts_backends
from werkzeug.serving import run_simple

# For so long AWS gives out the same report.
LIFE = timedelta(hours=4)

# What AWS gives on a page at most; moto gives 100.
PAGE = 20


class Clock:
    """The time by which IAM lives."""

    def __init__(self) -> None:
        self.time = datetime(2024, 1, 1)

    def now(self) -> datetime:
        """In UTC and without a zone, as moto has all times."""
        return self.time


CLOCK = Clock()


class ReportInProgress(IAMException):
    """A report has been asked for and is not ready yet."""

    code = "ReportInProgress"


class Report:
    """The report of an account as it was when it was made."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.time = CLOCK.now()
        self.is_ready = False


REPORTS: dict[str, Report] = {}


def generate_credential_report(self: IamResponse) -> ActionResult:
    """STARTED, then COMPLETE for four hours."""
    self.backend.generate_report()
    report = REPORTS.get(self.current_account)
    if report and CLOCK.now() - report.time < LIFE:
        report.is_ready = True
        return ActionResult({"State": "COMPLETE"})
    REPORTS[self.current_account] = Report(self.backend.get_credential_report())
    why = "No report exists. Starting a new report generation task"
    return ActionResult({"State": "STARTED", "Description": why})


def get_credential_report(self: IamResponse) -> ActionResult:
    """The report that was made last. Who does not wait for it is told so, once."""
    report = REPORTS.get(self.current_account)
    if report is None:
        raise ReportNotPresentException("Credential report not present")
    if not report.is_ready:
        report.is_ready = True
        raise ReportInProgress("Credential report is being generated")
    generated = report.time.strftime("%Y-%m-%dT%H:%M:%SZ")
    return ActionResult(
        {"Content": report.text, "ReportFormat": "text/csv", "GeneratedTime": generated}
    )


def trusts(request: IAMRequestBase, role_arn: str) -> bool:
    """Whether the role is there and lets this caller in; moto looks in the caller's own account."""
    account = role_arn.split(":")[4]
    try:
        role = iam_backends[account]["aws"].get_role_by_arn(role_arn)
    except NotFoundException:
        return False
    # Without the first part moto takes a condition on something that was not told as met.
    told = {"sts:ExternalId": ""} | format_incoming_conditional_values(request._data)
    result = IAMPolicy(role.assume_role_policy_document).is_action_permitted(
        request._action, role_arn, request._access_key.arn, told
    )
    return result == PermissionResult.PERMITTED


class Journal:
    """What happens, as a file of JSON lines."""

    def __init__(self, path: str) -> None:
        self.file = open(path, "a", encoding="utf-8")  # for as long as the server lives
        self.lock = threading.Lock()

    def note(self, **line: object) -> None:
        with self.lock:
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()


check_by_role = IAMRequestBase.check_action_permitted


def check_by_role_and_session(self: IAMRequestBase, resource: str) -> None:
    """What the role may do, and no more than its session was begun with."""
    check_by_role(self, resource)
    key = self._access_key
    if not isinstance(key, AssumedRoleAccessKey):
        return
    backend = sts_backends[key.account_id][key.partition]
    session = backend.get_assumed_role_from_access_key(key._access_key_id)
    if session and session.policy and self._action != "sts:GetCallerIdentity":
        permitted = IAMPolicy(session.policy).is_action_permitted(self._action, resource)
        if permitted != PermissionResult.PERMITTED:
            self._raise_access_denied()


def make_strict(journal: Journal) -> None:
    """Puts all of this in place of moto's own."""
    assume_role = STSBackend.assume_role

    def told(self: STSBackend, **how: object):
        names = ("role_arn", "role_session_name", "policy", "external_id")
        journal.note(kind="session", **{name: how[name] for name in names})
        return assume_role(self, **how)

    STSBackend.assume_role = told
    moto.iam.models.utcnow = CLOCK.now
    IamResponse.generate_credential_report = generate_credential_report
    IamResponse.get_credential_report = get_credential_report
    IAMRequestBase._is_assuming_role_operation = lambda request, _: (
        request._action == "sts:AssumeRole"
    )
    IAMRequestBase._check_role_trust_relationship = trusts
    IAMRequestBase.check_action_permitted = check_by_role_and_session
    moto.organizations.utils.PAGINATION_MODEL["list_accounts"]["limit_default"] = PAGE


class Door:
    """What every request goes through on its way to moto."""

    def __init__(self, journal: Journal) -> None:
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.journal = journal

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/clock":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            time = datetime.fromisoformat(body.decode())
            CLOCK.time = time.astimezone(timezone.utc).replace(tzinfo=None)
            return answer(start_response, "200 OK", b"")
        self.journal.note(
            kind="request",
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            target=environ.get("HTTP_X_AMZ_TARGET"),
            owner=environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER"),
        )
        if not is_owner(environ):
            return answer(
                start_response,
                "403 Forbidden",
                b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            )
        return self.moto(environ, start_response)


def answer(start_response, status: str, body: bytes) -> list[bytes]:
    headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


def is_owner(environ) -> bool:
    expected = environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER")
    bucket = environ["PATH_INFO"].split("/")[1]
    return expected is None or any(
        bucket in backends["aws"].buckets
        for account, backends in list(s3_backends.items())
        if account == expected
    )


if __name__ == "__main__":
    opened = Journal(sys.argv[1])
    make_strict(opened)
    run_simple(
        "127.0.0.1",
        int(sys.argv[2]),
        Door(opened),
        threaded=True,
        request_handler=MotoRequestHandler,
    )
