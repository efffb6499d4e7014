-- /// control
-- title = "Console passwords expire within a set number of days"
-- severity = "low"
-- description = """
-- CIS 1.2.0 asked for passwords that expire after 90 days or less; later versions dropped it, as \
-- NIST SP 800-63B advises against it. The report shows what the account's password policy makes \
-- of it: the longest time from a change of a password to its expiry. One judgement per account: \
-- a password that never expires, or one that may live longer than the limit, is an alarm. \
-- Without any console password nothing can be told of the policy; root passwords never expire \
-- and are left out. With --enrich the policy itself is judged."""
-- remediation = """
-- aws iam update-account-password-policy --max-password-age 90 (this call replaces the whole \
-- policy: give all its other settings too)"""
-- tags = ["password"]
-- columns = ["max_password_age_days", "needs"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.11"]
-- "aws-security-hub" = ["IAM.17"]
-- [params.max_age_days]
-- type = "integer"
-- default = 90
-- doc = "Longest acceptable life of a password, in days"
-- ///
WITH passwords AS (
    SELECT
        account_id,
        source,
        generated_time,
        CASE WHEN active THEN next_rotation_status END AS expiry,
        CASE WHEN active THEN to_unixtime(next_rotation_time) - to_unixtime(created_time) END AS life_seconds,
        CASE WHEN active IS NULL THEN 1 END AS not_told
    FROM credentials
    WHERE (is_root IS DISTINCT FROM true) AND kind = 'password'
    UNION ALL
    -- An account without any password is judged too.
    SELECT account_id, source, generated_time, NULL, NULL, NULL
    FROM credential_report
    GROUP BY account_id, source, generated_time
),
accounts AS (
    SELECT
        account_id,
        generated_time,
        count(expiry) AS passwords,
        count(CASE WHEN expiry = 'never' THEN 1 END) AS endless,
        count(CASE WHEN expiry = 'unknown' OR (expiry <> 'never' AND life_seconds IS NULL) THEN 1 END) AS untold,
        count(not_told) AS existence_not_told,
        max(life_seconds) AS life_seconds,
        CAST(floor(max(life_seconds) / 86400.0) AS BIGINT) AS max_password_age_days
    FROM passwords
    GROUP BY account_id, source, generated_time
),
judged AS (
    SELECT
        accounts.account_id,
        generated_time,
        passwords,
        endless,
        -- Of the policy itself where it is known.
        CASE WHEN is_set IS NULL THEN max_password_age_days ELSE max_password_age END AS max_password_age_days,
        CASE
            WHEN is_set = false THEN 'no policy'
            WHEN expire_passwords = false THEN 'policy never'
            WHEN expire_passwords AND max_password_age > $max_age_days THEN 'too long'
            WHEN expire_passwords AND max_password_age <= $max_age_days THEN 'short enough'
            WHEN endless > 0 THEN 'never'
            WHEN life_seconds > $max_age_days * 86400 THEN 'too long'
            WHEN untold > 0 OR existence_not_told > 0 THEN 'not told'
            WHEN passwords = 0 THEN 'no password'
            WHEN life_seconds <= $max_age_days * 86400 THEN 'short enough'
        END AS finding
    FROM accounts
    LEFT JOIN password_policy ON password_policy.account_id = accounts.account_id
)
SELECT
    account_id,
    CAST(NULL AS VARCHAR) AS "user",
    CAST(NULL AS VARCHAR) AS arn,
    CAST(NULL AS VARCHAR) AS credential,
    CASE
        WHEN finding IN ('not told', 'no password') THEN 'unknown'
        WHEN finding IN ('never', 'too long', 'no policy', 'policy never') THEN 'alarm'
        WHEN finding = 'short enough' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'never' THEN
            CAST(endless AS VARCHAR) || ' of ' || CAST(passwords AS VARCHAR) || ' console passwords never expire'
        WHEN 'no policy' THEN
            'the account has no password policy of its own, and by the default of AWS passwords never expire'
        WHEN 'policy never' THEN 'by the password policy passwords never expire'
        WHEN 'too long' THEN
            'console passwords expire after ' || CAST(max_password_age_days AS VARCHAR) || ' days (limit: '
            || CAST($max_age_days AS VARCHAR) || ' days)'
        WHEN 'short enough' THEN
            'console passwords expire after ' || CAST(max_password_age_days AS VARCHAR) || ' days (limit: '
            || CAST($max_age_days AS VARCHAR) || ' days)'
        WHEN 'no password' THEN
            'no user has a console password to tell it by; iam:GetAccountPasswordPolicy does'
        WHEN 'not told' THEN 'the report does not tell of every console password whether and when it expires'
    END AS reason,
    generated_time,
    max_password_age_days,
    CASE WHEN finding = 'no password' THEN 'iam:GetAccountPasswordPolicy' END AS needs
FROM judged
