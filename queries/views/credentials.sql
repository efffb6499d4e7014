-- One row per password, access key or signing certificate.
--
-- Stands on report_states: the report table with clock_time and cell_states, whose letters say what
-- each cell said: v value, a N/A, i no_information, s not_supported, e empty, m missing column,
-- u unreadable. Portable between DataFusion and Trino: constant list first so that the wide table
-- streams, no IS TRUE, date_diff for whole elapsed days.
--
-- A key or certificate exists if it is active or any of its dates exists; a password exists only
-- if password_enabled is true, but one that root no longer has keeps its row, with active false, if
-- its use is on record or cannot be told. Where existence cannot be told there is a row with active
-- NULL.
WITH wide AS (
    SELECT
        *,
        -- A time on the stroke of midnight stands for a day; otherwise AWS's clocks may differ by
        -- its 15-minute steps. What lies later is in the future.
        CASE
            WHEN generated_time = date_trunc('day', generated_time) THEN generated_time + INTERVAL '86399' SECOND
            ELSE generated_time + INTERVAL '15' MINUTE
        END AS present_until
    FROM report_states
),
slots AS (
    SELECT
        CASE n WHEN 1 THEN 'password' WHEN 2 THEN 'access_key' WHEN 3 THEN 'access_key' ELSE 'signing_certificate' END AS kind,
        CASE n WHEN 2 THEN 1 WHEN 3 THEN 2 WHEN 4 THEN 1 WHEN 5 THEN 2 END AS slot,
        CASE n
            WHEN 1 THEN password_enabled
            WHEN 2 THEN access_key_1_active
            WHEN 3 THEN access_key_2_active
            WHEN 4 THEN cert_1_active
            WHEN 5 THEN cert_2_active
        END AS flag,
        CASE n
            WHEN 1 THEN password_last_changed
            WHEN 2 THEN access_key_1_last_rotated
            WHEN 3 THEN access_key_2_last_rotated
            WHEN 4 THEN cert_1_last_rotated
            WHEN 5 THEN cert_2_last_rotated
        END AS created_time,
        CASE n
            WHEN 1 THEN substr(cell_states, 6, 1)
            WHEN 2 THEN substr(cell_states, 10, 1)
            WHEN 3 THEN substr(cell_states, 15, 1)
            WHEN 4 THEN substr(cell_states, 20, 1)
            WHEN 5 THEN substr(cell_states, 22, 1)
        END AS created_state,
        CASE n
            WHEN 1 THEN password_last_used
            WHEN 2 THEN access_key_1_last_used_date
            WHEN 3 THEN access_key_2_last_used_date
        END AS last_used_time,
        -- The report never tells when a certificate was used.
        CASE n
            WHEN 1 THEN substr(cell_states, 5, 1)
            WHEN 2 THEN substr(cell_states, 11, 1)
            WHEN 3 THEN substr(cell_states, 16, 1)
            ELSE 'm'
        END AS used_state,
        CASE n WHEN 2 THEN access_key_1_last_used_region WHEN 3 THEN access_key_2_last_used_region END AS last_used_region,
        CASE n WHEN 2 THEN access_key_1_last_used_service WHEN 3 THEN access_key_2_last_used_service END AS last_used_service,
        CASE n WHEN 1 THEN password_next_rotation END AS next_rotation_time,
        CASE n WHEN 1 THEN substr(cell_states, 7, 1) END AS next_rotation_state,
        wide.account_id,
        wide.account_name,
        wide."user",
        wide.arn,
        wide.is_root,
        wide.user_creation_time,
        wide.generated_time,
        wide.clock_time,
        wide.present_until,
        wide.source
    FROM (VALUES (1), (2), (3), (4), (5)) AS numbers (n)
    CROSS JOIN wide
),
judged AS (
    SELECT
        *,
        CASE
            WHEN flag = true THEN 'yes'
            -- The use of a password that root no longer has is still a use of root.
            WHEN kind = 'password' AND flag = false AND is_root AND (last_used_time IS NOT NULL OR used_state IN ('m', 's', 'u')) THEN 'yes'
            WHEN kind = 'password' AND flag = false THEN 'no'
            WHEN kind = 'password' THEN 'unknown'
            WHEN created_time IS NOT NULL OR last_used_time IS NOT NULL THEN 'yes'
            WHEN flag = false AND created_state IN ('a', 'i', 's', 'e') AND used_state <> 'u' THEN 'no'
            ELSE 'unknown'
        END AS existence,
        CASE
            WHEN last_used_time IS NOT NULL THEN 'used'
            WHEN used_state IN ('a', 'i', 'e') THEN 'never'
            ELSE 'unknown'
        END AS last_used_status
    FROM slots
),
based AS (
    SELECT
        *,
        CASE
            WHEN last_used_status = 'used' THEN 'last_used'
            WHEN last_used_status = 'unknown' THEN NULL
            WHEN created_time IS NOT NULL THEN 'created'
            -- Told to have no date of its own; a date that could not be read is not replaced.
            WHEN created_state IN ('a', 'i', 's', 'e') AND user_creation_time IS NOT NULL THEN 'user_created'
        END AS idle_basis
    FROM judged
    WHERE existence <> 'no'
),
timed AS (
    SELECT
        *,
        CASE idle_basis
            WHEN 'last_used' THEN last_used_time
            WHEN 'created' THEN created_time
            WHEN 'user_created' THEN user_creation_time
        END AS idle_since
    FROM based
)
SELECT
    account_id,
    account_name,
    "user",
    arn,
    is_root,
    user_creation_time,
    kind,
    CAST(slot AS BIGINT) AS slot,
    CASE WHEN existence = 'yes' THEN flag END AS active,
    created_time,
    last_used_time,
    last_used_region,
    last_used_service,
    last_used_status,
    CASE
        WHEN created_time > present_until THEN NULL
        WHEN created_time > clock_time THEN 0
        ELSE date_diff('day', created_time, clock_time)
    END AS age_days,
    CASE
        WHEN idle_since > present_until THEN NULL
        WHEN idle_since > clock_time THEN 0
        ELSE date_diff('day', idle_since, clock_time)
    END AS idle_days,
    idle_basis,
    next_rotation_time,
    CASE
        WHEN next_rotation_time <= clock_time THEN 'expired'
        WHEN next_rotation_time > clock_time THEN 'expires'
        WHEN next_rotation_state IN ('a', 'i', 's', 'e') THEN 'never'
        WHEN kind = 'password' THEN 'unknown'
    END AS next_rotation_status,
    generated_time,
    source
FROM timed
