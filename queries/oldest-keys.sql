-- /// query
-- title = "Active access keys, oldest first"
-- description = """
-- With their last use, so that one sees which are old and idle and which old and busy. Keys \
-- without a credible date of creation are here whatever the age asked for."""
-- tags = ["access-key", "rotation"]
-- [params.min_age_days]
-- type = "integer"
-- default = 0
-- doc = "Only keys so many days old or older"
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
    last_used_service,
    generated_time
FROM credentials
WHERE kind = 'access_key' AND active AND (age_days IS NULL OR age_days >= $min_age_days)
ORDER BY created_time NULLS LAST, account_id, "user"
