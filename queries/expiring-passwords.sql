-- /// query
-- title = "Console passwords that have expired or soon will"
-- description = """
-- Where the account expires passwords. days_left counts from the time of the report and is below \
-- zero for those already expired, whose owners must choose a new one at their next sign-in."""
-- tags = ["password"]
-- [params.within_days]
-- type = "integer"
-- default = 14
-- doc = "Passwords that expire within so many days after the report"
-- ///
SELECT
    account_id,
    account_name,
    "user",
    created_time AS password_set_time,
    next_rotation_time AS expires_time,
    last_used_time,
    last_used_status,
    CAST(floor((to_unixtime(next_rotation_time) - to_unixtime(generated_time)) / 86400.0) AS BIGINT) AS days_left,
    generated_time
FROM credentials
WHERE kind = 'password' AND active
    AND to_unixtime(next_rotation_time) <= to_unixtime(generated_time) + $within_days * 86400
ORDER BY next_rotation_time, account_id, "user"
