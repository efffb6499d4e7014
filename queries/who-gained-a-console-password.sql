-- /// query
-- title = "Who gained a console password"
-- description = """
-- New users with a password and users that were given one, root included, with how things stand in \
-- the latest report: has_password_now is empty for users that are gone. A password that was only \
-- changed is not here."""
-- tags = ["changes", "password"]
-- [params.since]
-- type = "timestamp"
-- default = "2000-01-01"
-- doc = "Passwords first seen in a report made at this time or later"
-- ///
SELECT
    gained.generated_time,
    gained.account_id,
    gained.account_name,
    gained."user",
    gained.arn,
    -- Where there was no user there was no value either.
    CASE WHEN gained.old_value IS NULL THEN 'new user' ELSE 'user without a password' END AS given_to,
    gained.user_creation_time,
    gained.created_time AS password_set_time,
    gained.previous_time AS without_it_at,
    report.password_enabled AS has_password_now,
    report.mfa_active AS has_mfa_now,
    report.password_last_used AS last_used_time
FROM changes AS gained
LEFT JOIN credential_report AS report
    ON gained.account_id = report.account_id
    AND gained.arn = report.arn
    AND coalesce(gained.user_creation_time = report.user_creation_time, true)
WHERE gained.change = 'password_enabled' AND gained.generated_time >= $since
ORDER BY gained.generated_time DESC, gained.account_id, gained."user"
