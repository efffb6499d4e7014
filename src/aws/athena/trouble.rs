//! Why Athena did not do what was asked: what its messages mean, and what to do.

use std::error::Error;

use aws_sdk_athena::operation::start_query_execution::StartQueryExecutionError;
use aws_sdk_athena::types::QueryExecutionStatus;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::trouble::{Kind, Trouble, clean};

/// What a run of statements must be allowed.
const NEEDED: &str = "a run needs athena:StartQueryExecution, GetQueryExecution, GetQueryResults and \
    StopQueryExecution on the workgroup, glue:GetDatabase, GetTable and GetPartitions, to read the bucket \
    of the dataset, and to read and write where results are put";

const DDL: &str = "`credsql export --ddl athena` prints the statements that make them; is \
    `--athena-database` right, and the region (`--region`)?";

/// An error of the SDK in words.
pub(super) fn of<E>(action: &str, error: &SdkError<E, HttpResponse>) -> Trouble
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let trouble = Trouble::of(action, error);
    match trouble.kind {
        // A denial by the organization or a session knows better who can change it.
        Kind::Denied if trouble.hint.as_deref().is_some_and(|hint| hint.starts_with("allow ")) => {
            trouble.hint(NEEDED)
        }
        Kind::Throttled => {
            trouble.hint("others use Athena in this account, too: try again in a few minutes")
        }
        _ => trouble,
    }
}

/// An error of starting a statement.
pub(super) fn of_start(
    error: &SdkError<StartQueryExecutionError, HttpResponse>,
    workgroup: Option<&str>,
) -> Trouble {
    let trouble = of("athena:StartQueryExecution", error);
    let Some(StartQueryExecutionError::InvalidRequestException(invalid)) = error.as_service_error()
    else {
        return trouble;
    };
    let message = invalid.message().unwrap_or_default();
    let lower = message.to_lowercase();
    let is = |part: &str| lower.contains(part);
    if is("workgroup") && is("not found") {
        let name = workgroup.unwrap_or("primary");
        let text = format!("there is no workgroup `{}` in this region", clean(name));
        return Trouble { kind: Kind::NotFound, message: text, ..trouble }
            .hint("`aws athena list-work-groups` lists them; name one with `--workgroup`, and the region with `--region`");
    }
    if is("output") && (is("location") || is("bucket")) {
        return trouble.hint(
            "name where Athena puts results with `--athena-output s3://bucket/prefix/`, or a workgroup that knows \
             with `--workgroup`",
        );
    }
    by_words(message, trouble)
}

/// Why a query failed.
pub(super) fn failed(status: &QueryExecutionStatus, id: &str) -> Trouble {
    let reason = reason(status);
    let text = if reason.is_empty() { "it did not say why" } else { &reason };
    let trouble =
        Trouble::new(Kind::Other, format!("Athena: {} (query {})", clean(text), clean(id)));
    by_words(&reason, trouble)
}

/// Why a query was stopped that we did not stop.
pub(super) fn stopped(status: &QueryExecutionStatus, id: &str) -> Trouble {
    let reason = reason(status);
    let id = clean(id);
    if reason.to_lowercase().contains("bytes scanned limit") {
        return Trouble::new(
            Kind::Other,
            format!("Athena stopped the query: it read more than the workgroup allows (query {id})"),
        )
        .hint(
            "have the limit of the workgroup raised (BytesScannedCutoffPerQuery), or read less: name columns, \
             and days by their generated_time",
        );
    }
    let because = if reason.is_empty() { String::new() } else { format!(": {}", clean(&reason)) };
    Trouble::new(Kind::Other, format!("somebody stopped the query on Athena{because} (query {id})"))
        .hint("run it again")
}

fn reason(status: &QueryExecutionStatus) -> String {
    let told = status.athena_error().and_then(|error| error.error_message());
    status.state_change_reason().or(told).unwrap_or_default().to_owned()
}

/// What a message asks for. Its first word is a code of Trino's (`StandardErrorCode`, with `HIVE_…`
/// from its Hive connector); permissions are told by words alone.
fn by_words(message: &str, trouble: Trouble) -> Trouble {
    let code = message.split(':').next().unwrap_or_default();
    let is = |part: &str| message.contains(part);
    let given = |kind: Kind, hint: &str| Trouble { kind, ..trouble.clone() }.hint(hint);
    let denials = [
        "insufficient permissions",
        "insufficient lake formation",
        "permission_denied",
        "access denied",
    ];
    if denials.iter().any(|denial| message.to_lowercase().contains(denial)) {
        return given(Kind::Denied, NEEDED);
    }
    match code {
        "TABLE_NOT_FOUND" | "SCHEMA_NOT_FOUND" | "CATALOG_NOT_FOUND" => given(Kind::NotFound, DDL),
        "COLUMN_NOT_FOUND" => given(
            Kind::NotFound,
            "a table that was made by another version lacks columns: `credsql export --ddl athena` prints \
             the statements that make it anew",
        ),
        "SYNTAX_ERROR" | "FUNCTION_NOT_FOUND" | "TYPE_MISMATCH" | "NOT_SUPPORTED" => given(
            Kind::Other,
            "Athena speaks the SQL of Trino, which differs here; `EXPLAIN` before the statement shows the \
             text it is given",
        ),
        "HIVE_FILESYSTEM_ERROR" | "HIVE_CANNOT_OPEN_SPLIT" | "HIVE_CURSOR_ERROR" => given(
            Kind::Changed,
            "if the dataset was exported anew meanwhile, run it again; otherwise see whether you may read it",
        ),
        "GENERIC_INTERNAL_ERROR" => given(Kind::Service, "try again in a few minutes"),
        _ if is("exhausted resources") => {
            given(Kind::Service, "try again in a few minutes, or ask for fewer columns or days")
        }
        _ if is("does not exist") || is("EntityNotFoundException") => given(Kind::NotFound, DDL),
        _ => trouble,
    }
}
