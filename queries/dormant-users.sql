-- /// control
-- title = "IAM users who can sign in do so now and then"
-- severity = "low"
-- description = """
-- The whole user is judged, not each credential: the alarm says that neither the password nor \
-- any key was used for so many days, so that the user can go. Credentials never used count from \
-- their creation; the last use of a key that is inactive by now counts as activity. Signing \
-- certificates are left out, because no report shows their use, and root has root-not-used. \
-- Users without a password or key have no row."""
-- remediation = """
-- Ask the owner, then aws iam delete-login-profile --user-name USER and aws iam \
-- update-access-key --user-name USER --access-key-id KEY_ID --status Inactive"""
-- tags = ["hygiene", "unused"]
-- columns = ["idle_days"]
-- [params.max_idle_days]
-- type = "integer"
-- default = 90
-- doc = "A user without any activity for so many days or more is an alarm"
-- ///
WITH users AS (
    SELECT
        account_id,
        "user",
        arn,
        generated_time,
        count(CASE WHEN active THEN 1 END) AS usable,
        count(CASE WHEN active IS NULL THEN 1 END) AS existence_not_told,
        min(CASE WHEN last_used_status = 'used' OR active THEN idle_days END) AS idle_days,
        count(CASE WHEN idle_days IS NULL AND (active OR last_used_status <> 'never') THEN 1 END) AS idle_not_told,
        -- Younger than the user, but nobody knows by how much.
        count(CASE WHEN active AND idle_basis = 'user_created' THEN 1 END) AS creation_not_told
    FROM credentials
    WHERE (is_root IS DISTINCT FROM true) AND kind IN ('password', 'access_key')
    GROUP BY account_id, source, "user", arn, generated_time
),
judged AS (
    SELECT
        *,
        CASE
            WHEN idle_days < $max_idle_days AND usable > 0 THEN 'active'
            WHEN existence_not_told > 0 THEN 'existence not told'
            WHEN usable = 0 THEN 'nothing usable'
            WHEN idle_not_told > 0 OR creation_not_told > 0 THEN 'idle not told'
            WHEN idle_days >= $max_idle_days THEN 'dormant'
        END AS finding
    FROM users
)
SELECT
    account_id,
    "user",
    arn,
    CAST(NULL AS VARCHAR) AS credential,
    CASE
        WHEN finding IN ('existence not told', 'idle not told') THEN 'unknown'
        WHEN finding = 'dormant' THEN 'alarm'
        WHEN finding = 'nothing usable' THEN 'skip'
        WHEN finding = 'active' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'dormant' THEN
            'nothing of the user was used for '
            || CASE idle_days WHEN 1 THEN '1 day' ELSE CAST(idle_days AS VARCHAR) || ' days' END
            || ' (limit: ' || CAST($max_idle_days AS VARCHAR) || ' days)'
        WHEN 'active' THEN
            'the user was last active, or got its newest credential, '
            || CASE idle_days WHEN 1 THEN '1 day' ELSE CAST(idle_days AS VARCHAR) || ' days' END
            || ' ago (limit: ' || CAST($max_idle_days AS VARCHAR) || ' days)'
        WHEN 'nothing usable' THEN 'the user has no password and no active key'
        WHEN 'existence not told' THEN
            'the report does not tell of every credential whether the user has it'
        WHEN 'idle not told' THEN
            'the report does not tell, or not credibly, when a credential of the user was last used or, if never, since when it exists'
    END AS reason,
    generated_time,
    idle_days
FROM judged
