-- /// query
-- title = "Reports that are old, missing in part or could not be read"
-- description = """
-- Failed reports, those read with warnings, and the latest report of an account if it is too old \
-- at the time of this run. Accounts of which no report was found cannot be here: join a list of \
-- accounts with --table."""
-- tags = ["report", "freshness"]
-- [params.max_hours]
-- type = "integer"
-- default = 24
-- doc = "Oldest acceptable report, in hours"
-- ///
SELECT
    account_id,
    account_name,
    source,
    status,
    generated_time,
    generated_time_from,
    date_diff('hour', generated_time, current_timestamp) AS age_hours,
    rows,
    coalesce(error, nullif(warnings, '[]')) AS what
FROM reports
WHERE status IN ('failed', 'warning')
    OR (is_latest AND date_diff('second', generated_time, current_timestamp) > $max_hours * 3600)
ORDER BY status, generated_time NULLS FIRST, source
