-- /// query
-- title = "Console users who never signed in"
-- description = """
-- Passwords that exist and have no sign-in on record: AWS records them since 2014-10-20. \
-- Passwords whose use the report does not tell are not here."""
-- tags = ["password", "unused"]
-- ///
SELECT
    account_id,
    account_name,
    "user",
    arn,
    created_time AS password_set_time,
    age_days AS password_age_days,
    idle_days,
    idle_basis,
    generated_time
FROM credentials
WHERE kind = 'password' AND active AND last_used_status = 'never'
ORDER BY idle_days DESC NULLS LAST, account_id, "user"
