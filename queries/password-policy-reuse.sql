-- /// control
-- title = "The password policy refuses the last 24 passwords"
-- severity = "low"
-- description = """
-- Without memory a policy lets people change a password and change it back. The number of \
-- earlier passwords that the policy of the account refuses is judged, one judgement per \
-- account; 24 is the most that AWS keeps. Without a policy of its own an account has the \
-- default of AWS, which is an alarm, as in the audit of the benchmark."""
-- remediation = """
-- aws iam update-account-password-policy --password-reuse-prevention 24 (this call replaces \
-- the whole policy: give all its other settings too)"""
-- tags = ["password", "password-policy"]
-- columns = ["needs"]
-- needs = ["iam:GetAccountPasswordPolicy"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.10"]
-- "cis-aws-1.3.0" = ["1.9"]
-- "cis-aws-1.4.0" = ["1.9"]
-- "cis-aws-1.5.0" = ["1.9"]
-- "cis-aws-2.0.0" = ["1.9"]
-- "cis-aws-3.0.0" = ["1.9"]
-- "cis-aws-4.0.0" = ["1.9"]
-- "cis-aws-5.0.0" = ["1.8"]
-- "cis-aws-6.0.0" = ["2.8"]
-- "cis-aws-7.0.0" = ["2.9"]
-- "aws-security-hub" = ["IAM.16"]
-- [params.min_remembered]
-- type = "integer"
-- default = 24
-- doc = "Earlier passwords that the policy must refuse"
-- ///
WITH accounts AS (
    SELECT account_id, source, generated_time
    FROM credential_report
    GROUP BY account_id, source, generated_time
),
judged AS (
    SELECT
        accounts.account_id,
        accounts.generated_time,
        password_reuse_prevention,
        CASE
            WHEN is_set IS NULL THEN 'not asked'
            WHEN is_set = false THEN 'no policy'
            WHEN password_reuse_prevention IS NULL THEN 'none'
            WHEN password_reuse_prevention < $min_remembered THEN 'too few'
            WHEN password_reuse_prevention >= $min_remembered THEN 'enough'
            ELSE 'not told'
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
        WHEN finding IN ('not asked', 'not told') THEN 'unknown'
        WHEN finding IN ('no policy', 'none', 'too few') THEN 'alarm'
        WHEN finding = 'enough' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'no policy' THEN
            'the account has no password policy of its own, and the default of AWS refuses no earlier password'
        WHEN 'none' THEN
            'the password policy refuses no earlier password (limit: ' || CAST($min_remembered AS VARCHAR) || ')'
        WHEN 'too few' THEN
            'the password policy refuses the last ' || CAST(password_reuse_prevention AS VARCHAR) || ' passwords (limit: '
            || CAST($min_remembered AS VARCHAR) || ')'
        WHEN 'enough' THEN
            'the password policy refuses the last ' || CAST(password_reuse_prevention AS VARCHAR) || ' passwords (limit: '
            || CAST($min_remembered AS VARCHAR) || ')'
        WHEN 'not told' THEN 'the password policy that AWS returned does not tell'
        WHEN 'not asked' THEN
            'needs --enrich: a credential report does not tell of the password policy; iam:GetAccountPasswordPolicy does'
    END AS reason,
    generated_time,
    CASE WHEN finding = 'not asked' THEN 'iam:GetAccountPasswordPolicy' END AS needs
FROM judged
