-- /// control
-- title = "No IAM user has more than one active access key"
-- severity = "low"
-- description = """
-- Two keys are for the days of a rotation; a second one that stays is one more to lose. The two \
-- flags of the row are judged, one row per user with exact names: tools that match users by part \
-- of the ARN count keys of bobby for bob. CIS audits this with ListAccessKeys; if a user has \
-- more keys than the row can show, and fewer than two are seen active, this is unknown. Root has \
-- root-no-access-keys. To allow a running rotation see rotation-not-half-finished."""
-- remediation = """
-- aws iam update-access-key --user-name USER --access-key-id KEY_ID --status Inactive for the \
-- one not in use, later aws iam delete-access-key"""
-- tags = ["access-key"]
-- columns = ["alarm_key"]
-- [frameworks]
-- "cis-aws-1.3.0" = ["1.13"]
-- "cis-aws-1.4.0" = ["1.13"]
-- "cis-aws-1.5.0" = ["1.13"]
-- "cis-aws-2.0.0" = ["1.13"]
-- "cis-aws-3.0.0" = ["1.13"]
-- "cis-aws-4.0.0" = ["1.13"]
-- "cis-aws-5.0.0" = ["1.12"]
-- "cis-aws-6.0.0" = ["2.12"]
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        generated_time,
        CASE
            WHEN access_key_1_active AND access_key_2_active THEN 'two'
            -- The row has room for two keys only.
            WHEN additional_credentials_info IS NOT NULL THEN 'more not shown'
            WHEN access_key_1_active IS NULL AND access_key_2_active IS NULL THEN 'not told'
            WHEN access_key_1_active IS NULL AND access_key_2_active THEN 'not told'
            WHEN access_key_2_active IS NULL AND access_key_1_active THEN 'not told'
            WHEN access_key_1_active OR access_key_2_active THEN 'one'
            WHEN access_key_1_active IS NULL OR access_key_2_active IS NULL THEN 'one at most'
            WHEN access_key_1_active = false AND access_key_2_active = false THEN 'none'
        END AS finding,
        CASE WHEN access_key_1_active THEN substr(replace(CAST(access_key_1_last_rotated AS VARCHAR), ' ', 'T'), 1, 19) || 'Z' ELSE '' END AS created_1,
        CASE WHEN access_key_2_active THEN substr(replace(CAST(access_key_2_last_rotated AS VARCHAR), ' ', 'T'), 1, 19) || 'Z' ELSE '' END AS created_2
    FROM credential_report
    WHERE (is_root IS DISTINCT FROM true)
)
SELECT
    account_id,
    "user",
    arn,
    CAST(NULL AS VARCHAR) AS credential,
    CASE
        WHEN finding IN ('more not shown', 'not told') THEN 'unknown'
        WHEN finding = 'two' THEN 'alarm'
        WHEN finding IN ('one', 'one at most', 'none') THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'two' THEN 'both access keys of the user are active'
        WHEN 'one' THEN 'the user has one active access key'
        WHEN 'one at most' THEN 'the user has one active access key at most'
        WHEN 'none' THEN 'the user has no active access key'
        WHEN 'more not shown' THEN
            'the user has more keys or certificates than the row of the report shows'
        WHEN 'not told' THEN 'the report does not tell of both access keys whether they are active'
    END AS reason,
    generated_time,
    -- Other keys make another alarm, whichever slots they are in.
    CASE WHEN created_1 <= created_2 THEN created_1 || ' ' || created_2 ELSE created_2 || ' ' || created_1 END AS alarm_key
FROM judged
