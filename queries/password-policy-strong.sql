-- /// control
-- title = "The password policy for IAM users is strong"
-- severity = "medium"
-- description = """
-- The reading of Security Hub IAM.7 with its defaults: all four kinds of characters and 8 \
-- characters or more; reuse and age are not judged there. CIS asks for 14 characters and 24 \
-- remembered passwords instead, see password-policy-length and password-policy-reuse. One \
-- judgement per account. An account without a policy of its own is an alarm."""
-- remediation = """
-- aws iam update-account-password-policy --minimum-password-length 14 \
-- --require-uppercase-characters --require-lowercase-characters --require-numbers \
-- --require-symbols (this call replaces the whole policy: give all its other settings too)"""
-- tags = ["password", "password-policy"]
-- columns = ["needs"]
-- needs = ["iam:GetAccountPasswordPolicy"]
-- [frameworks]
-- "aws-fsbp" = ["IAM.7"]
-- "aws-security-hub" = ["IAM.7"]
-- "nist-800-53-r5" = ["IA-5(1)"]
-- [params.min_length]
-- type = "integer"
-- default = 8
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
        substr(
            CASE WHEN require_uppercase_characters THEN '' ELSE ', an upper-case letter' END
            || CASE WHEN require_lowercase_characters THEN '' ELSE ', a lower-case letter' END
            || CASE WHEN require_numbers THEN '' ELSE ', a digit' END
            || CASE WHEN require_symbols THEN '' ELSE ', a symbol' END
            || CASE WHEN minimum_password_length >= $min_length THEN '' ELSE ', ' || CAST($min_length AS VARCHAR) || ' characters' END,
            3
        ) AS lacks,
        CASE
            WHEN is_set IS NULL THEN 'not asked'
            WHEN is_set = false THEN 'no policy'
            WHEN minimum_password_length IS NULL THEN 'not told'
            WHEN require_uppercase_characters
                AND require_lowercase_characters
                AND require_numbers
                AND require_symbols
                AND minimum_password_length >= $min_length THEN 'whole'
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
        WHEN 'whole' THEN
            'the password policy asks for all kinds of characters and for ' || CAST($min_length AS VARCHAR) || ' or more'
        WHEN 'lacking' THEN 'the password policy lacks: ' || lacks
        WHEN 'not told' THEN 'the password policy that AWS returned does not tell'
        WHEN 'not asked' THEN
            'needs --enrich: a credential report does not tell of the password policy; iam:GetAccountPasswordPolicy does'
    END AS reason,
    generated_time,
    CASE WHEN finding = 'not asked' THEN 'iam:GetAccountPasswordPolicy' END AS needs
FROM judged
