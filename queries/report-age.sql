-- /// control
-- title = "The report is recent"
-- severity = "low"
-- description = """
-- What a report does not know yet cannot be found in it; AWS makes a new one at most every 4 \
-- hours. This is the one control measured at the time of the run, so the same report passes \
-- today and fails tomorrow: it is not part of the hygiene tag. An account without any report has \
-- no row here; see stale-or-failed-reports."""
-- remediation = """
-- aws iam generate-credential-report, and a minute later aws iam get-credential-report"""
-- tags = ["report", "freshness"]
-- columns = ["alarm_key"]
-- [params.max_hours]
-- type = "integer"
-- default = 24
-- doc = "Oldest acceptable report, in hours"
-- ///
WITH reports_of_accounts AS (
    SELECT
        account_id,
        generated_time,
        date_diff('second', generated_time, current_timestamp) AS age_seconds
    FROM credential_report
    GROUP BY account_id, source, generated_time
),
judged AS (
    SELECT
        *,
        CASE
            WHEN age_seconds IS NULL THEN 'not told'
            WHEN age_seconds < -900 THEN 'in the future'
            WHEN age_seconds > $max_hours * 3600 THEN 'old'
            WHEN age_seconds <= $max_hours * 3600 THEN 'recent'
        END AS finding
    FROM reports_of_accounts
)
SELECT
    account_id,
    CAST(NULL AS VARCHAR) AS "user",
    CAST(NULL AS VARCHAR) AS arn,
    CAST(NULL AS VARCHAR) AS credential,
    CASE
        WHEN finding IN ('not told', 'in the future') THEN 'unknown'
        WHEN finding = 'old' THEN 'alarm'
        WHEN finding = 'recent' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'recent' THEN
            'the report was made on ' || date_format(generated_time, '%Y-%m-%d') || ', '
            || CAST(age_seconds / 3600 AS VARCHAR) || ' hours before this run (limit: '
            || CAST($max_hours AS VARCHAR) || ' hours)'
        WHEN 'old' THEN
            'the report was made on ' || date_format(generated_time, '%Y-%m-%d') || ', '
            || CAST(age_seconds / 3600 AS VARCHAR) || ' hours before this run (limit: '
            || CAST($max_hours AS VARCHAR) || ' hours)'
        WHEN 'in the future' THEN 'the report says it was made later than now'
        WHEN 'not told' THEN 'when the report was made cannot be told'
    END AS reason,
    generated_time,
    -- Each report grows old by itself.
    substr(replace(CAST(generated_time AS VARCHAR), ' ', 'T'), 1, 19) || 'Z' AS alarm_key
FROM judged
