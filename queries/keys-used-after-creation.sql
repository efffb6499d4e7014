-- /// control
-- title = "Active access keys are used soon after they are created"
-- severity = "low"
-- description = """
-- A key that was made and never used lies somewhere, in a mail or on a disk. So many days or \
-- more after its creation without a use is an alarm; root keys are judged too. AWS records the \
-- use of keys since 2015-04-22 only, so a much older key may have been used before. \
-- no-key-at-setup-by-use is the benchmark control, without grace and for users with passwords."""
-- remediation = "aws iam delete-access-key --user-name USER --access-key-id KEY_ID"
-- tags = ["hygiene", "access-key", "unused"]
-- columns = ["age_days"]
-- [params.grace_days]
-- type = "integer"
-- default = 7
-- doc = "Days after which a key should have been used"
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
            WHEN last_used_status = 'used' THEN 'used'
            WHEN last_used_status = 'unknown' THEN 'use not told'
            WHEN age_days IS NULL THEN 'creation not told'
            WHEN age_days >= $grace_days THEN 'never used'
            WHEN age_days < $grace_days THEN 'new'
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
        WHEN finding IN ('existence not told', 'use not told', 'creation not told') THEN 'unknown'
        WHEN finding = 'never used' THEN 'alarm'
        WHEN finding = 'inactive' THEN 'skip'
        WHEN finding IN ('used', 'new') THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'never used' THEN
            'the key was never used since it was created '
            || CASE age_days WHEN 1 THEN '1 day' ELSE CAST(age_days AS VARCHAR) || ' days' END
            || ' ago, on ' || date_format(created_time, '%Y-%m-%d') || ' (grace: '
            || CAST($grace_days AS VARCHAR) || ' days)'
        WHEN 'new' THEN
            'the key was created '
            || CASE age_days WHEN 1 THEN '1 day' ELSE CAST(age_days AS VARCHAR) || ' days' END
            || ' ago and not used yet (grace: ' || CAST($grace_days AS VARCHAR) || ' days)'
        WHEN 'used' THEN 'the key has been used'
        WHEN 'inactive' THEN 'the key is not active'
        WHEN 'existence not told' THEN
            'the report does not tell whether there is an active key in this slot'
        WHEN 'use not told' THEN 'the report does not tell whether the key was used'
        WHEN 'creation not told' THEN
            'the key was never used; the report does not tell, or not credibly, when it was created'
    END AS reason,
    generated_time,
    age_days
FROM judged
