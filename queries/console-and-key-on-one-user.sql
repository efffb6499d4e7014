-- /// control
-- title = "No IAM user has both a console password and an active access key"
-- severity = "low"
-- description = """
-- People sign in with a password and MFA, programs with keys; one user with both gives a program \
-- the rights of a person and a person a credential without MFA. A password and at least one \
-- active key, in either slot, is an alarm. No benchmark asks for this."""
-- remediation = """
-- Give the program a role or a user of its own, then aws iam delete-access-key --user-name USER \
-- --access-key-id KEY_ID"""
-- tags = ["hygiene", "password", "access-key"]
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        generated_time,
        CASE
            WHEN password_enabled AND (access_key_1_active OR access_key_2_active) THEN 'both'
            WHEN password_enabled = false THEN 'no password'
            WHEN access_key_1_active = false AND access_key_2_active = false THEN 'no active key'
            ELSE 'not told'
        END AS finding
    FROM credential_report
    WHERE (is_root IS DISTINCT FROM true)
)
SELECT
    account_id,
    "user",
    arn,
    CAST(NULL AS VARCHAR) AS credential,
    CASE
        WHEN finding = 'not told' THEN 'unknown'
        WHEN finding = 'both' THEN 'alarm'
        WHEN finding IN ('no password', 'no active key') THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'both' THEN 'the user has a console password and an active access key'
        WHEN 'no password' THEN 'the user has no console password'
        WHEN 'no active key' THEN 'the user has no active access key'
        WHEN 'not told' THEN
            'the report does not tell whether the user has both a password and an active key'
    END AS reason,
    generated_time
FROM judged
