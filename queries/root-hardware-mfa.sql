-- /// control
-- title = "The root user has a hardware MFA device, or no credentials"
-- severity = "critical"
-- description = """
-- A hardware device cannot be copied or phished as easily as an app on a phone. A report tells \
-- whether there is a device, not of which kind: no device is a sure failure, a device stays \
-- unknown unless --enrich lists virtual devices. One of root is an alarm, also beside a hardware \
-- device (root may have eight), since root can sign in with it; so is one left over under the name \
-- that the audit of CIS searches for. What is not virtual passes: a security key, a token, or a \
-- passkey, which no list tells apart. Root without a password and without active keys passes, as \
-- in Security Hub; root of GovCloud and China is skipped unless its row shows a password."""
-- remediation = """
-- Sign in as root, assign a FIDO2 security key or hardware token, and remove virtual devices; then \
-- see that aws iam list-virtual-mfa-devices does not list one of root"""
-- tags = ["root", "mfa"]
-- columns = ["needs"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.14"]
-- "cis-aws-1.3.0" = ["1.6"]
-- "cis-aws-1.4.0" = ["1.6"]
-- "cis-aws-1.5.0" = ["1.6"]
-- "cis-aws-2.0.0" = ["1.6"]
-- "cis-aws-3.0.0" = ["1.6"]
-- "cis-aws-4.0.0" = ["1.6"]
-- "cis-aws-5.0.0" = ["1.5"]
-- "cis-aws-6.0.0" = ["2.5"]
-- "cis-aws-7.0.0" = ["2.6"]
-- "aws-fsbp" = ["IAM.6"]
-- "aws-security-hub" = ["IAM.6"]
-- "pci-dss-3.2.1" = ["8.3.1"]
-- "pci-dss-4.0.1" = ["8.4.2"]
-- "nist-800-53-r5" = ["AC-2(1)", "AC-3(15)", "IA-2(1)", "IA-2(2)", "IA-2(6)", "IA-2(8)"]
-- ///
WITH listed AS (
    SELECT account_id, count(*) AS answers
    FROM enrichment
    WHERE action = 'iam:ListVirtualMFADevices' AND error IS NULL
    GROUP BY account_id
),
virtual AS (
    SELECT account_id, count(CASE WHEN is_root AND is_assigned THEN 1 END) AS in_use, count(CASE WHEN is_root THEN 1 END) AS devices
    FROM virtual_mfa_devices
    GROUP BY account_id
),
judged AS (
    SELECT
        credential_report.account_id,
        "user",
        arn,
        partition,
        generated_time,
        CASE
            WHEN mfa_active AND answers IS NULL THEN 'kind not told'
            WHEN mfa_active AND in_use > 0 THEN 'virtual'
            WHEN mfa_active AND devices > 0 THEN 'left over'
            WHEN mfa_active THEN 'hardware'
            WHEN partition IN ('aws-us-gov', 'aws-cn') AND (password_enabled IS DISTINCT FROM true) THEN 'no sign-in'
            WHEN password_enabled = false AND access_key_1_active = false AND access_key_2_active = false THEN 'no credentials'
            WHEN mfa_active IS NULL THEN 'mfa not told'
            WHEN password_enabled OR access_key_1_active OR access_key_2_active THEN 'no mfa'
            -- Root users without a password came with central root access, in November 2024.
            WHEN password_enabled IS NULL AND generated_time < TIMESTAMP '2024-11-14 00:00:00' THEN 'no mfa'
            ELSE 'credentials not told'
        END AS finding
    FROM credential_report
    LEFT JOIN listed ON listed.account_id = credential_report.account_id
    LEFT JOIN virtual ON virtual.account_id = credential_report.account_id
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
        WHEN finding IN ('kind not told', 'mfa not told', 'credentials not told', 'no row') THEN 'unknown'
        WHEN finding IN ('no mfa', 'virtual', 'left over') THEN 'alarm'
        WHEN finding = 'no sign-in' THEN 'skip'
        WHEN finding IN ('no credentials', 'hardware') THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'no mfa' THEN 'the root user has no MFA device at all'
        WHEN 'virtual' THEN
            'the root user can sign in with a virtual MFA device, whether or not it has a hardware device as well'
        WHEN 'left over' THEN
            'the root user has an MFA device that is not virtual, but a virtual one of root that is assigned to '
            || 'nobody is left over, which the audit of CIS counts; it can be deleted'
        WHEN 'hardware' THEN 'the root user has an MFA device and no virtual one: a hardware device or a passkey'
        WHEN 'no credentials' THEN 'the root user has neither a password nor an active access key'
        WHEN 'no sign-in' THEN
            'nobody signs in as the root user of an account in partition ' || partition
        WHEN 'kind not told' THEN
            'the root user has an MFA device, but no report tells of which kind; iam:ListVirtualMFADevices does'
        WHEN 'mfa not told' THEN 'the report does not tell whether the root user has an MFA device'
        WHEN 'credentials not told' THEN
            'the root user has no MFA device and the report does not tell whether it has credentials'
        WHEN 'no row' THEN 'the report has no row of the root user'
    END AS reason,
    generated_time,
    CASE WHEN finding = 'kind not told' THEN 'iam:ListVirtualMFADevices' END AS needs
FROM judged
