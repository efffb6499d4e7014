-- /// control
-- title = "IAM users with a console password have an MFA device"
-- severity = "high"
-- description = """
-- A password alone can be guessed, reused and phished. Every IAM user with a console password is \
-- judged; users without one are skipped, where some tools count them as passed. Root is not an \
-- IAM user and has controls of its own; a user that happens to be named root is judged."""
-- remediation = """
-- aws iam enable-mfa-device --user-name USER --serial-number ARN_OF_DEVICE \
-- --authentication-code1 CODE --authentication-code2 NEXT_CODE"""
-- tags = ["mfa", "password"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.2"]
-- "cis-aws-1.3.0" = ["1.10"]
-- "cis-aws-1.4.0" = ["1.10"]
-- "cis-aws-1.5.0" = ["1.10"]
-- "cis-aws-2.0.0" = ["1.10"]
-- "cis-aws-3.0.0" = ["1.10"]
-- "cis-aws-4.0.0" = ["1.10"]
-- "cis-aws-5.0.0" = ["1.9"]
-- "cis-aws-6.0.0" = ["2.9"]
-- "cis-aws-7.0.0" = ["2.10"]
-- "aws-fsbp" = ["IAM.5"]
-- "aws-security-hub" = ["IAM.5"]
-- "pci-dss-4.0.1" = ["8.4.2"]
-- "nist-800-53-r5" = ["AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"]
-- "nist-csf-2.0" = ["PR.AA-03"]
-- "soc-2" = ["CC6.1", "CC6.6"]
-- "iso-27001-2022" = ["A.5.17", "A.8.5"]
-- "hipaa" = ["164.312(a)(1)", "164.312(d)"]
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        generated_time,
        CASE
            WHEN password_enabled IS NULL AND mfa_active THEN 'mfa'
            WHEN password_enabled IS NULL THEN 'password not told'
            WHEN password_enabled = false THEN 'no password'
            WHEN mfa_active IS NULL THEN 'mfa not told'
            WHEN mfa_active THEN 'password and mfa'
            WHEN mfa_active = false THEN 'no mfa'
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
        WHEN finding IN ('password not told', 'mfa not told') THEN 'unknown'
        WHEN finding = 'no mfa' THEN 'alarm'
        WHEN finding = 'no password' THEN 'skip'
        WHEN finding IN ('mfa', 'password and mfa') THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'no mfa' THEN 'the user has a console password and no MFA device'
        WHEN 'password and mfa' THEN 'the user has a console password and an MFA device'
        WHEN 'mfa' THEN 'the user has an MFA device, whether or not it has a console password'
        WHEN 'no password' THEN 'the user has no console password'
        WHEN 'password not told' THEN
            'the report does not tell whether the user has a console password, and shows no MFA device'
        WHEN 'mfa not told' THEN
            'the user has a console password and the report does not tell whether it has an MFA device'
    END AS reason,
    generated_time
FROM judged
