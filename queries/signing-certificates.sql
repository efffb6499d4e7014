-- /// query
-- title = "X.509 signing certificates, oldest first"
-- description = """
-- All of them, root included: hardly any tool shows these columns. No report tells when a \
-- certificate was used."""
-- tags = ["certificate"]
-- ///
SELECT
    account_id,
    account_name,
    "user",
    is_root,
    slot,
    active,
    created_time,
    age_days,
    generated_time
FROM credentials
WHERE kind = 'signing_certificate' AND active IS NOT NULL
ORDER BY created_time NULLS LAST, account_id, "user"
