-- /// query
-- title = "When the root user of each account was last used, and with what"
-- description = """
-- One row per password and key of root. An account whose root user has no credentials has no \
-- row."""
-- tags = ["root", "usage"]
-- ///
SELECT
    account_id,
    account_name,
    CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END AS credential,
    active,
    last_used_status,
    last_used_time,
    idle_days,
    last_used_service,
    last_used_region,
    generated_time
FROM credentials
WHERE is_root AND kind IN ('password', 'access_key')
ORDER BY last_used_time DESC NULLS LAST, account_id
