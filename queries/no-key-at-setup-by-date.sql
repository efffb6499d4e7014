-- /// control
-- title = "Users with a console password got no access key when they were created"
-- severity = "low"
-- description = """
-- Keys made along with a user tend to be keys nobody asked for. This is the console audit of the \
-- benchmark: it compares the time a key was created with the time its user was created, shown to \
-- the minute, so both within a minute count as the same. The command-line audit reads the same \
-- control differently: see no-key-at-setup-by-use. Both key slots are judged, and only active \
-- keys of users with a password."""
-- remediation = """
-- aws iam delete-access-key --user-name USER --access-key-id KEY_ID if it is not used, else \
-- replace it: aws iam create-access-key --user-name USER"""
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
-- [params.max_seconds]
-- type = "integer"
-- default = 60
-- doc = "A key created at most so many seconds after its user was created with it"
-- ///
WITH keys AS (
    SELECT
        account_id,
        "user",
        arn,
        generated_time,
        slot,
        password_enabled,
        CASE slot WHEN 1 THEN access_key_1_active WHEN 2 THEN access_key_2_active END AS active,
        CASE slot WHEN 1 THEN access_key_1_last_rotated WHEN 2 THEN access_key_2_last_rotated END AS created_time,
        date_diff(
            'second',
            user_creation_time,
            CASE slot WHEN 1 THEN access_key_1_last_rotated WHEN 2 THEN access_key_2_last_rotated END
        ) AS seconds
    FROM (VALUES (1), (2)) AS slots (slot)
    CROSS JOIN credential_report
    WHERE (is_root IS DISTINCT FROM true)
),
judged AS (
    SELECT
        *,
        CASE
            WHEN active = false THEN 'inactive'
            WHEN password_enabled = false THEN 'no password'
            WHEN seconds > $max_seconds THEN 'later'
            WHEN active IS NULL OR password_enabled IS NULL OR seconds IS NULL THEN 'not told'
            WHEN seconds < -$max_seconds THEN 'before the user'
            WHEN seconds <= $max_seconds THEN 'at setup'
        END AS finding
    FROM keys
    -- An inactive key keeps its date; without one there is no key in the slot.
    WHERE active IS NULL OR active OR created_time IS NOT NULL
)
SELECT
    account_id,
    "user",
    arn,
    'access_key_' || CAST(slot AS VARCHAR) AS credential,
    CASE
        WHEN finding IN ('not told', 'before the user') THEN 'unknown'
        WHEN finding = 'at setup' THEN 'alarm'
        WHEN finding IN ('inactive', 'no password') THEN 'skip'
        WHEN finding = 'later' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'at setup' THEN
            'the key was created '
            || CASE abs(seconds) WHEN 1 THEN '1 second ' ELSE CAST(abs(seconds) AS VARCHAR) || ' seconds ' END
            || CASE WHEN seconds < 0 THEN 'before' ELSE 'after' END || ' the user (limit: ' || CAST($max_seconds AS VARCHAR) || ' seconds) and the user has a console password'
        WHEN 'later' THEN
            'the key was created on ' || date_format(created_time, '%Y-%m-%d') || ', more than '
            || CAST($max_seconds AS VARCHAR) || ' seconds after the user'
        WHEN 'no password' THEN 'the user has no console password'
        WHEN 'inactive' THEN 'the key is not active'
        WHEN 'before the user' THEN 'the report says that the key was created before the user'
        WHEN 'not told' THEN
            'the report does not tell whether the user has a password, whether the key is active, or when one of them was created'
    END AS reason,
    generated_time
FROM judged
