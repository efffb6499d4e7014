-- /// control
-- title = "The report shows every access key and certificate of the user"
-- severity = "low"
-- description = """
-- A row has room for two access keys and two signing certificates. Where a user has more, AWS \
-- says so in additional_credentials_info, and what is judged of that user by this report is \
-- judged of a part. Reports without that column are normal and pass. Service-specific \
-- credentials and SSH keys are never in a report."""
-- remediation = """
-- See all of them: aws iam list-access-keys --user-name USER and aws iam \
-- list-signing-certificates --user-name USER"""
-- tags = ["hygiene", "report"]
-- ///
SELECT
    account_id,
    "user",
    arn,
    CAST(NULL AS VARCHAR) AS credential,
    CASE
        WHEN additional_credentials_info IS NULL THEN 'ok'
        WHEN additional_credentials_info IS NOT NULL THEN 'info'
        ELSE 'unknown'
    END AS status,
    CASE
        WHEN additional_credentials_info IS NULL THEN 'the report names no further credentials'
        ELSE 'the user has more keys or certificates than the row shows: ' || additional_credentials_info
    END AS reason,
    generated_time
FROM credential_report
