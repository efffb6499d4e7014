-- /// control
-- title = "Active access keys of users with a console password have been used"
-- severity = "low"
-- description = """
-- The command-line audit of the benchmark: a user with a console password and an active key that \
-- was never used got that key at setup. It asks for no time to pass, so a key made today fails \
-- until its first use; keys-used-after-creation has days of grace. The console audit compares \
-- dates instead: see no-key-at-setup-by-date. Both key slots are judged."""
-- remediation = "aws iam delete-access-key --user-name USER --access-key-id KEY_ID"
-- tags = ["access-key", "setup"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.21"]
-- "cis-aws-1.3.0" = ["1.11"]
-- "cis-aws-1.4.0" = ["1.11"]
-- "cis-aws-1.5.0" = ["1.11"]
-- "cis-aws-2.0.0" = ["1.11"]
-- "cis-aws-3.0.0" = ["1.11"]
-- "cis-aws-4.0.0" = ["1.11"]
-- "cis-aws-5.0.0" = ["1.10"]
-- "cis-aws-6.0.0" = ["2.10"]
-- ///
WITH credentials_of_users AS (
    SELECT
        account_id,
        "user",
        arn,
        generated_time,
        kind,
        slot,
        active,
        last_used_status,
        max(CASE WHEN kind = 'password' AND active THEN 2 WHEN kind = 'password' AND active IS NULL THEN 1 ELSE 0 END)
            OVER (PARTITION BY account_id, source, arn, "user") AS password
    FROM credentials
    WHERE (is_root IS DISTINCT FROM true) AND kind IN ('password', 'access_key')
),
judged AS (
    SELECT
        *,
        CASE
            WHEN active = false THEN 'inactive'
            WHEN password = 0 THEN 'no password'
            WHEN last_used_status = 'used' THEN 'used'
            WHEN active IS NULL OR password = 1 OR last_used_status = 'unknown' THEN 'not told'
            WHEN last_used_status = 'never' THEN 'never used'
        END AS finding
    FROM credentials_of_users
    WHERE kind = 'access_key'
)
SELECT
    account_id,
    "user",
    arn,
    'access_key_' || CAST(slot AS VARCHAR) AS credential,
    CASE
        WHEN finding = 'not told' THEN 'unknown'
        WHEN finding = 'never used' THEN 'alarm'
        WHEN finding IN ('inactive', 'no password') THEN 'skip'
        WHEN finding = 'used' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'never used' THEN
            'the key is active and was never used, and the user has a console password'
        WHEN 'used' THEN 'the key has been used'
        WHEN 'no password' THEN 'the user has no console password'
        WHEN 'inactive' THEN 'the key is not active'
        WHEN 'not told' THEN
            'the report does not tell whether the user has a password, whether the key is active or whether it was used'
    END AS reason,
    generated_time
FROM judged
