-- /// control
-- title = "A key rotation ends with the old key deactivated"
-- severity = "medium"
-- description = """
-- Of two active keys the older one was replaced by the newer. If it is still used so many days \
-- later, the rotation was begun and never finished; that is the alarm. If it was not used since, \
-- it only has to be deactivated, which is info. Which key is older is told by dates, not by \
-- slots; the row names the older key. No benchmark asks for this."""
-- remediation = """
-- Move what still uses the old key, then aws iam update-access-key --user-name USER \
-- --access-key-id OLD_KEY_ID --status Inactive"""
-- tags = ["hygiene", "access-key", "rotation"]
-- [params.grace_days]
-- type = "integer"
-- default = 7
-- doc = "Days a rotation may take"
-- ///
WITH keys AS (
    SELECT
        account_id,
        "user",
        arn,
        source,
        generated_time,
        max(CASE WHEN active THEN 0 WHEN active IS NULL THEN 1 ELSE 0 END) AS not_told,
        count(CASE WHEN active THEN 1 END) AS active_keys,
        max(CASE WHEN slot = 1 AND active THEN created_time END) AS created_1,
        max(CASE WHEN slot = 2 AND active THEN created_time END) AS created_2,
        max(CASE WHEN slot = 1 AND active THEN last_used_time END) AS used_1,
        max(CASE WHEN slot = 2 AND active THEN last_used_time END) AS used_2,
        max(CASE WHEN slot = 1 AND active THEN last_used_status END) AS status_1,
        max(CASE WHEN slot = 2 AND active THEN last_used_status END) AS status_2,
        max(CASE WHEN slot = 1 AND active THEN age_days END) AS age_1,
        max(CASE WHEN slot = 2 AND active THEN age_days END) AS age_2
    FROM credentials
    WHERE (is_root IS DISTINCT FROM true) AND kind = 'access_key'
    GROUP BY account_id, source, "user", arn, generated_time
),
pairs AS (
    SELECT
        *,
        CASE WHEN created_1 < created_2 THEN 1 WHEN created_2 < created_1 THEN 2 END AS old_slot,
        CASE WHEN created_1 < created_2 THEN created_2 WHEN created_2 < created_1 THEN created_1 END AS replaced_time,
        CASE WHEN created_1 < created_2 THEN used_1 WHEN created_2 < created_1 THEN used_2 END AS old_used_time,
        CASE WHEN created_1 < created_2 THEN status_1 WHEN created_2 < created_1 THEN status_2 END AS old_used_status,
        CASE WHEN created_1 < created_2 THEN age_2 WHEN created_2 < created_1 THEN age_1 END AS new_age_days
    FROM keys
),
judged AS (
    SELECT
        *,
        CASE
            WHEN active_keys < 2 AND not_told = 1 THEN 'keys not told'
            WHEN active_keys < 2 THEN 'no two keys'
            WHEN created_1 IS NULL OR created_2 IS NULL THEN 'creation not told'
            WHEN created_1 = created_2 THEN 'same age'
            WHEN new_age_days IS NULL THEN 'creation not told'
            WHEN new_age_days < $grace_days THEN 'under way'
            WHEN old_used_status = 'used' AND to_unixtime(old_used_time) >= to_unixtime(replaced_time) + $grace_days * 86400 THEN 'old still used'
            WHEN old_used_status = 'unknown' THEN 'use not told'
            ELSE 'old not used'
        END AS finding
    FROM pairs
)
SELECT
    account_id,
    "user",
    arn,
    'access_key_' || CAST(old_slot AS VARCHAR) AS credential,
    CASE
        WHEN finding IN ('keys not told', 'creation not told', 'use not told') THEN 'unknown'
        WHEN finding = 'old still used' THEN 'alarm'
        WHEN finding = 'old not used' THEN 'info'
        WHEN finding IN ('no two keys', 'same age') THEN 'skip'
        WHEN finding = 'under way' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'old still used' THEN
            'the key was replaced '
            || CASE new_age_days WHEN 1 THEN '1 day' ELSE CAST(new_age_days AS VARCHAR) || ' days' END
            || ' ago and was still used after the days of grace, on ' || date_format(old_used_time, '%Y-%m-%d')
            || ' (grace: ' || CAST($grace_days AS VARCHAR) || ' days)'
        WHEN 'old not used' THEN
            'the key was replaced '
            || CASE new_age_days WHEN 1 THEN '1 day' ELSE CAST(new_age_days AS VARCHAR) || ' days' END
            || ' ago, was not used after the days of grace and is still active (grace: '
            || CAST($grace_days AS VARCHAR) || ' days)'
        WHEN 'under way' THEN
            'the key was replaced '
            || CASE new_age_days WHEN 1 THEN '1 day' ELSE CAST(new_age_days AS VARCHAR) || ' days' END
            || ' ago (grace: ' || CAST($grace_days AS VARCHAR) || ' days)'
        WHEN 'no two keys' THEN 'the report shows fewer than two active keys of the user'
        WHEN 'same age' THEN
            'both keys were created at the same time, so neither replaces the other'
        WHEN 'keys not told' THEN
            'the report does not tell of both access keys whether they are active'
        WHEN 'creation not told' THEN
            'the report does not tell, or not credibly, when both keys were created'
        WHEN 'use not told' THEN 'the report does not tell whether the older key was used'
    END AS reason,
    generated_time
FROM judged
