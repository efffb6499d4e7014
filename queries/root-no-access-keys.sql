-- /// control
-- title = "The root user has no active access key"
-- severity = "critical"
-- description = """
-- A key of the root user can do everything in the account and no policy in the account limits \
-- it. Both key flags of the root row are judged, in every partition. An inactive key passes, as \
-- the audit of the benchmark reads the flags; the reason then says that it is there, where \
-- account-summary counts such a key as present."""
-- remediation = """
-- Sign in as root and delete the keys under Security credentials, or, with central root access, \
-- aws sts assume-root --target-principal ACCOUNT_ID --task-policy-arn \
-- arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials and then aws iam \
-- delete-access-key --access-key-id KEY_ID"""
-- tags = ["root", "access-key"]
-- columns = ["alarm_key"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.12"]
-- "cis-aws-1.3.0" = ["1.4"]
-- "cis-aws-1.4.0" = ["1.4"]
-- "cis-aws-1.5.0" = ["1.4"]
-- "cis-aws-2.0.0" = ["1.4"]
-- "cis-aws-3.0.0" = ["1.4"]
-- "cis-aws-4.0.0" = ["1.4"]
-- "cis-aws-5.0.0" = ["1.3"]
-- "cis-aws-6.0.0" = ["2.3"]
-- "cis-aws-7.0.0" = ["2.4"]
-- "aws-fsbp" = ["IAM.4"]
-- "aws-security-hub" = ["IAM.4"]
-- "pci-dss-3.2.1" = ["2.1", "2.2", "7.2.1"]
-- "nist-800-53-r5" = ["AC-2(1)", "AC-3(7)", "AC-3(15)", "AC-6", "AC-6(2)", "AC-6(10)"]
-- "nist-csf-2.0" = ["PR.AA-05"]
-- "soc-2" = ["CC6.1", "CC6.3"]
-- "iso-27001-2022" = ["A.5.15", "A.8.2"]
-- "hipaa" = ["164.312(a)(2)(i)"]
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        generated_time,
        CASE
            -- One key that is certainly active is enough.
            WHEN access_key_1_active AND access_key_2_active THEN 'both'
            WHEN access_key_1_active THEN 'key 1'
            WHEN access_key_2_active THEN 'key 2'
            WHEN access_key_1_active IS NULL OR access_key_2_active IS NULL THEN 'not told'
            WHEN access_key_1_last_rotated IS NOT NULL OR access_key_2_last_rotated IS NOT NULL THEN 'inactive'
            WHEN access_key_1_active = false AND access_key_2_active = false THEN 'none'
        END AS finding,
        CASE WHEN access_key_1_active THEN substr(replace(CAST(access_key_1_last_rotated AS VARCHAR), ' ', 'T'), 1, 19) || 'Z' ELSE '' END AS created_1,
        CASE WHEN access_key_2_active THEN substr(replace(CAST(access_key_2_last_rotated AS VARCHAR), ' ', 'T'), 1, 19) || 'Z' ELSE '' END AS created_2
    FROM credential_report
    WHERE is_root
    UNION ALL
    SELECT
        account_id,
        '<root_account>' AS "user",
        CAST(NULL AS VARCHAR) AS arn,
        generated_time,
        'no row' AS finding,
        '' AS created_1,
        '' AS created_2
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
        WHEN finding IN ('not told', 'no row') THEN 'unknown'
        WHEN finding IN ('both', 'key 1', 'key 2') THEN 'alarm'
        WHEN finding IN ('inactive', 'none') THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'both' THEN 'both access keys of the root user are active'
        WHEN 'key 1' THEN 'access key 1 of the root user is active'
        WHEN 'key 2' THEN 'access key 2 of the root user is active'
        WHEN 'inactive' THEN
            'no access key of the root user is active; an inactive one is still there and can be deleted'
        WHEN 'none' THEN 'the root user has no access key'
        WHEN 'not told' THEN 'the report does not tell of both access keys whether they are active'
        WHEN 'no row' THEN 'the report has no row of the root user'
    END AS reason,
    generated_time,
    -- Other keys make another alarm, whichever slots they are in.
    CASE WHEN created_1 <= created_2 THEN created_1 || ' ' || created_2 ELSE created_2 || ' ' || created_1 END AS alarm_key
FROM judged
