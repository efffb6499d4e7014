-- /// query
-- title = "Accounts ranked by what an attacker would like"
-- description = """
-- A score to say where to begin, not a verdict: 100 for active root keys and for root without \
-- MFA, 10 for each console user without MFA, 3 for each old key and each idle credential. What \
-- the report does not tell counts nothing."""
-- tags = ["account", "risk"]
-- [params.max_age_days]
-- type = "integer"
-- default = 90
-- doc = "Older active keys count"
-- [params.max_idle_days]
-- type = "integer"
-- default = 45
-- doc = "Credentials unused for so many days or more count"
-- ///
WITH findings AS (
    SELECT
        account_id,
        source,
        generated_time,
        account_name,
        CASE WHEN is_root AND (access_key_1_active OR access_key_2_active) THEN 1 ELSE 0 END AS root_keys,
        CASE
            WHEN is_root AND mfa_active = false AND partition NOT IN ('aws-us-gov', 'aws-cn')
                AND (password_enabled OR password_enabled IS NULL) THEN 1
            ELSE 0
        END AS root_without_mfa,
        CASE WHEN (is_root IS DISTINCT FROM true) AND password_enabled AND mfa_active = false THEN 1 ELSE 0 END AS console_without_mfa,
        0 AS old_keys,
        0 AS idle_credentials
    FROM credential_report
    UNION ALL
    SELECT
        account_id,
        source,
        generated_time,
        account_name,
        0 AS root_keys,
        0 AS root_without_mfa,
        0 AS console_without_mfa,
        CASE WHEN kind = 'access_key' AND age_days > $max_age_days THEN 1 ELSE 0 END AS old_keys,
        CASE WHEN idle_days >= $max_idle_days THEN 1 ELSE 0 END AS idle_credentials
    FROM credentials
    WHERE (is_root IS DISTINCT FROM true) AND active AND kind IN ('password', 'access_key')
)
SELECT
    account_id,
    max(account_name) AS account_name,
    sum(100 * root_keys + 100 * root_without_mfa + 10 * console_without_mfa + 3 * old_keys + 3 * idle_credentials) AS score,
    sum(root_keys) AS root_keys,
    sum(root_without_mfa) AS root_without_mfa,
    sum(console_without_mfa) AS console_without_mfa,
    sum(old_keys) AS old_keys,
    sum(idle_credentials) AS idle_credentials,
    generated_time
FROM findings
GROUP BY account_id, source, generated_time
ORDER BY score DESC, account_id
