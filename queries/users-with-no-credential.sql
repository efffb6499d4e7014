-- /// control
-- title = "Every IAM user has a credential to use"
-- severity = "low"
-- description = """
-- A user that cannot do anything is often one that somebody forgot to delete, and giving it a \
-- key draws no attention. Reported as info, never as an alarm: SSH keys and service-specific \
-- credentials (CodeCommit, Keyspaces, Bedrock) are not in the report, so the user may be in use."""
-- remediation = """
-- aws iam list-service-specific-credentials --user-name USER and aws iam list-ssh-public-keys \
-- --user-name USER; if there are none, aws iam delete-user --user-name USER"""
-- tags = ["hygiene", "unused"]
-- columns = ["needs"]
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        generated_time,
        CASE
            WHEN password_enabled OR access_key_1_active OR access_key_2_active OR cert_1_active OR cert_2_active THEN 'some'
            WHEN password_enabled IS NULL OR access_key_1_active IS NULL OR access_key_2_active IS NULL THEN 'not told'
            WHEN cert_1_active IS NULL OR cert_2_active IS NULL THEN 'not told'
            WHEN additional_credentials_info IS NOT NULL THEN 'more not shown'
            WHEN access_key_1_last_rotated IS NOT NULL OR access_key_2_last_rotated IS NOT NULL THEN 'inactive only'
            ELSE 'none'
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
        WHEN finding IN ('not told', 'more not shown') THEN 'unknown'
        WHEN finding IN ('inactive only', 'none') THEN 'info'
        WHEN finding = 'some' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'some' THEN 'the user has a password, an active key or an active certificate'
        WHEN 'inactive only' THEN 'the user has no password and no active key, only inactive ones'
        WHEN 'none' THEN 'the user has no password and no active key or certificate'
        WHEN 'more not shown' THEN
            'the user has more keys or certificates than the row of the report shows'
        WHEN 'not told' THEN 'the report does not tell of every credential whether the user has it'
    END AS reason,
    generated_time,
    CASE WHEN finding = 'more not shown' THEN 'iam:ListAccessKeys' END AS needs
FROM judged
