-- /// query
-- title = "Inactive access keys that can be deleted"
-- description = """
-- An inactive key can be activated again by whoever may update keys. Those not used for so many \
-- days are safe to delete; those of which the report does not tell the use are here too."""
-- tags = ["access-key", "unused"]
-- [params.min_idle_days]
-- type = "integer"
-- default = 30
-- doc = "Only keys not used for so many days or more"
-- ///
SELECT
    account_id,
    account_name,
    "user",
    CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END AS credential,
    created_time,
    age_days,
    last_used_time,
    last_used_status,
    idle_days,
    generated_time
FROM credentials
WHERE kind = 'access_key' AND active = false AND (idle_days IS NULL OR idle_days >= $min_idle_days)
ORDER BY idle_days DESC NULLS LAST, account_id, "user"
