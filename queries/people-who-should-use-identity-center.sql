-- /// query
-- title = "IAM users with a console password, who could sign in through IAM Identity Center"
-- description = """
-- Everybody with a password of an IAM user, those present in most accounts first: they gain \
-- most. Those with an active key as well need a role for it."""
-- tags = ["password", "people"]
-- ///
SELECT
    report.account_id,
    report.account_name,
    report."user",
    report.arn,
    report.mfa_active,
    report.password_last_used,
    report.password_last_changed,
    CASE
        WHEN report.access_key_1_active OR report.access_key_2_active THEN true
        WHEN report.access_key_1_active IS NULL OR report.access_key_2_active IS NULL THEN NULL
        ELSE false
    END AS has_active_key,
    count(*) OVER (PARTITION BY lower(report."user")) AS accounts_with_this_name,
    report.generated_time
FROM credential_report AS report
WHERE (report.is_root IS DISTINCT FROM true) AND report.password_enabled
ORDER BY accounts_with_this_name DESC, report."user", report.account_id
