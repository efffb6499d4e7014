-- /// query
-- title = "Credentials that lay idle for long and then were used"
-- description = """
-- A key or password that nobody used for months and that is used again was perhaps found by \
-- somebody else. Compares the dates of last use that consecutive reports tell of each credential; \
-- the first use of one that no report showed as used counts from its creation. Uses between two \
-- reports show as the last of them only."""
-- tags = ["changes", "usage", "unused"]
-- [params.idle_days]
-- type = "integer"
-- default = 90
-- doc = "Idle for so many days or more before the use"
-- ///
WITH uses AS (
    SELECT
        account_id,
        arn,
        kind,
        -- A key is known by its time of creation, a password by its user.
        CASE kind WHEN 'access_key' THEN created_time END AS key_created_time,
        last_used_time,
        max(account_name) AS account_name,
        max("user") AS "user",
        min(created_time) AS created_time,
        min(generated_time) AS first_seen_time,
        max(generated_time) AS last_seen_time
    FROM credentials_history
    WHERE arn IS NOT NULL
        AND kind IN ('password', 'access_key')
        AND last_used_status IN ('used', 'never')
        AND active IS NOT NULL
        AND (created_time IS NOT NULL OR kind = 'password')
    GROUP BY account_id, arn, kind, CASE kind WHEN 'access_key' THEN created_time END, last_used_time
),
consecutive AS (
    SELECT
        *,
        lag(first_seen_time) OVER by_time AS before_first_seen_time,
        lag(last_seen_time) OVER by_time AS before_seen_time,
        lag(last_used_time) OVER by_time AS before_used_time,
        lag(created_time) OVER by_time AS before_created_time
    FROM uses
    WINDOW by_time AS (
        PARTITION BY account_id, arn, kind, key_created_time
        ORDER BY first_seen_time, last_used_time NULLS FIRST
    )
),
idle AS (
    SELECT
        *,
        CASE WHEN before_used_time IS NULL THEN 'created' ELSE 'last_used' END AS idle_basis,
        coalesce(before_used_time, before_created_time) AS idle_since
    FROM consecutive
    WHERE before_first_seen_time IS NOT NULL
)
SELECT
    account_id,
    account_name,
    "user",
    arn,
    kind,
    created_time,
    idle_since,
    idle_basis,
    last_used_time AS used_again_time,
    date_diff('day', idle_since, last_used_time) AS idle_days,
    before_seen_time AS last_seen_idle_time,
    first_seen_time AS generated_time
FROM idle
WHERE date_diff('day', idle_since, last_used_time) >= $idle_days
ORDER BY used_again_time DESC, account_id, "user", kind
