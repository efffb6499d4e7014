-- /// control
-- title = "The root user has an MFA device, or no password to sign in with"
-- severity = "critical"
-- description = """
-- Whoever learns the password of the root user owns the account, unless a second factor is asked \
-- for. This is the reading of CIS 5.0.0 and later: an account whose root user has no password \
-- passes, with active root keys being the matter of root-no-access-keys; Security Hub wants MFA \
-- there too, see root-mfa-enabled-always. Root of GovCloud and China is skipped unless its row \
-- shows a password, where many tools report it. A report that does not tell of the password is \
-- unknown, but an alarm if it was made before root users without one existed."""
-- remediation = """
-- Sign in as root and assign an MFA device under Security credentials; for member accounts of an \
-- organization, remove root credentials instead: aws iam \
-- enable-organizations-root-credentials-management"""
-- tags = ["root", "mfa"]
-- [frameworks]
-- "cis-aws-5.0.0" = ["1.4"]
-- "cis-aws-6.0.0" = ["2.4"]
-- "cis-aws-7.0.0" = ["2.5"]
-- "nist-csf-2.0" = ["PR.AA-03"]
-- "soc-2" = ["CC6.1", "CC6.6"]
-- "iso-27001-2022" = ["A.5.17", "A.8.5"]
-- "hipaa" = ["164.312(d)"]
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
            WHEN password_enabled IS NULL AND mfa_active IS NULL THEN 'nothing told'
            -- Root users without a password came with central root access, in November 2024.
            WHEN password_enabled IS NULL AND generated_time < TIMESTAMP '2024-11-14 00:00:00' THEN 'no mfa of old'
            WHEN password_enabled IS NULL THEN 'password not told'
            WHEN password_enabled = false THEN 'no password'
            WHEN mfa_active IS NULL THEN 'mfa not told'
            WHEN mfa_active = false THEN 'no mfa'
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
        WHEN finding IN ('nothing told', 'password not told', 'mfa not told', 'no row') THEN 'unknown'
        WHEN finding IN ('no mfa', 'no mfa of old') THEN 'alarm'
        WHEN finding = 'no sign-in' THEN 'skip'
        WHEN finding IN ('mfa', 'no password') THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'mfa' THEN 'the root user has an MFA device'
        WHEN 'no password' THEN 'the root user has no password, so nobody can sign in as root'
        WHEN 'no sign-in' THEN
            'nobody signs in as the root user of an account in partition ' || partition
        WHEN 'no mfa' THEN 'the root user has a password and no MFA device'
        WHEN 'no mfa of old' THEN
            'the root user has no MFA device; the report does not tell whether it has a password, but in '
            || date_format(generated_time, '%Y') || ' every root user had one'
        WHEN 'password not told' THEN
            'the root user has no MFA device and the report does not tell whether it has a password'
        WHEN 'mfa not told' THEN
            'the root user has a password and the report does not tell whether it has an MFA device'
        WHEN 'nothing told' THEN
            'the report tells neither whether the root user has an MFA device nor whether it has a password'
        WHEN 'no row' THEN 'the report has no row of the root user'
    END AS reason,
    generated_time
FROM judged
