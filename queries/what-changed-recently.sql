-- /// query
-- title = "What changed in every account, newest first"
-- description = """
-- Users added and removed, MFA, passwords, access keys, signing certificates and the use of root, \
-- as consecutive reports of one account differ. A change lies between previous_time and \
-- generated_time; days_between above 1 shows that reports are missing in between."""
-- tags = ["changes"]
-- [params.since]
-- type = "timestamp"
-- default = "2000-01-01"
-- doc = "Changes first seen in a report made at this time or later"
-- ///
SELECT
    generated_time,
    account_id,
    account_name,
    "user",
    change,
    kind,
    slot,
    created_time,
    old_value,
    new_value,
    previous_time,
    days_between,
    arn
FROM changes
WHERE generated_time >= $since
ORDER BY generated_time DESC, account_id, is_root DESC, "user", change, created_time
