-- The ids of access keys, each with the slot that the latest report shows it in.
--
-- A report names no key; it tells when the key in each slot was created, to the second. Keys of one
-- user created in the same second are told apart by whether they are active, if that differs; where
-- it does not, or a key of that second is gone, nothing is guessed.
WITH slots AS (
    SELECT arn, 1 AS slot, access_key_1_active AS active, access_key_1_last_rotated AS created_time
    FROM credential_report
    UNION ALL
    SELECT arn, 2 AS slot, access_key_2_active AS active, access_key_2_last_rotated AS created_time
    FROM credential_report
),
users AS (
    SELECT
        arn,
        -- A key without a date, or a slot of which nothing is told.
        count(CASE WHEN created_time IS NULL AND (active IS DISTINCT FROM false) THEN 1 END) AS undated
    FROM slots
    WHERE arn IS NOT NULL
    GROUP BY arn
),
seconds AS (
    SELECT
        arn,
        date_trunc('second', created_time) AS made,
        count(*) AS slots,
        min(slot) AS any_slot,
        count(CASE WHEN active THEN 1 END) AS active_slots,
        min(CASE WHEN active THEN slot END) AS active_slot,
        count(CASE WHEN active = false THEN 1 END) AS inactive_slots,
        min(CASE WHEN active = false THEN slot END) AS inactive_slot
    FROM slots
    WHERE created_time IS NOT NULL
    GROUP BY arn, date_trunc('second', created_time)
),
listed AS (
    SELECT
        *,
        date_trunc('second', created_time) AS made,
        count(*) OVER (PARTITION BY arn, date_trunc('second', created_time)) AS twins,
        count(CASE WHEN active THEN 1 END) OVER (PARTITION BY arn, date_trunc('second', created_time)) AS active_twins
    FROM listed_access_keys
),
judged AS (
    SELECT
        listed.*,
        seconds.any_slot,
        seconds.active_slot,
        seconds.inactive_slot,
        CASE
            WHEN users.arn IS NULL THEN 'user not in report'
            WHEN seconds.made IS NULL AND users.undated > 0 THEN 'no date in report'
            WHEN seconds.made IS NULL THEN 'not in report'
            WHEN listed.twins = 1 AND seconds.slots = 1 THEN 'created_time'
            WHEN listed.twins = 2 AND listed.active_twins = 1 AND seconds.active_slots = 1
                AND seconds.inactive_slots = 1 THEN 'created_time and active'
            ELSE 'ambiguous'
        END AS slot_basis
    FROM listed
    LEFT JOIN users ON users.arn = listed.arn
    LEFT JOIN seconds ON seconds.arn = listed.arn AND seconds.made = listed.made
)
SELECT
    account_id,
    account_name,
    partition,
    "user",
    arn,
    access_key_id,
    status,
    active,
    created_time,
    CAST(
        CASE
            WHEN slot_basis = 'created_time' THEN any_slot
            WHEN slot_basis = 'created_time and active' AND active THEN active_slot
            WHEN slot_basis = 'created_time and active' THEN inactive_slot
        END AS BIGINT
    ) AS slot,
    slot_basis,
    collected_time
FROM judged
