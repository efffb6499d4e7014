-- /// control
-- title = "Every IAM user has an MFA device"
-- severity = "medium"
-- description = """
-- Security Hub control IAM.19 asks for an MFA device of every IAM user, whether the user has a \
-- password, only keys or nothing at all. It is no benchmark control: services that sign in with \
-- keys alone fail it by design. For people see console-users-have-mfa. Root is not judged here."""
-- remediation = """
-- aws iam enable-mfa-device --user-name USER --serial-number ARN_OF_DEVICE \
-- --authentication-code1 CODE --authentication-code2 NEXT_CODE"""
-- tags = ["mfa"]
-- [frameworks]
-- "aws-security-hub" = ["IAM.19"]
-- "pci-dss-3.2.1" = ["8.3.1"]
-- "pci-dss-4.0.1" = ["8.4.2"]
-- "nist-800-53-r5" = ["AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"]
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        generated_time,
        CASE
            WHEN mfa_active IS NULL THEN 'mfa not told'
            WHEN mfa_active THEN 'mfa'
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
        WHEN finding = 'mfa not told' THEN 'unknown'
        WHEN finding = 'no mfa' THEN 'alarm'
        WHEN finding = 'mfa' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'no mfa' THEN 'the user has no MFA device'
        WHEN 'mfa' THEN 'the user has an MFA device'
        WHEN 'mfa not told' THEN 'the report does not tell whether the user has an MFA device'
    END AS reason,
    generated_time
FROM judged
