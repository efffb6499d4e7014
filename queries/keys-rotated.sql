-- /// control
-- title = "Active access keys are rotated within a set number of days"
-- severity = "medium"
-- description = """
-- An old key has had more chances to be copied. Each active key is judged by the day it was \
-- created (AWS calls it rotated); more than the limit is an alarm, so a key exactly 90 days old \
-- passes. Inactive keys are skipped. Root keys are judged too: the audit of the benchmark reads \
-- every row of the report and removes root only from the control on unused credentials, where \
-- tools that list keys per user never see them."""
-- remediation = """
-- aws iam create-access-key --user-name USER, move the use over, then aws iam update-access-key \
-- --user-name USER --access-key-id OLD_KEY_ID --status Inactive"""
-- tags = ["access-key", "rotation"]
-- columns = ["age_days"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.4"]
-- "cis-aws-1.3.0" = ["1.14"]
-- "cis-aws-1.4.0" = ["1.14"]
-- "cis-aws-1.5.0" = ["1.14"]
-- "cis-aws-2.0.0" = ["1.14"]
-- "cis-aws-3.0.0" = ["1.14"]
-- "cis-aws-4.0.0" = ["1.14"]
-- "cis-aws-5.0.0" = ["1.13"]
-- "cis-aws-6.0.0" = ["2.13"]
-- "cis-aws-7.0.0" = ["2.12"]
-- "aws-fsbp" = ["IAM.3"]
-- "aws-security-hub" = ["IAM.3"]
-- "pci-dss-4.0.1" = ["8.3.9", "8.6.3"]
-- "nist-800-53-r5" = ["AC-2(1)", "AC-2(3)", "AC-3(15)"]
-- "nist-csf-2.0" = ["PR.AA-01"]
-- "soc-2" = ["CC6.1"]
-- "iso-27001-2022" = ["A.5.15", "A.5.17"]
-- "hipaa" = ["164.308(a)(5)(ii)(D)"]
-- [params.max_age_days]
-- type = "integer"
-- default = 90
-- doc = "Oldest acceptable age of an active key, in days"
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        kind,
        slot,
        generated_time,
        created_time,
        age_days,
        CASE
            WHEN active IS NULL THEN 'existence not told'
            WHEN active = false THEN 'inactive'
            WHEN created_time IS NULL THEN 'creation not told'
            WHEN age_days IS NULL THEN 'created in the future'
            WHEN age_days > $max_age_days THEN 'old'
            WHEN age_days <= $max_age_days THEN 'rotated'
        END AS finding
    FROM credentials
    WHERE kind = 'access_key'
)
SELECT
    account_id,
    "user",
    arn,
    CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END AS credential,
    CASE
        WHEN finding IN ('existence not told', 'creation not told', 'created in the future') THEN 'unknown'
        WHEN finding = 'old' THEN 'alarm'
        WHEN finding = 'inactive' THEN 'skip'
        WHEN finding = 'rotated' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'old' THEN
            'the key is '
            || CASE age_days WHEN 1 THEN '1 day' ELSE CAST(age_days AS VARCHAR) || ' days' END
            || ' old, created on ' || date_format(created_time, '%Y-%m-%d') || ' (limit: '
            || CAST($max_age_days AS VARCHAR) || ' days)'
        WHEN 'rotated' THEN
            'the key is '
            || CASE age_days WHEN 1 THEN '1 day' ELSE CAST(age_days AS VARCHAR) || ' days' END
            || ' old, created on ' || date_format(created_time, '%Y-%m-%d') || ' (limit: '
            || CAST($max_age_days AS VARCHAR) || ' days)'
        WHEN 'inactive' THEN 'the key is not active'
        WHEN 'existence not told' THEN
            'the report does not tell whether there is an active key in this slot'
        WHEN 'creation not told' THEN 'the report does not tell when the key was created'
        WHEN 'created in the future' THEN
            'the report says that the key was created in its future, on '
            || date_format(created_time, '%Y-%m-%d')
    END AS reason,
    generated_time,
    age_days
FROM judged
