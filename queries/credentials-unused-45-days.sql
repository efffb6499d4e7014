-- /// control
-- title = "Passwords and active access keys unused for 45 days are disabled"
-- severity = "medium"
-- description = """
-- What nobody uses, nobody misses when it is stolen. Each password and each active access key of \
-- an IAM user is judged by itself: 45 days or more without use is an alarm, counted in whole \
-- days at the time of the report. One that was never used counts from the day it was set or \
-- created, as the benchmark says, where common tools either pass it for ever or fail it on its \
-- first day. Root is left out, as the command of the benchmark leaves it out. This is also \
-- Security Hub control IAM.22."""
-- remediation = """
-- aws iam update-access-key --user-name USER --access-key-id KEY_ID --status Inactive, or aws \
-- iam delete-login-profile --user-name USER for a password"""
-- tags = ["unused", "password", "access-key"]
-- columns = ["idle_days"]
-- [frameworks]
-- "cis-aws-1.4.0" = ["1.12"]
-- "cis-aws-1.5.0" = ["1.12"]
-- "cis-aws-2.0.0" = ["1.12"]
-- "cis-aws-3.0.0" = ["1.12"]
-- "cis-aws-4.0.0" = ["1.12"]
-- "cis-aws-5.0.0" = ["1.11"]
-- "cis-aws-6.0.0" = ["2.11"]
-- "cis-aws-7.0.0" = ["2.11"]
-- "aws-security-hub" = ["IAM.22"]
-- [params.max_idle_days]
-- type = "integer"
-- default = 45
-- doc = "A credential not used for so many days or more is an alarm"
-- ///
WITH idle_credentials AS (
    SELECT *, CASE idle_days WHEN 1 THEN '1 day' ELSE CAST(idle_days AS VARCHAR) || ' days' END AS idle
    FROM credentials
    WHERE (is_root IS DISTINCT FROM true) AND kind IN ('password', 'access_key')
),
judged AS (
    SELECT
        account_id,
        "user",
        arn,
        kind,
        slot,
        generated_time,
        idle_days,
        CASE idle_basis
            WHEN 'last_used' THEN 'last used ' || idle || ' ago, on ' || date_format(last_used_time, '%Y-%m-%d')
            WHEN 'created' THEN 'never used since it was created ' || idle || ' ago, on ' || date_format(created_time, '%Y-%m-%d')
            WHEN 'user_created' THEN 'never used, and its user was created ' || idle || ' ago'
        END AS use,
        CASE
            WHEN active IS NULL THEN 'existence not told'
            WHEN active = false THEN 'inactive'
            WHEN idle_days IS NULL AND last_used_status = 'used' THEN 'used in the future'
            WHEN idle_days IS NULL THEN 'use not told'
            -- Younger than its user, but nobody knows by how much.
            WHEN idle_basis = 'user_created' AND idle_days >= $max_idle_days THEN 'creation not told'
            WHEN idle_days >= $max_idle_days THEN 'unused'
            WHEN idle_days < $max_idle_days THEN 'in use'
        END AS finding
    FROM idle_credentials
)
SELECT
    account_id,
    "user",
    arn,
    CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END AS credential,
    CASE
        WHEN finding IN ('existence not told', 'used in the future', 'use not told', 'creation not told') THEN 'unknown'
        WHEN finding = 'unused' THEN 'alarm'
        WHEN finding = 'inactive' THEN 'skip'
        WHEN finding = 'in use' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'unused' THEN use || ' (limit: ' || CAST($max_idle_days AS VARCHAR) || ' days)'
        WHEN 'in use' THEN use || ' (limit: ' || CAST($max_idle_days AS VARCHAR) || ' days)'
        WHEN 'inactive' THEN 'the key is not active'
        WHEN 'existence not told' THEN
            'the report does not tell whether this credential exists or is active'
        WHEN 'used in the future' THEN 'the last use lies in the future of the report'
        WHEN 'use not told' THEN
            'the report does not tell when this credential was last used or, if never, since when it exists'
        WHEN 'creation not told' THEN
            use || '; the report does not tell when the credential was created (limit: '
            || CAST($max_idle_days AS VARCHAR) || ' days)'
    END AS reason,
    generated_time,
    idle_days
FROM judged
