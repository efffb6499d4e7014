-- /// query
-- title = "Service accounts: users with keys and no console password"
-- description = """
-- The inventory behind a move from keys to roles: each with the age of its oldest active key and \
-- what it was last used for."""
-- tags = ["access-key", "service-account"]
-- ///
SELECT
    account_id,
    max(account_name) AS account_name,
    "user",
    arn,
    count(CASE WHEN kind = 'access_key' AND active THEN 1 END) AS active_keys,
    max(CASE WHEN kind = 'access_key' AND active THEN age_days END) AS oldest_key_days,
    max(CASE WHEN kind = 'access_key' THEN last_used_time END) AS last_used_time,
    min(CASE WHEN kind = 'access_key' AND last_used_status = 'used' THEN idle_days END) AS idle_days,
    max(CASE WHEN kind = 'access_key' AND slot = 1 THEN last_used_service END) AS key_1_service,
    max(CASE WHEN kind = 'access_key' AND slot = 1 THEN last_used_region END) AS key_1_region,
    max(CASE WHEN kind = 'access_key' AND slot = 2 THEN last_used_service END) AS key_2_service,
    max(CASE WHEN kind = 'access_key' AND slot = 2 THEN last_used_region END) AS key_2_region,
    generated_time
FROM credentials
WHERE (is_root IS DISTINCT FROM true)
GROUP BY account_id, source, "user", arn, generated_time
HAVING count(CASE WHEN kind = 'password' THEN 1 END) = 0 AND count(CASE WHEN kind = 'access_key' AND active THEN 1 END) > 0
ORDER BY oldest_key_days DESC NULLS LAST, account_id, "user"
