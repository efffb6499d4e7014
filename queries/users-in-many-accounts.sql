-- /// query
-- title = "User names present in several accounts"
-- description = """
-- The same name in several accounts is often one person with several passwords, or a tool with a \
-- key everywhere. Names are compared in lower case; whether it is the same person, no report \
-- tells."""
-- tags = ["user", "people"]
-- [params.min_accounts]
-- type = "integer"
-- default = 2
-- doc = "Least number of accounts"
-- ///
SELECT
    lower("user") AS user_name,
    count(DISTINCT account_id) AS accounts,
    count(CASE WHEN password_enabled THEN 1 END) AS with_password,
    count(CASE WHEN password_enabled AND mfa_active THEN 1 END) AS with_password_and_mfa,
    count(CASE WHEN access_key_1_active OR access_key_2_active THEN 1 END) AS with_active_key,
    min(account_id) AS first_account,
    max(account_id) AS last_account,
    max(password_last_used) AS password_last_used
FROM credential_report
WHERE (is_root IS DISTINCT FROM true)
GROUP BY lower("user")
HAVING count(DISTINCT account_id) >= $min_accounts
ORDER BY accounts DESC, user_name
