-- /// query
-- title = "Passwords whose last use may be wrong because of what AWS lost in May 2018"
-- description = """
-- AWS lost the sign-ins between 2018-05-03 22:50 and 2018-05-23 14:08 Pacific time. For \
-- passwords older than that, without a later sign-in, the last use may be in that gap rather \
-- than where the report says."""
-- tags = ["password", "history"]
-- ///
SELECT
    account_id,
    account_name,
    "user",
    last_used_time,
    last_used_status,
    created_time AS password_set_time,
    generated_time
FROM credentials
WHERE kind = 'password' AND active
    AND created_time < TIMESTAMP '2018-05-23 21:08:00'
    AND (last_used_status = 'never' OR last_used_time < TIMESTAMP '2018-05-23 21:08:00')
ORDER BY last_used_time NULLS FIRST, account_id, "user"
