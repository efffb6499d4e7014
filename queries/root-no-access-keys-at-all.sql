-- /// control
-- title = "The root user has no access key, active or not"
-- severity = "high"
-- description = """
-- The reading of Security Hub IAM.4 and of AWS Config: a key of the root user that is there can be \
-- activated again, so an inactive one is an alarm too, where CIS passes it, see \
-- root-no-access-keys. The account summary counts such keys; one judgement per account."""
-- remediation = """
-- Sign in as root and delete the keys under Security credentials, or, with central root access, \
-- aws sts assume-root --target-principal ACCOUNT_ID --task-policy-arn \
-- arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials and then aws iam \
-- delete-access-key --access-key-id KEY_ID"""
-- tags = ["root", "access-key"]
-- columns = ["needs"]
-- needs = ["iam:GetAccountSummary"]
-- [frameworks]
-- "aws-fsbp" = ["IAM.4"]
-- "aws-security-hub" = ["IAM.4"]
-- ///
WITH accounts AS (
    SELECT account_id, source, generated_time, max(CASE WHEN is_root THEN arn END) AS arn
    FROM credential_report
    GROUP BY account_id, source, generated_time
),
judged AS (
    SELECT
        accounts.account_id,
        accounts.arn,
        accounts.generated_time,
        CASE
            WHEN account_summary.account_id IS NULL THEN 'not asked'
            WHEN account_access_keys_present > 0 THEN 'a key'
            WHEN account_access_keys_present = 0 THEN 'no key'
            ELSE 'not told'
        END AS finding
    FROM accounts
    LEFT JOIN account_summary ON account_summary.account_id = accounts.account_id
)
SELECT
    account_id,
    '<root_account>' AS "user",
    arn,
    CAST(NULL AS VARCHAR) AS credential,
    CASE
        WHEN finding IN ('not asked', 'not told') THEN 'unknown'
        WHEN finding = 'a key' THEN 'alarm'
        WHEN finding = 'no key' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'a key' THEN 'the account summary counts an access key of the root user, active or not'
        WHEN 'no key' THEN 'the account summary counts no access key of the root user'
        WHEN 'not told' THEN 'the account summary that AWS returned does not tell of access keys of the root user'
        WHEN 'not asked' THEN
            'needs --enrich: a credential report is judged by its active keys; iam:GetAccountSummary counts all'
    END AS reason,
    generated_time,
    CASE WHEN finding = 'not asked' THEN 'iam:GetAccountSummary' END AS needs
FROM judged
