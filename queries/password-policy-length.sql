-- /// control
-- title = "The password policy asks for 14 characters or more"
-- severity = "medium"
-- description = """
-- Short passwords are guessed by trying. The fewest characters that the policy of the account \
-- accepts are judged, one judgement per account, whether or not a user has a password. Without \
-- a policy of its own an account has the default of AWS, which is an alarm, as in the audit of \
-- the benchmark."""
-- remediation = """
-- aws iam update-account-password-policy --minimum-password-length 14 (this call replaces the \
-- whole policy: give all its other settings too)"""
-- tags = ["password", "password-policy"]
-- columns = ["needs"]
-- needs = ["iam:GetAccountPasswordPolicy"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.9"]
-- "cis-aws-1.3.0" = ["1.8"]
-- "cis-aws-1.4.0" = ["1.8"]
-- "cis-aws-1.5.0" = ["1.8"]
-- "cis-aws-2.0.0" = ["1.8"]
-- "cis-aws-3.0.0" = ["1.8"]
-- "cis-aws-4.0.0" = ["1.8"]
-- "cis-aws-5.0.0" = ["1.7"]
-- "cis-aws-6.0.0" = ["2.7"]
-- "cis-aws-7.0.0" = ["2.8"]
-- "aws-security-hub" = ["IAM.15"]
-- [params.min_length]
-- type = "integer"
-- default = 14
-- doc = "Fewest characters that the policy must ask for"
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
        minimum_password_length,
        CASE
            WHEN is_set IS NULL THEN 'not asked'
            WHEN is_set = false THEN 'no policy'
            WHEN minimum_password_length < $min_length THEN 'too short'
            WHEN minimum_password_length >= $min_length THEN 'long enough'
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
        WHEN finding IN ('no policy', 'too short') THEN 'alarm'
        WHEN finding = 'long enough' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'no policy' THEN
            'the account has no password policy of its own, and the default of AWS asks for 8 characters'
        WHEN 'too short' THEN
            'the password policy accepts ' || CAST(minimum_password_length AS VARCHAR) || ' characters (limit: '
            || CAST($min_length AS VARCHAR) || ')'
        WHEN 'long enough' THEN
            'the password policy asks for ' || CAST(minimum_password_length AS VARCHAR) || ' characters (limit: '
            || CAST($min_length AS VARCHAR) || ')'
        WHEN 'not told' THEN 'the password policy that AWS returned does not tell'
        WHEN 'not asked' THEN
            'needs --enrich: a credential report does not tell of the password policy; iam:GetAccountPasswordPolicy does'
    END AS reason,
    generated_time,
    CASE WHEN finding = 'not asked' THEN 'iam:GetAccountPasswordPolicy' END AS needs
FROM judged
