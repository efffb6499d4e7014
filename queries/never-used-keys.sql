-- /// query
-- title = "Access keys that were never used"
-- description = """
-- Active and inactive ones. AWS records the use of keys since 2015-04-22; keys whose use the \
-- report does not tell are not here."""
-- tags = ["access-key", "unused"]
-- ///
SELECT
    account_id,
    account_name,
    "user",
    CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END AS credential,
    active,
    created_time,
    age_days,
    generated_time
FROM credentials
WHERE kind = 'access_key' AND last_used_status = 'never' AND active IS NOT NULL
ORDER BY active DESC, age_days DESC NULLS LAST, account_id, "user"
