-- /// query
-- title = "Where and for what access keys were last used"
-- description = """
-- Only the last use of each key is in a report. Region (none): services such as s3 and iam have \
-- none. Feeds keys-used-from-expected-regions and -services."""
-- tags = ["access-key", "usage"]
-- ///
SELECT
    coalesce(last_used_service, '(not told)') AS last_used_service,
    coalesce(last_used_region, '(none)') AS last_used_region,
    count(*) AS access_keys,
    count(CASE WHEN active THEN 1 END) AS active_keys,
    count(DISTINCT account_id) AS accounts,
    max(last_used_time) AS last_used_time,
    min(idle_days) AS idle_days
FROM credentials
WHERE kind = 'access_key' AND last_used_status = 'used'
GROUP BY coalesce(last_used_service, '(not told)'), coalesce(last_used_region, '(none)')
ORDER BY access_keys DESC, last_used_service, last_used_region
