-- /// query
-- title = "How each account stood in each report: the trend of the main controls"
-- description = """
-- One row per report, oldest first. Ages are those of the time of the report. What a report does \
-- not tell counts nothing and is counted in not_told, so that a column that is missing does not \
-- look like progress. Users and credentials are those of IAM users; root has columns of its own."""
-- tags = ["account", "trend"]
-- [params.max_age_days]
-- type = "integer"
-- default = 90
-- doc = "Older active keys count"
-- [params.max_idle_days]
-- type = "integer"
-- default = 45
-- doc = "Passwords and active keys unused for so many days or more count"
-- ///
WITH counted AS (
    SELECT
        account_id,
        account_name,
        source,
        generated_time,
        CASE WHEN is_root THEN 0 ELSE 1 END AS users,
        CASE WHEN (is_root IS DISTINCT FROM true) AND password_enabled THEN 1 ELSE 0 END AS console_users,
        CASE WHEN (is_root IS DISTINCT FROM true) AND password_enabled AND mfa_active = false THEN 1 ELSE 0 END AS console_users_without_mfa,
        CASE WHEN is_root AND mfa_active THEN 1 WHEN is_root AND mfa_active = false THEN 0 END AS root_mfa,
        0 AS root_keys,
        0 AS active_keys,
        0 AS old_keys,
        0 AS idle_credentials,
        CASE
            WHEN password_enabled = false AND (is_root IS DISTINCT FROM true) THEN 0
            WHEN mfa_active IS NULL OR (password_enabled IS NULL AND (is_root IS DISTINCT FROM true)) THEN 1
            ELSE 0
        END AS not_told
    FROM credential_report_history
    UNION ALL
    SELECT
        account_id,
        account_name,
        source,
        generated_time,
        0 AS users,
        0 AS console_users,
        0 AS console_users_without_mfa,
        NULL AS root_mfa,
        CASE WHEN is_root AND kind = 'access_key' AND active THEN 1 ELSE 0 END AS root_keys,
        CASE WHEN (is_root IS DISTINCT FROM true) AND kind = 'access_key' AND active THEN 1 ELSE 0 END AS active_keys,
        CASE
            WHEN (is_root IS DISTINCT FROM true) AND kind = 'access_key' AND active AND age_days > $max_age_days THEN 1
            ELSE 0
        END AS old_keys,
        CASE WHEN (is_root IS DISTINCT FROM true) AND active AND idle_days >= $max_idle_days THEN 1 ELSE 0 END AS idle_credentials,
        CASE
            -- Passwords that are not told are counted above, and root's do not matter here.
            WHEN kind = 'password' AND (is_root OR active IS NULL) THEN 0
            WHEN active IS NULL THEN 1
            WHEN active AND (idle_days IS NULL OR (kind = 'access_key' AND age_days IS NULL)) AND (is_root IS DISTINCT FROM true) THEN 1
            ELSE 0
        END AS not_told
    FROM credentials_history
    WHERE kind IN ('password', 'access_key')
)
SELECT
    account_id,
    max(account_name) AS account_name,
    generated_time,
    sum(users) AS users,
    sum(console_users) AS console_users,
    sum(console_users_without_mfa) AS console_users_without_mfa,
    sum(active_keys) AS active_keys,
    sum(old_keys) AS old_keys,
    sum(idle_credentials) AS idle_credentials,
    sum(root_keys) AS root_keys,
    max(root_mfa) = 1 AS root_has_mfa,
    sum(not_told) AS not_told
FROM counted
GROUP BY account_id, source, generated_time
ORDER BY account_id NULLS LAST, generated_time, source
