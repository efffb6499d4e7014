-- /// query
-- title = "MFA coverage by account"
-- description = """
-- Of the IAM users with a console password, how many have an MFA device; worst accounts first. \
-- Percent is empty where nobody has a password."""
-- tags = ["mfa", "account"]
-- ///
SELECT
    account_id,
    max(account_name) AS account_name,
    max(
        CASE
            WHEN is_root AND mfa_active THEN 'yes'
            WHEN is_root AND mfa_active IS NULL THEN 'not told'
            WHEN is_root AND partition IN ('aws-us-gov', 'aws-cn') AND (password_enabled IS DISTINCT FROM true) THEN 'nobody signs in'
            WHEN is_root THEN 'no'
        END
    ) AS root_mfa,
    count(CASE WHEN (is_root IS DISTINCT FROM true) THEN 1 END) AS users,
    count(CASE WHEN (is_root IS DISTINCT FROM true) AND password_enabled THEN 1 END) AS console_users,
    count(CASE WHEN (is_root IS DISTINCT FROM true) AND password_enabled AND mfa_active THEN 1 END) AS with_mfa,
    count(CASE WHEN (is_root IS DISTINCT FROM true) AND password_enabled AND mfa_active IS NULL THEN 1 END) AS mfa_not_told,
    round(
        100 * CAST(count(CASE WHEN (is_root IS DISTINCT FROM true) AND password_enabled AND mfa_active THEN 1 END) AS DOUBLE)
        / nullif(count(CASE WHEN (is_root IS DISTINCT FROM true) AND password_enabled THEN 1 END), 0),
        1
    ) AS percent_with_mfa,
    generated_time
FROM credential_report
GROUP BY account_id, source, generated_time
ORDER BY percent_with_mfa NULLS LAST, account_id
