-- /// control
-- title = "The password policy for IAM users meets PCI DSS 3.2.1"
-- severity = "medium"
-- description = """
-- The reading of Security Hub IAM.10: 7 characters or more with upper-case and lower-case \
-- letters and digits, the last 4 passwords refused, 90 days of life at most. One judgement per \
-- account. An account without a policy of its own is an alarm."""
-- remediation = """
-- aws iam update-account-password-policy --minimum-password-length 14 \
-- --require-uppercase-characters --require-lowercase-characters --require-numbers \
-- --password-reuse-prevention 24 --max-password-age 90 (this call replaces the whole policy: \
-- give all its other settings too)"""
-- tags = ["password", "password-policy"]
-- columns = ["needs"]
-- needs = ["iam:GetAccountPasswordPolicy"]
-- [frameworks]
-- "aws-security-hub" = ["IAM.10"]
-- "pci-dss-3.2.1" = ["8.2.3", "8.2.4", "8.2.5"]
-- [params.min_length]
-- type = "integer"
-- default = 7
-- doc = "Fewest characters that the policy must ask for"
-- [params.min_remembered]
-- type = "integer"
-- default = 4
-- doc = "Earlier passwords that the policy must refuse"
-- [params.max_age_days]
-- type = "integer"
-- default = 90
-- doc = "Longest acceptable life of a password, in days"
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
        substr(
            CASE WHEN require_uppercase_characters THEN '' ELSE ', an upper-case letter' END
            || CASE WHEN require_lowercase_characters THEN '' ELSE ', a lower-case letter' END
            || CASE WHEN require_numbers THEN '' ELSE ', a digit' END
            || CASE WHEN minimum_password_length >= $min_length THEN '' ELSE ', ' || CAST($min_length AS VARCHAR) || ' characters' END
            || CASE WHEN password_reuse_prevention >= $min_remembered THEN '' ELSE ', refusal of the last ' || CAST($min_remembered AS VARCHAR) || ' passwords' END
            || CASE WHEN expire_passwords AND max_password_age <= $max_age_days THEN '' ELSE ', an end after ' || CAST($max_age_days AS VARCHAR) || ' days' END,
            3
        ) AS lacks,
        CASE
            WHEN is_set IS NULL THEN 'not asked'
            WHEN is_set = false THEN 'no policy'
            WHEN minimum_password_length IS NULL THEN 'not told'
            WHEN require_uppercase_characters
                AND require_lowercase_characters
                AND require_numbers
                AND minimum_password_length >= $min_length
                AND password_reuse_prevention >= $min_remembered
                AND expire_passwords AND max_password_age <= $max_age_days THEN 'whole'
            WHEN is_set THEN 'lacking'
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
        WHEN finding IN ('no policy', 'lacking') THEN 'alarm'
        WHEN finding = 'whole' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'no policy' THEN 'the account has no password policy of its own'
        WHEN 'whole' THEN 'the password policy asks for all that PCI DSS 3.2.1 does'
        WHEN 'lacking' THEN 'the password policy lacks: ' || lacks
        WHEN 'not told' THEN 'the password policy that AWS returned does not tell'
        WHEN 'not asked' THEN
            'needs --enrich: a credential report does not tell of the password policy; iam:GetAccountPasswordPolicy does'
    END AS reason,
    generated_time,
    CASE WHEN finding = 'not asked' THEN 'iam:GetAccountPasswordPolicy' END AS needs
FROM judged
