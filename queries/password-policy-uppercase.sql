-- /// control
-- title = "The password policy asks for an upper-case letter"
-- severity = "low"
-- description = """
-- CIS 1.2.0 asked for an upper-case letter in every password; later versions dropped it in \
-- favour of length, as NIST SP 800-63B advises. One judgement per account. Without a policy of \
-- its own an account has the default of AWS, which is an alarm, as in the audit of the \
-- benchmark."""
-- remediation = """
-- aws iam update-account-password-policy --require-uppercase-characters (this call replaces \
-- the whole policy: give all its other settings too)"""
-- tags = ["password", "password-policy"]
-- columns = ["needs"]
-- needs = ["iam:GetAccountPasswordPolicy"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.5"]
-- "aws-security-hub" = ["IAM.11"]
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
        CASE
            WHEN is_set IS NULL THEN 'not asked'
            WHEN is_set = false THEN 'no policy'
            WHEN require_uppercase_characters = false THEN 'not asked for'
            WHEN require_uppercase_characters THEN 'asked for'
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
        WHEN finding IN ('no policy', 'not asked for') THEN 'alarm'
        WHEN finding = 'asked for' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'no policy' THEN
            'the account has no password policy of its own, and the default of AWS asks for three of four kinds of characters, whichever'
        WHEN 'not asked for' THEN 'the password policy does not ask for an upper-case letter'
        WHEN 'asked for' THEN 'the password policy asks for an upper-case letter'
        WHEN 'not told' THEN 'the password policy that AWS returned does not tell'
        WHEN 'not asked' THEN
            'needs --enrich: a credential report does not tell of the password policy; iam:GetAccountPasswordPolicy does'
    END AS reason,
    generated_time,
    CASE WHEN finding = 'not asked' THEN 'iam:GetAccountPasswordPolicy' END AS needs
FROM judged
