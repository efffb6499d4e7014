-- /// query
-- title = "After how many days each account expires passwords, as its users show"
-- description = """
-- password_next_rotation less password_last_changed is the maximum age of the password policy. \
-- Empty: passwords do not expire, or the report lacks the column. Accounts without console users \
-- tell nothing and are not here."""
-- tags = ["password", "policy"]
-- ///
SELECT
    account_id,
    max(account_name) AS account_name,
    count(*) AS passwords,
    count(next_rotation_time) AS expiring_passwords,
    CAST(floor(min((to_unixtime(next_rotation_time) - to_unixtime(created_time)) / 86400.0)) AS BIGINT) AS shortest_days,
    CAST(floor(max((to_unixtime(next_rotation_time) - to_unixtime(created_time)) / 86400.0)) AS BIGINT) AS longest_days,
    generated_time
FROM credentials
WHERE kind = 'password' AND active AND (is_root IS DISTINCT FROM true)
GROUP BY account_id, source, generated_time
ORDER BY account_id
