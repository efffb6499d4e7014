-- /// control
-- title = "The root user has an MFA device"
-- severity = "critical"
-- description = """
-- The reading of CIS 1.2.0 to 4.0.0 and of Security Hub: an MFA device whatever else root has; \
-- root-mfa-enabled has the reading of CIS 5.0.0 and later. A root user with neither password nor \
-- keys (central root access) is skipped: those versions were written before it existed, and \
-- Security Hub passes it. Root of GovCloud and China is skipped unless its row shows a password."""
-- remediation = """
-- Sign in as root and assign an MFA device under Security credentials; see root-mfa-enabled for \
-- accounts of an organization"""
-- tags = ["root", "mfa"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.13"]
-- "cis-aws-1.3.0" = ["1.5"]
-- "cis-aws-1.4.0" = ["1.5"]
-- "cis-aws-1.5.0" = ["1.5"]
-- "cis-aws-2.0.0" = ["1.5"]
-- "cis-aws-3.0.0" = ["1.5"]
-- "cis-aws-4.0.0" = ["1.5"]
-- "aws-security-hub" = ["IAM.9"]
-- "pci-dss-3.2.1" = ["8.3.1"]
-- "pci-dss-4.0.1" = ["8.4.2"]
-- "nist-800-53-r5" = ["AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"]
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        partition,
        generated_time,
        CASE
            WHEN mfa_active THEN 'mfa'
            WHEN partition IN ('aws-us-gov', 'aws-cn') AND (password_enabled IS DISTINCT FROM true) THEN 'no sign-in'
            WHEN mfa_active IS NULL THEN 'mfa not told'
            WHEN password_enabled IS NULL OR password_enabled THEN 'no mfa'
            WHEN access_key_1_active OR access_key_2_active THEN 'no mfa but key'
            WHEN access_key_1_active IS NULL OR access_key_2_active IS NULL THEN 'keys not told'
            WHEN access_key_1_active = false AND access_key_2_active = false THEN 'no credentials'
        END AS finding
    FROM credential_report
    WHERE is_root
    UNION ALL
    SELECT
        account_id,
        '<root_account>' AS "user",
        CAST(NULL AS VARCHAR) AS arn,
        CAST(NULL AS VARCHAR) AS partition,
        generated_time,
        'no row' AS finding
    FROM credential_report
    GROUP BY account_id, source, generated_time
    HAVING max(CASE WHEN is_root THEN 1 ELSE 0 END) = 0
)
SELECT
    account_id,
    "user",
    arn,
    CAST(NULL AS VARCHAR) AS credential,
    CASE
        WHEN finding IN ('mfa not told', 'keys not told', 'no row') THEN 'unknown'
        WHEN finding IN ('no mfa', 'no mfa but key') THEN 'alarm'
        WHEN finding IN ('no sign-in', 'no credentials') THEN 'skip'
        WHEN finding = 'mfa' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'mfa' THEN 'the root user has an MFA device'
        WHEN 'no sign-in' THEN
            'nobody signs in as the root user of an account in partition ' || partition
        WHEN 'no credentials' THEN
            'the root user has neither a password nor an active access key, which this version of the benchmark does not provide for'
        WHEN 'no mfa' THEN 'the root user has no MFA device'
        WHEN 'no mfa but key' THEN
            'the root user has no MFA device and no password, but an active access key'
        WHEN 'mfa not told' THEN 'the report does not tell whether the root user has an MFA device'
        WHEN 'keys not told' THEN
            'the root user has no MFA device and no password; the report does not tell whether it has access keys'
        WHEN 'no row' THEN 'the report has no row of the root user'
    END AS reason,
    generated_time
FROM judged
