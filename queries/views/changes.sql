-- One row per thing that differs between two consecutive reports of one account.
--
-- Stands on credential_report_history and credentials_history. Portable between DataFusion and
-- Trino: small lists first in joins, lists joined by a key since a cross join with a condition goes
-- row by row, no IS TRUE, date_diff for whole elapsed days.
--
-- 1. Reports are numbered within their account. Rows of a user that say the same are counted
--    together, so that a long history becomes short before anything is sorted.
-- 2. Of each user there remains a row for each turn: from this report on it is like this, or it is
--    not there. Whether it is still the same user is settled here.
-- 3. Turns are taken apart into aspects, and of each aspect those that tell it are compared one
--    with the next: what a report does not tell is compared between the nearest reports that do.
--
-- Within an account a user goes by its name, which AWS keeps unique and reports without ARNs have
-- too. Another ARN or time of creation under the same name is another user; where one is not told,
-- it is the one told before. Keys and certificates go by their time of creation, never by slot.
WITH reports AS (
    SELECT
        coalesce(partition, 'aws') AS account_partition,
        account_id,
        generated_time,
        source,
        max(account_name) AS account_name
    FROM credential_report_history
    WHERE account_id IS NOT NULL AND generated_time IS NOT NULL
    GROUP BY coalesce(partition, 'aws'), account_id, generated_time, source
),
numbered AS (
    SELECT
        *,
        CAST(row_number() OVER by_time AS BIGINT) AS number,
        lag(generated_time) OVER by_time AS before_time
    FROM reports
    WINDOW by_time AS (PARTITION BY account_partition, account_id ORDER BY generated_time, source)
),
-- What a report does not tell of a user's credentials, in words; usually there are few such rows.
not_told AS (
    SELECT
        account_id,
        generated_time,
        source,
        name,
        max(CASE WHEN kind = 'access_key' AND (active IS NULL OR created_time IS NULL) THEN 'keys ' ELSE '' END)
        || max(CASE WHEN kind = 'access_key' AND last_used_status = 'unknown' THEN 'key-use ' ELSE '' END)
        || max(CASE WHEN kind = 'password' THEN 'password-use ' ELSE '' END)
        || max(CASE WHEN kind = 'signing_certificate' THEN 'certificates ' ELSE '' END) AS what
    FROM (
        SELECT
            *,
            CASE
                WHEN is_root OR (is_root IS NULL AND "user" IN ('root', 'root_account')) THEN '<root_account>'
                WHEN "user" <> '' THEN "user"
                WHEN arn LIKE 'arn:%' THEN reverse(split_part(reverse(arn), '/', 1))
            END AS name
        FROM credentials_history
    ) AS credentials
    WHERE account_id IS NOT NULL
        AND generated_time IS NOT NULL
        AND (
            (kind <> 'password' AND (active IS NULL OR created_time IS NULL))
            OR (coalesce(is_root, true) AND kind <> 'signing_certificate' AND last_used_status = 'unknown')
        )
    GROUP BY account_id, generated_time, source, name
),
rows_of_users AS (
    SELECT
        coalesce(partition, 'aws') AS account_partition,
        account_id,
        generated_time,
        source,
        -- Copies write root without brackets.
        CASE
            WHEN is_root OR (is_root IS NULL AND "user" IN ('root', 'root_account')) THEN '<root_account>'
            WHEN "user" <> '' THEN "user"
            WHEN arn LIKE 'arn:%' THEN reverse(split_part(reverse(arn), '/', 1))
        END AS name,
        1 AS is_user,
        NULL AS not_told,
        CASE WHEN arn LIKE 'arn:%' THEN arn END AS arn,
        user_creation_time,
        mfa_active,
        password_enabled,
        password_last_changed,
        access_key_1_active,
        access_key_1_last_rotated,
        access_key_2_active,
        access_key_2_last_rotated,
        cert_1_active,
        cert_1_last_rotated,
        cert_2_active,
        cert_2_last_rotated,
        -- When root was used matters, when others were does not.
        CASE WHEN coalesce(is_root, true) THEN password_last_used END AS password_used,
        CASE WHEN coalesce(is_root, true) THEN access_key_1_last_used_date END AS key_1_used,
        CASE WHEN coalesce(is_root, true) THEN access_key_2_last_used_date END AS key_2_used
    FROM credential_report_history
    WHERE account_id IS NOT NULL AND generated_time IS NOT NULL
    UNION ALL
    SELECT
        NULL AS account_partition,
        account_id,
        generated_time,
        source,
        name,
        0 AS is_user,
        what AS not_told,
        NULL AS arn,
        NULL AS user_creation_time,
        NULL AS mfa_active,
        NULL AS password_enabled,
        NULL AS password_last_changed,
        NULL AS access_key_1_active,
        NULL AS access_key_1_last_rotated,
        NULL AS access_key_2_active,
        NULL AS access_key_2_last_rotated,
        NULL AS cert_1_active,
        NULL AS cert_1_last_rotated,
        NULL AS cert_2_active,
        NULL AS cert_2_last_rotated,
        NULL AS password_used,
        NULL AS key_1_used,
        NULL AS key_2_used
    FROM not_told
),
-- Rows that say the same, in blocks of 15 reports. The sum of powers has a hexadecimal digit for
-- each report of the block: how many of these rows are in it.
states AS (
    SELECT
        numbered.account_partition,
        numbered.account_id,
        name,
        is_user,
        not_told,
        arn,
        user_creation_time,
        mfa_active,
        password_enabled,
        password_last_changed,
        access_key_1_active,
        access_key_1_last_rotated,
        access_key_2_active,
        access_key_2_last_rotated,
        cert_1_active,
        cert_1_last_rotated,
        cert_2_active,
        cert_2_last_rotated,
        password_used,
        key_1_used,
        key_2_used,
        (number - 1) / 15 AS block,
        min(number) AS first_number,
        max(number) AS last_number,
        sum(CAST(power(16, (number - 1) % 15) AS BIGINT)) AS digits
    FROM numbered
    INNER JOIN rows_of_users
        ON numbered.account_id = rows_of_users.account_id
        AND numbered.generated_time = rows_of_users.generated_time
        AND numbered.source = rows_of_users.source
        AND (numbered.account_partition = rows_of_users.account_partition OR is_user = 0)
    WHERE name <> ''
    GROUP BY
        numbered.account_partition,
        numbered.account_id,
        name,
        is_user,
        not_told,
        arn,
        user_creation_time,
        mfa_active,
        password_enabled,
        password_last_changed,
        access_key_1_active,
        access_key_1_last_rotated,
        access_key_2_active,
        access_key_2_last_rotated,
        cert_1_active,
        cert_1_last_rotated,
        cert_2_active,
        cert_2_last_rotated,
        password_used,
        key_1_used,
        key_2_used,
        (number - 1) / 15
),
sized AS (
    SELECT
        *,
        digits = (
            CAST(power(16, (last_number - 1) % 15 + 1) AS BIGINT)
            - CAST(power(16, (first_number - 1) % 15) AS BIGINT)
        ) / 15 AS is_whole
    FROM states
),
neighbours AS (
    SELECT
        *,
        lead(first_number) OVER by_number AS first_below,
        max(CASE WHEN is_user = 1 THEN last_number END) OVER above AS last_above,
        max(CASE WHEN is_user = 0 THEN last_number END) OVER above AS gap_last_above,
        lag(CASE WHEN is_user = 0 THEN CASE WHEN is_whole THEN last_number ELSE 0 END END) IGNORE NULLS OVER by_number
            AS gap_whole_above
    FROM sized
    WINDOW
        by_number AS (
            PARTITION BY account_partition, account_id, name
            ORDER BY first_number, is_user, last_number
        ),
        above AS (
            PARTITION BY account_partition, account_id, name
            ORDER BY first_number, is_user, last_number
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
),
shaped AS (
    SELECT
        *,
        is_whole AND (
            is_user = 0
            OR (
                coalesce(first_below > last_number, true)
                AND coalesce(last_above < first_number, true)
                AND coalesce(gap_last_above < first_number OR gap_whole_above >= last_number, true)
            )
        ) AS is_run
    FROM neighbours
),
-- A run is one row in each report from first to last, and all or nothing of it is not told. What is
-- no run is taken apart.
runs AS (
    SELECT
        account_partition,
        account_id,
        name,
        is_user,
        not_told,
        arn,
        user_creation_time,
        mfa_active,
        password_enabled,
        password_last_changed,
        access_key_1_active,
        access_key_1_last_rotated,
        access_key_2_active,
        access_key_2_last_rotated,
        cert_1_active,
        cert_1_last_rotated,
        cert_2_active,
        cert_2_last_rotated,
        password_used,
        key_1_used,
        key_2_used,
        CASE WHEN shaped.is_run THEN first_number ELSE block * 15 + place + 1 END AS first_number,
        CASE WHEN shaped.is_run THEN last_number ELSE block * 15 + place + 1 END AS last_number,
        CASE WHEN shaped.is_run THEN 1 ELSE digits / CAST(power(16, place) AS BIGINT) % 16 END AS row_count
    FROM (
        VALUES
            (true, 0),
            (false, 0),
            (false, 1),
            (false, 2),
            (false, 3),
            (false, 4),
            (false, 5),
            (false, 6),
            (false, 7),
            (false, 8),
            (false, 9),
            (false, 10),
            (false, 11),
            (false, 12),
            (false, 13),
            (false, 14)
    ) AS places (is_run, place)
    INNER JOIN shaped ON places.is_run = shaped.is_run
    WHERE shaped.is_run OR digits / CAST(power(16, place) AS BIGINT) % 16 > 0
),
adjacent AS (
    SELECT
        *,
        lag(CASE WHEN is_user = 1 THEN first_number END) OVER by_number AS first_above,
        lead(first_number) OVER by_number AS first_below,
        lag(not_told) IGNORE NULLS OVER by_number AS gap,
        lag(CASE WHEN is_user = 0 THEN last_number END) IGNORE NULLS OVER by_number AS gap_last
    FROM runs
    WINDOW by_number AS (PARTITION BY account_partition, account_id, name ORDER BY first_number, is_user, arn)
),
singled AS (
    SELECT
        *,
        CASE WHEN gap_last >= first_number THEN gap ELSE '' END AS misses,
        row_count = 1
        AND coalesce(first_above <> first_number, true)
        AND coalesce(first_below <> first_number, true) AS is_single
    FROM adjacent
    WHERE is_user = 1
),
-- Two rows of one user contradict each other or say the same: that it is there is all they tell.
told AS (
    SELECT
        account_partition,
        account_id,
        name,
        first_number,
        last_number,
        is_user,
        arn,
        CASE WHEN is_single THEN user_creation_time END AS user_creation_time,
        CASE WHEN is_single THEN mfa_active END AS mfa_active,
        CASE WHEN is_single THEN password_enabled END AS password_enabled,
        CASE WHEN is_single THEN password_last_changed END AS password_last_changed,
        is_single AND misses NOT LIKE '%keys %' AS tells_keys,
        access_key_1_active,
        access_key_1_last_rotated,
        access_key_2_active,
        access_key_2_last_rotated,
        is_single AND misses NOT LIKE '%certificates %' AS tells_certs,
        cert_1_active,
        cert_1_last_rotated,
        cert_2_active,
        cert_2_last_rotated,
        is_single AND misses NOT LIKE '%password-use %' AND name = '<root_account>' AS tells_password_use,
        password_used,
        is_single AND misses NOT LIKE '%key-use %' AND name = '<root_account>' AS tells_key_use,
        key_1_used,
        key_2_used
    FROM singled
),
-- All that is compared, as one text.
packed AS (
    SELECT
        *,
        coalesce(arn, '') || '|'
        || coalesce(CAST(user_creation_time AS VARCHAR), '') || '|'
        || coalesce(CAST(mfa_active AS VARCHAR), '') || '|'
        || coalesce(CAST(password_enabled AS VARCHAR), '') || '|'
        || coalesce(CAST(password_last_changed AS VARCHAR), '') || '|'
        || CASE
            WHEN tells_keys THEN
                CAST(access_key_1_active AS VARCHAR) || '|'
                || coalesce(CAST(access_key_1_last_rotated AS VARCHAR), '') || '|'
                || CAST(access_key_2_active AS VARCHAR) || '|'
                || coalesce(CAST(access_key_2_last_rotated AS VARCHAR), '')
            ELSE ''
        END || '|'
        || CASE
            WHEN tells_certs THEN
                CAST(cert_1_active AS VARCHAR) || '|'
                || coalesce(CAST(cert_1_last_rotated AS VARCHAR), '') || '|'
                || CAST(cert_2_active AS VARCHAR) || '|'
                || coalesce(CAST(cert_2_last_rotated AS VARCHAR), '')
            ELSE ''
        END || '|'
        || CASE WHEN tells_password_use THEN 'told ' || coalesce(CAST(password_used AS VARCHAR), '') ELSE '' END || '|'
        || CASE
            WHEN tells_key_use THEN
                'told ' || coalesce(CAST(key_1_used AS VARCHAR), '') || '|'
                || coalesce(CAST(key_2_used AS VARCHAR), '')
            ELSE ''
        END AS facts
    FROM told
),
marked AS (
    SELECT
        *,
        lag(facts) OVER by_number AS last_facts,
        lag(last_number) OVER by_number AS last_before,
        lead(first_number) OVER by_number AS first_after
    FROM packed
    WINDOW by_number AS (PARTITION BY account_partition, account_id, name ORDER BY first_number, is_user, arn)
),
judged AS (
    SELECT
        *,
        last_before IS NULL AS comes,
        last_before IS NULL
        OR last_before < first_number - 1
        OR (last_before < first_number AND facts <> last_facts) AS differs,
        first_after IS NULL OR first_after > last_number + 1 AS goes
    FROM marked
),
occasions AS (
    SELECT
        *,
        CASE
            WHEN comes AND goes THEN 'visit'
            WHEN comes THEN 'arrival'
            WHEN differs AND goes THEN 'farewell'
            WHEN differs THEN 'change'
            WHEN goes THEN 'departure'
        END AS occasion
    FROM judged
),
-- From here a row stands for all reports up to the user's next row. Where the user is absent a row
-- says so: in the report before it comes and in the first without it, if there are such reports.
parted AS (
    SELECT
        occasions.*,
        part = 'user' AS is_there,
        CASE part WHEN 'before' THEN first_number - 1 WHEN 'user' THEN first_number ELSE last_number + 1 END AS turn
    FROM (
        VALUES
            ('visit', 'before'),
            ('visit', 'user'),
            ('visit', 'after'),
            ('arrival', 'before'),
            ('arrival', 'user'),
            ('farewell', 'user'),
            ('farewell', 'after'),
            ('change', 'user'),
            ('departure', 'after')
    ) AS parts (occasion, part)
    INNER JOIN occasions ON parts.occasion = occasions.occasion
),
turns AS (
    SELECT
        parted.*,
        numbered.generated_time,
        numbered.source,
        numbered.account_name,
        numbered.before_time
    FROM numbered
    INNER JOIN parted
        ON numbered.account_partition = parted.account_partition
        AND numbered.account_id = parted.account_id
        AND numbered.number = parted.turn
),
-- Is it the user of the row before? By the nearest ARN that is told, '' after an absence ...
by_arn AS (
    SELECT
        *,
        -- The last report for which the row stands.
        lead(before_time) OVER by_turn AS until_time,
        lag(CASE WHEN is_there THEN arn ELSE '' END) IGNORE NULLS OVER by_turn AS told_arn,
        lag(turn) OVER by_turn AS turn_before,
        lead(turn) OVER by_turn AS turn_after
    FROM turns
    WINDOW by_turn AS (PARTITION BY account_partition, account_id, name ORDER BY turn)
),
stays AS (
    SELECT
        *,
        is_there AND told_arn <> '' AND arn <> told_arn AS is_other_arn,
        lag(CASE WHEN is_there AND arn IS NOT NULL THEN until_time END) IGNORE NULLS OVER by_turn AS arn_told_time,
        sum(
            CASE WHEN is_there AND (told_arn IS NULL OR told_arn = '' OR arn IS NULL OR arn = told_arn) THEN 0 ELSE 1 END
        ) OVER by_turn AS stay
    FROM by_arn
    -- Most users never change.
    WHERE turn_before IS NOT NULL OR turn_after IS NOT NULL
    WINDOW by_turn AS (PARTITION BY account_partition, account_id, name ORDER BY turn)
),
-- ... and by the nearest time of creation that is told with that ARN.
by_creation AS (
    SELECT
        *,
        lag(CASE WHEN is_there THEN user_creation_time END) IGNORE NULLS OVER by_turn AS told_creation_time,
        lag(CASE WHEN is_there AND user_creation_time IS NOT NULL THEN until_time END) IGNORE NULLS OVER by_turn
            AS creation_told_time
    FROM stays
    WINDOW by_turn AS (PARTITION BY account_partition, account_id, name, stay ORDER BY turn)
),
successions AS (
    SELECT
        *,
        coalesce(is_other_arn OR user_creation_time <> told_creation_time, false) AS is_other
    FROM by_creation
),
-- Between two users of one name there is a row of absence too.
seats AS (
    SELECT
        account_partition,
        account_id,
        name,
        turn,
        is_there AND part = 'user' AS is_taken,
        account_name,
        generated_time,
        source,
        CASE part WHEN 'user' THEN until_time ELSE before_time END AS until_time,
        CASE
            WHEN is_other_arn THEN arn_told_time
            WHEN user_creation_time <> told_creation_time THEN creation_told_time
        END AS other_told_time,
        coalesce(arn, nullif(told_arn, '')) AS arn,
        coalesce(user_creation_time, told_creation_time) AS user_creation_time,
        mfa_active,
        password_enabled,
        password_last_changed,
        tells_keys,
        access_key_1_active,
        access_key_1_last_rotated,
        access_key_2_active,
        access_key_2_last_rotated,
        tells_certs,
        cert_1_active,
        cert_1_last_rotated,
        cert_2_active,
        cert_2_last_rotated,
        tells_password_use,
        password_used,
        tells_key_use,
        -- The newer use first.
        CASE WHEN key_1_used < key_2_used OR key_1_used IS NULL THEN 2 ELSE 1 END AS newer_slot,
        CASE WHEN key_1_used < key_2_used OR key_1_used IS NULL THEN key_2_used ELSE key_1_used END AS newer_used,
        CASE WHEN key_1_used < key_2_used OR key_1_used IS NULL THEN key_1_used ELSE key_2_used END AS older_used
    FROM (VALUES (true, 'nobody'), (true, 'user'), (false, 'user')) AS parts (is_other, part)
    INNER JOIN successions ON parts.is_other = successions.is_other
),
-- A row of absence speaks of the user that has gone.
users AS (
    SELECT
        *,
        CASE WHEN is_taken THEN arn ELSE lag(arn) OVER by_turn END AS who_arn,
        CASE WHEN is_taken THEN user_creation_time ELSE lag(user_creation_time) OVER by_turn END AS who_created,
        sum(CASE WHEN is_taken THEN 0 ELSE 1 END) OVER by_turn AS life,
        CASE WHEN is_taken = false THEN 'nobody' WHEN name = '<root_account>' THEN 'root' ELSE 'user' END AS whose
    FROM seats
    WINDOW by_turn AS (PARTITION BY account_partition, account_id, name ORDER BY turn, is_taken)
),
-- What can differ, each for itself: a flag, or up to two dates with a flag each.
aspects AS (
    SELECT
        account_partition,
        account_id,
        name,
        turn,
        is_taken,
        life,
        account_name,
        generated_time,
        source,
        until_time,
        other_told_time,
        who_arn,
        who_created,
        password_last_changed,
        access_key_1_last_rotated,
        access_key_2_last_rotated,
        newer_slot,
        aspect,
        CASE aspect
            WHEN 'user' THEN is_taken
            WHEN 'mfa' THEN mfa_active
            WHEN 'password' THEN is_taken AND password_enabled
            WHEN 'access_key' THEN access_key_1_active
            WHEN 'signing_certificate' THEN cert_1_active
        END AS flag_1,
        CASE aspect
            WHEN 'access_key' THEN access_key_2_active
            WHEN 'signing_certificate' THEN cert_2_active
        END AS flag_2,
        CASE
            WHEN is_taken = false THEN NULL
            WHEN aspect = 'password' THEN password_last_changed
            WHEN aspect = 'password_date' AND coalesce(password_enabled, true) THEN password_last_changed
            WHEN aspect = 'access_key' THEN access_key_1_last_rotated
            WHEN aspect = 'signing_certificate' THEN cert_1_last_rotated
            WHEN aspect = 'root_password' THEN password_used
            WHEN aspect = 'root_key' THEN newer_used
        END AS time_1,
        CASE
            WHEN is_taken = false THEN NULL
            WHEN aspect = 'access_key' THEN access_key_2_last_rotated
            WHEN aspect = 'signing_certificate' THEN cert_2_last_rotated
            WHEN aspect = 'root_key' THEN older_used
        END AS time_2
    FROM (
        VALUES
            ('user', 'user'),
            ('user', 'mfa'),
            ('user', 'password'),
            ('user', 'password_date'),
            ('user', 'access_key'),
            ('user', 'signing_certificate'),
            ('root', 'user'),
            ('root', 'mfa'),
            ('root', 'password'),
            ('root', 'password_date'),
            ('root', 'access_key'),
            ('root', 'signing_certificate'),
            ('root', 'root_password'),
            ('root', 'root_key'),
            -- Who is not there has no password and no key; of MFA and of root's doings nothing is told.
            ('nobody', 'user'),
            ('nobody', 'password'),
            ('nobody', 'password_date'),
            ('nobody', 'access_key'),
            ('nobody', 'signing_certificate')
    ) AS parts (whose, aspect)
    INNER JOIN users ON parts.whose = users.whose
    WHERE CASE
        WHEN aspect = 'user' OR is_taken = false THEN true
        WHEN aspect = 'mfa' THEN mfa_active IS NOT NULL
        WHEN aspect = 'password' THEN password_enabled IS NOT NULL
        WHEN aspect = 'password_date' THEN password_last_changed IS NOT NULL OR coalesce(password_enabled, true) = false
        WHEN aspect = 'access_key' THEN tells_keys
        WHEN aspect = 'signing_certificate' THEN tells_certs
        WHEN aspect = 'root_password' THEN tells_password_use
        ELSE tells_key_use
    END
),
earlier AS (
    SELECT
        *,
        lag(aspect) OVER by_turn AS old_aspect,
        lag(is_taken) OVER by_turn AS was_taken,
        lag(life) OVER by_turn AS old_life,
        lag(who_arn) OVER by_turn AS old_arn,
        lag(who_created) OVER by_turn AS old_created,
        lag(until_time) OVER by_turn AS old_until_time,
        lag(flag_1) OVER by_turn AS old_flag_1,
        lag(flag_2) OVER by_turn AS old_flag_2,
        lag(time_1) OVER by_turn AS old_time_1,
        lag(time_2) OVER by_turn AS old_time_2
    FROM aspects
    WINDOW by_turn AS (PARTITION BY account_partition, account_id, name ORDER BY aspect, turn, is_taken)
),
-- How much alike the old and the new keys are, slot by slot and crosswise: 2 the same key in the
-- same state, 1 the same key, 0 not the same.
alike AS (
    SELECT
        *,
        CASE WHEN old_time_1 = time_1 AND old_flag_1 = flag_1 THEN 2 WHEN old_time_1 = time_1 THEN 1 ELSE 0 END AS like_11,
        CASE WHEN old_time_1 = time_2 AND old_flag_1 = flag_2 THEN 2 WHEN old_time_1 = time_2 THEN 1 ELSE 0 END AS like_12,
        CASE WHEN old_time_2 = time_1 AND old_flag_2 = flag_1 THEN 2 WHEN old_time_2 = time_1 THEN 1 ELSE 0 END AS like_21,
        CASE WHEN old_time_2 = time_2 AND old_flag_2 = flag_2 THEN 2 WHEN old_time_2 = time_2 THEN 1 ELSE 0 END AS like_22
    FROM earlier
    WHERE old_aspect = aspect
        AND (
            (flag_1 IS DISTINCT FROM old_flag_1)
            OR (flag_2 IS DISTINCT FROM old_flag_2)
            OR (time_1 IS DISTINCT FROM old_time_1)
            OR (time_2 IS DISTINCT FROM old_time_2)
        )
),
crossed AS (
    SELECT
        *,
        like_12 + like_21 > like_11 + like_22 AS is_crossed,
        CASE WHEN aspect IN ('access_key', 'signing_certificate') THEN 'two' ELSE 'one' END AS form
    FROM alike
),
-- The pairing with fewer changes: beside each old key the new one that takes its place.
matched AS (
    SELECT
        *,
        CASE WHEN is_crossed THEN like_12 ELSE like_11 END AS like_1,
        CASE WHEN is_crossed THEN like_21 ELSE like_22 END AS like_2,
        CASE WHEN is_crossed THEN 2 ELSE 1 END AS mate_slot_1,
        CASE WHEN is_crossed THEN time_2 ELSE time_1 END AS mate_time_1,
        CASE WHEN is_crossed THEN time_1 ELSE time_2 END AS mate_time_2,
        CASE WHEN is_crossed THEN flag_2 ELSE flag_1 END AS mate_flag_1,
        CASE WHEN is_crossed THEN flag_1 ELSE flag_2 END AS mate_flag_2
    FROM crossed
),
items AS (
    SELECT
        matched.*,
        side,
        CASE WHEN like_1 = 0 AND old_time_1 IS NOT NULL THEN 1 ELSE 0 END
        + CASE WHEN like_2 = 0 AND old_time_2 IS NOT NULL THEN 1 ELSE 0 END AS gone,
        CASE WHEN like_1 = 0 AND mate_time_1 IS NOT NULL THEN 1 ELSE 0 END
        + CASE WHEN like_2 = 0 AND mate_time_2 IS NOT NULL THEN 1 ELSE 0 END AS come,
        CASE WHEN like_1 = 0 AND old_time_1 IS NOT NULL THEN old_time_1 ELSE old_time_2 END AS gone_time,
        CASE place WHEN 1 THEN like_1 ELSE like_2 END AS likeness,
        CASE WHEN side = 'old' THEN place WHEN place = 1 THEN mate_slot_1 ELSE 3 - mate_slot_1 END AS item_slot,
        CASE
            WHEN side = 'old' THEN CASE place WHEN 1 THEN old_time_1 ELSE old_time_2 END
            WHEN place = 1 THEN mate_time_1
            ELSE mate_time_2
        END AS item_time,
        CASE place WHEN 1 THEN mate_flag_1 ELSE mate_flag_2 END AS item_flag
    FROM (VALUES ('two', 'old', 1), ('two', 'old', 2), ('two', 'new', 1), ('two', 'new', 2), ('one', 'new', 1))
        AS parts (form, side, place)
    INNER JOIN matched ON parts.form = matched.form
),
compared AS (
    SELECT
        *,
        time_1 > old_time_1 OR (time_1 IS NOT NULL AND old_time_1 IS NULL) AS is_later_1,
        CASE aspect
            WHEN 'user' THEN CASE WHEN flag_1 THEN 'user_added' ELSE 'user_removed' END
            WHEN 'mfa' THEN
                CASE
                    -- Back after an absence, it is the same user only if its creation says so.
                    WHEN life = old_life OR (who_arn = old_arn AND who_created = old_created) THEN
                        CASE WHEN flag_1 THEN 'mfa_enabled' ELSE 'mfa_disabled' END
                END
            WHEN 'password' THEN
                CASE WHEN flag_1 = old_flag_1 THEN NULL WHEN flag_1 THEN 'password_enabled' ELSE 'password_disabled' END
            WHEN 'password_date' THEN CASE WHEN time_1 <> old_time_1 THEN 'password_changed' END
            WHEN 'root_password' THEN
                CASE WHEN time_1 > old_time_1 OR (time_1 IS NOT NULL AND old_time_1 IS NULL) THEN 'root_used' END
            WHEN 'root_key' THEN
                CASE
                    WHEN time_1 > old_time_1 OR (time_1 IS NOT NULL AND old_time_1 IS NULL) THEN 'root_used'
                    WHEN time_2 > old_time_2 OR (time_2 IS NOT NULL AND old_time_2 IS NULL) THEN 'root_used'
                END
            ELSE
                CASE
                    WHEN item_time IS NULL OR likeness = 2 THEN NULL
                    WHEN likeness = 1 AND side = 'old' THEN NULL
                    WHEN likeness = 1 AND item_flag THEN aspect || '_activated'
                    WHEN likeness = 1 THEN aspect || '_deactivated'
                    WHEN aspect = 'access_key' AND gone = 1 AND come = 1 THEN
                        CASE side WHEN 'new' THEN 'access_key_rotated' END
                    WHEN side = 'old' THEN aspect || '_removed'
                    ELSE aspect || '_created'
                END
        END AS change
    FROM items
),
valued AS (
    SELECT
        *,
        CASE
            WHEN aspect = 'root_key' AND is_later_1 THEN newer_slot
            WHEN aspect = 'root_key' THEN 3 - newer_slot
            WHEN form = 'two' THEN item_slot
        END AS slot,
        CASE
            WHEN aspect = 'mfa' OR (aspect = 'password' AND was_taken) THEN old_flag_1
            WHEN form = 'two' AND likeness = 1 THEN item_flag = false
        END AS old_flag,
        CASE
            WHEN aspect = 'mfa' OR (aspect = 'password' AND is_taken) THEN flag_1
            WHEN form = 'two' AND likeness = 1 THEN item_flag
        END AS new_flag,
        CASE
            WHEN aspect IN ('password_date', 'root_password') OR (aspect = 'root_key' AND is_later_1) THEN old_time_1
            WHEN aspect = 'root_key' THEN old_time_2
            WHEN change = 'access_key_rotated' THEN gone_time
            WHEN form = 'two' AND likeness = 0 AND side = 'old' THEN item_time
        END AS old_time,
        CASE
            WHEN aspect IN ('password_date', 'root_password') OR (aspect = 'root_key' AND is_later_1) THEN time_1
            WHEN aspect = 'root_key' THEN time_2
            WHEN form = 'two' AND likeness = 0 AND side = 'new' THEN item_time
        END AS new_time,
        -- If it is another user than one told before: in the report that told it.
        CASE WHEN aspect = 'user' AND other_told_time IS NOT NULL THEN other_told_time ELSE old_until_time END
            AS previous_time
    FROM compared
    WHERE change IS NOT NULL
)
SELECT
    account_id,
    account_name,
    name AS "user",
    who_arn AS arn,
    name = '<root_account>' AS is_root,
    who_created AS user_creation_time,
    change,
    CASE
        WHEN aspect IN ('password', 'password_date', 'root_password') THEN 'password'
        WHEN aspect IN ('access_key', 'root_key') THEN 'access_key'
        WHEN aspect = 'signing_certificate' THEN 'signing_certificate'
    END AS kind,
    CAST(slot AS BIGINT) AS slot,
    CASE
        WHEN change = 'password_disabled' THEN old_time_1
        WHEN aspect IN ('password', 'password_date') THEN time_1
        WHEN form = 'two' THEN item_time
        WHEN aspect = 'root_password' THEN password_last_changed
        WHEN slot = 1 THEN access_key_1_last_rotated
        WHEN slot = 2 THEN access_key_2_last_rotated
    END AS created_time,
    coalesce(CAST(old_flag AS VARCHAR), substr(replace(CAST(old_time AS VARCHAR), ' ', 'T'), 1, 19) || 'Z') AS old_value,
    coalesce(CAST(new_flag AS VARCHAR), substr(replace(CAST(new_time AS VARCHAR), ' ', 'T'), 1, 19) || 'Z') AS new_value,
    previous_time,
    generated_time,
    date_diff('day', previous_time, generated_time) AS days_between,
    source
FROM valued
