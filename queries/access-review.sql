-- /// query
-- title = "What an access review needs: every user with all its credentials in one row"
-- description = """
-- Root first, then users by name; reviewer and decision are empty columns to fill in. \
-- last_used_time is the newest use of password and keys. Users of reports without ARNs have no \
-- key columns."""
-- tags = ["user", "review"]
-- ///
WITH users AS (
    SELECT
        account_id,
        source,
        "user",
        arn,
        count(CASE WHEN kind = 'access_key' AND active THEN 1 END) AS active_keys,
        count(CASE WHEN kind = 'access_key' AND active = false THEN 1 END) AS inactive_keys,
        max(CASE WHEN kind = 'access_key' AND active THEN age_days END) AS oldest_key_days,
        count(CASE WHEN kind = 'signing_certificate' AND active THEN 1 END) AS active_certificates,
        max(last_used_time) AS last_used_time,
        min(CASE WHEN last_used_status = 'used' THEN idle_days END) AS idle_days
    FROM credentials
    GROUP BY account_id, source, "user", arn
)
SELECT
    report.account_id,
    report.account_name,
    report."user",
    report.arn,
    report.user_creation_time,
    report.password_enabled,
    report.mfa_active,
    report.password_last_used,
    coalesce(users.active_keys, 0) AS active_keys,
    coalesce(users.inactive_keys, 0) AS inactive_keys,
    users.oldest_key_days,
    coalesce(users.active_certificates, 0) AS active_certificates,
    users.last_used_time,
    users.idle_days,
    CAST(NULL AS VARCHAR) AS reviewer,
    CAST(NULL AS VARCHAR) AS decision,
    report.generated_time,
    report.source
FROM credential_report AS report
LEFT JOIN users ON report.source = users.source AND report.arn = users.arn AND report."user" = users."user"
ORDER BY report.account_id NULLS LAST, report.is_root DESC, report."user"
