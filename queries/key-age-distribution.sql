-- /// query
-- title = "How old active access keys are"
-- description = """
-- Counts by age, with how many of them are in use: the long tail is what a rotation policy has \
-- to get through."""
-- tags = ["access-key", "rotation"]
-- ///
SELECT
    CASE
        WHEN age_days IS NULL THEN 'age not told'
        WHEN age_days <= 30 THEN '1. up to 30 days'
        WHEN age_days <= 90 THEN '2. 31 to 90 days'
        WHEN age_days <= 180 THEN '3. 91 to 180 days'
        WHEN age_days <= 365 THEN '4. 181 to 365 days'
        WHEN age_days <= 730 THEN '5. 1 to 2 years'
        ELSE '6. over 2 years'
    END AS age,
    count(*) AS active_keys,
    count(CASE WHEN last_used_status = 'never' THEN 1 END) AS never_used,
    count(CASE WHEN last_used_status = 'used' AND idle_days <= 30 THEN 1 END) AS used_within_30_days,
    count(DISTINCT account_id) AS accounts
FROM credentials
WHERE kind = 'access_key' AND active
GROUP BY 1
ORDER BY 1
