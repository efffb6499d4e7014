-- One row per thing that differs between two consecutive reports of one account.
--
-- Stands on credential_report_history and credentials_history. Portable between DataFusion and
-- Trino: small lists first in joins, no IS TRUE, whole days from seconds, no columns from text.
--
-- First each user's rows are put in the order of the account's reports and only those kept that
-- differ from the row before, which leaves little. Then the kept rows are taken apart into
-- aspects; of each aspect only rows that tell it are compared, so that what a report does not tell
-- is compared between the nearest reports that do.
--
-- Within an account a user goes by its name, which AWS keeps unique: a report without ARNs still
-- has it. Another ARN or another time of creation under the same name is another user; one that is
-- not told is that of the report before. Keys and certificates are found again by their time of
-- creation, never by slot.
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
        row_number() OVER by_time AS number,
        lag(generated_time) OVER by_time AS before_time,
        lead(generated_time) OVER by_time AS after_time,
        lead(source) OVER by_time AS after_source,
        lead(account_name) OVER by_time AS after_account_name
    FROM reports
    WINDOW by_time AS (PARTITION BY account_partition, account_id ORDER BY generated_time, source)
),
-- The wide row of a user and the rows of its keys and certificates, to be one row again.
parts AS (
    SELECT
        account_id,
        generated_time,
        source,
        -- Copies write root without brackets.
        CASE
            WHEN is_root OR (is_root IS NULL AND "user" IN ('root', 'root_account')) THEN '<root_account>'
            WHEN "user" <> '' THEN "user"
            WHEN arn LIKE 'arn:%' THEN reverse(split_part(reverse(arn), '/', 1))
        END AS name,
        1 AS user_rows,
        partition,
        CASE WHEN arn LIKE 'arn:%' THEN arn END AS arn,
        user_creation_time,
        mfa_active,
        password_enabled,
        password_last_changed,
        password_last_used,
        NULL AS kind,
        NULL AS slot,
        NULL AS active,
        NULL AS created_time,
        NULL AS last_used_time,
        NULL AS last_used_status
    FROM credential_report_history
    WHERE account_id IS NOT NULL AND generated_time IS NOT NULL
    UNION ALL
    SELECT
        account_id,
        generated_time,
        source,
        CASE
            WHEN is_root OR (is_root IS NULL AND "user" IN ('root', 'root_account')) THEN '<root_account>'
            WHEN "user" <> '' THEN "user"
            WHEN arn LIKE 'arn:%' THEN reverse(split_part(reverse(arn), '/', 1))
        END AS name,
        0 AS user_rows,
        NULL AS partition,
        NULL AS arn,
        NULL AS user_creation_time,
        NULL AS mfa_active,
        NULL AS password_enabled,
        NULL AS password_last_changed,
        NULL AS password_last_used,
        kind,
        slot,
        active,
        created_time,
        last_used_time,
        last_used_status
    FROM credentials_history
    WHERE account_id IS NOT NULL AND generated_time IS NOT NULL AND (kind <> 'password' OR is_root)
),
states AS (
    SELECT
        account_id,
        generated_time,
        source,
        name,
        coalesce(max(partition), 'aws') AS account_partition,
        -- Two rows of one user contradict each other or say the same: who can tell.
        sum(user_rows) = 1 AS is_told,
        max(arn) AS arn,
        name = '<root_account>' AS is_root,
        max(user_creation_time) AS user_creation_time,
        bool_or(mfa_active) AS mfa_active,
        bool_or(password_enabled) AS password_enabled,
        max(password_last_changed) AS password_last_changed,
        max(password_last_used) AS password_last_used,
        max(CASE WHEN kind = 'password' THEN last_used_status END) AS password_use,
        max(CASE WHEN kind = 'access_key' AND slot = 1 THEN created_time END) AS key_1_created,
        max(CASE WHEN kind = 'access_key' AND slot = 2 THEN created_time END) AS key_2_created,
        bool_or(CASE WHEN kind = 'access_key' AND slot = 1 THEN active END) AS key_1_active,
        bool_or(CASE WHEN kind = 'access_key' AND slot = 2 THEN active END) AS key_2_active,
        max(CASE WHEN kind = 'access_key' AND slot = 1 THEN last_used_time END) AS key_1_used,
        max(CASE WHEN kind = 'access_key' AND slot = 2 THEN last_used_time END) AS key_2_used,
        max(CASE WHEN kind = 'signing_certificate' AND slot = 1 THEN created_time END) AS cert_1_created,
        max(CASE WHEN kind = 'signing_certificate' AND slot = 2 THEN created_time END) AS cert_2_created,
        bool_or(CASE WHEN kind = 'signing_certificate' AND slot = 1 THEN active END) AS cert_1_active,
        bool_or(CASE WHEN kind = 'signing_certificate' AND slot = 2 THEN active END) AS cert_2_active,
        count(CASE WHEN kind = 'access_key' AND (active IS NULL OR created_time IS NULL) THEN 1 END) AS keys_not_told,
        count(CASE WHEN kind = 'access_key' AND last_used_status = 'unknown' THEN 1 END) AS key_uses_not_told,
        count(CASE WHEN kind = 'signing_certificate' AND (active IS NULL OR created_time IS NULL) THEN 1 END) AS certs_not_told
    FROM parts
    WHERE name <> ''
    GROUP BY account_id, generated_time, source, name
),
placed AS (
    SELECT
        states.account_partition,
        states.account_id,
        states.name,
        numbered.number,
        numbered.account_name,
        numbered.generated_time,
        numbered.source,
        numbered.before_time,
        numbered.after_time,
        numbered.after_source,
        numbered.after_account_name,
        states.arn,
        states.is_root,
        CASE WHEN is_told THEN user_creation_time END AS user_creation_time,
        CASE WHEN is_told THEN mfa_active END AS mfa_active,
        CASE WHEN is_told THEN password_enabled END AS password_enabled,
        CASE WHEN is_told THEN password_last_changed END AS password_last_changed,
        CASE WHEN is_told AND states.is_root THEN password_last_used END AS password_used,
        is_told AND states.is_root AND coalesce(password_use, 'never') <> 'unknown' AS tells_password_use,
        is_told AND keys_not_told = 0 AS tells_keys,
        is_told AND states.is_root AND key_uses_not_told = 0 AS tells_key_use,
        is_told AND certs_not_told = 0 AS tells_certs,
        key_1_created,
        key_2_created,
        key_1_active,
        key_2_active,
        CASE WHEN states.is_root THEN key_1_used END AS key_1_used,
        CASE WHEN states.is_root THEN key_2_used END AS key_2_used,
        cert_1_created,
        cert_2_created,
        cert_1_active,
        cert_2_active
    FROM numbered
    INNER JOIN states
        ON numbered.account_partition = states.account_partition
        AND numbered.account_id = states.account_id
        AND numbered.generated_time = states.generated_time
        AND numbered.source = states.source
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
        || coalesce(CAST(password_used AS VARCHAR), '') || '|'
        || CAST(tells_password_use AS VARCHAR) || '|'
        || CAST(tells_keys AS VARCHAR) || '|'
        || CAST(tells_key_use AS VARCHAR) || '|'
        || CAST(tells_certs AS VARCHAR) || '|'
        || coalesce(CAST(key_1_created AS VARCHAR), '') || '|'
        || coalesce(CAST(key_2_created AS VARCHAR), '') || '|'
        || coalesce(CAST(key_1_active AS VARCHAR), '') || '|'
        || coalesce(CAST(key_2_active AS VARCHAR), '') || '|'
        || coalesce(CAST(key_1_used AS VARCHAR), '') || '|'
        || coalesce(CAST(key_2_used AS VARCHAR), '') || '|'
        || coalesce(CAST(cert_1_created AS VARCHAR), '') || '|'
        || coalesce(CAST(cert_2_created AS VARCHAR), '') || '|'
        || coalesce(CAST(cert_1_active AS VARCHAR), '') || '|'
        || coalesce(CAST(cert_2_active AS VARCHAR), '') AS facts
    FROM placed
),
marked AS (
    SELECT
        *,
        lag(number) OVER by_report AS last_number,
        lead(number) OVER by_report AS next_number,
        lag(facts) OVER by_report AS last_facts
    FROM packed
    WINDOW by_report AS (PARTITION BY account_partition, account_id, name ORDER BY number)
),
turning AS (
    SELECT
        *,
        last_number IS NULL AND number > 1 AS comes,
        last_number IS NULL OR last_number <> number - 1 OR facts <> last_facts AS differs,
        after_time IS NOT NULL AND (next_number IS NULL OR next_number <> number + 1) AS goes
    FROM marked
    WHERE last_number IS NULL
        OR last_number <> number - 1
        OR facts <> last_facts
        OR next_number IS NULL
        OR next_number <> number + 1
),
-- From here a row stands for all reports up to the next row, and what comes is small. A row of
-- absence says that the user is not there: before it comes, and in the first report without it.
turns AS (
    SELECT
        turning.*,
        part = 'presence' AS is_there,
        CASE part WHEN 'before' THEN 0 WHEN 'presence' THEN number ELSE number + 1 END AS turn,
        CASE part WHEN 'after' THEN after_time ELSE generated_time END AS turn_time,
        CASE part WHEN 'after' THEN after_source ELSE source END AS turn_source,
        CASE part WHEN 'after' THEN after_account_name ELSE account_name END AS turn_account_name,
        CASE part WHEN 'after' THEN generated_time ELSE before_time END AS last_time
    FROM (VALUES ('before'), ('presence'), ('after')) AS list (part)
    CROSS JOIN turning
    WHERE (part = 'before' AND comes) OR (part = 'presence' AND differs) OR (part = 'after' AND goes)
),
-- Whether it is the user of the row before: by the nearest ARN that is told, '' being none ...
by_arn AS (
    SELECT
        *,
        lead(last_time) OVER by_turn AS until_time,
        lag(CASE WHEN is_there THEN arn ELSE '' END) IGNORE NULLS OVER by_turn AS told_arn
    FROM turns
    WINDOW by_turn AS (PARTITION BY account_partition, account_id, name ORDER BY turn)
),
stays AS (
    SELECT
        *,
        is_there AND told_arn <> '' AND arn <> told_arn AS is_other_arn,
        lag(CASE WHEN is_there AND arn IS NOT NULL THEN until_time END) IGNORE NULLS OVER by_turn AS arn_told_time,
        sum(CASE WHEN is_there AND (told_arn IS NULL OR told_arn = '' OR arn IS NULL OR arn = told_arn) THEN 0 ELSE 1 END)
            OVER by_turn AS stay
    FROM by_arn
    WINDOW by_turn AS (PARTITION BY account_partition, account_id, name ORDER BY turn)
),
-- ... and by the nearest time of creation that is told of that ARN.
by_creation AS (
    SELECT
        *,
        lag(CASE WHEN is_there THEN user_creation_time END) IGNORE NULLS OVER by_turn AS told_creation_time,
        lag(CASE WHEN is_there AND user_creation_time IS NOT NULL THEN until_time END) IGNORE NULLS
            OVER by_turn AS creation_told_time
    FROM stays
    WINDOW by_turn AS (PARTITION BY account_partition, account_id, name, stay ORDER BY turn)
),
-- Between two users of one name comes a row of absence too.
seats AS (
    SELECT
        account_partition,
        account_id,
        name,
        turn,
        is_there AND part = 'user' AS is_taken,
        turn_account_name,
        turn_time,
        turn_source,
        CASE part WHEN 'user' THEN until_time ELSE last_time END AS until_time,
        CASE
            WHEN is_other_arn THEN arn_told_time
            WHEN user_creation_time <> told_creation_time THEN creation_told_time
        END AS other_told_time,
        coalesce(arn, nullif(told_arn, '')) AS arn,
        is_root,
        coalesce(user_creation_time, told_creation_time) AS user_creation_time,
        mfa_active,
        password_enabled,
        password_last_changed,
        password_used,
        tells_password_use,
        tells_keys,
        tells_key_use,
        tells_certs,
        key_1_created,
        key_2_created,
        key_1_active,
        key_2_active,
        key_1_used,
        key_2_used,
        cert_1_created,
        cert_2_created,
        cert_1_active,
        cert_2_active
    FROM (VALUES ('nobody'), ('user')) AS list (part)
    CROSS JOIN by_creation
    WHERE part = 'user' OR is_other_arn OR (is_there AND user_creation_time <> told_creation_time)
),
-- A row of absence speaks of the user that has gone.
users AS (
    SELECT
        seats.*,
        CASE WHEN is_taken THEN arn ELSE lag(arn) OVER by_turn END AS who_arn,
        CASE WHEN is_taken THEN user_creation_time ELSE lag(user_creation_time) OVER by_turn END AS who_created,
        sum(CASE WHEN is_taken THEN 0 ELSE 1 END) OVER by_turn AS life
    FROM seats
    WINDOW by_turn AS (PARTITION BY account_partition, account_id, name ORDER BY turn, is_taken)
),
-- What can differ, each on its own: a flag; or up to two dates, each with a flag and a slot.
aspects AS (
    SELECT
        account_partition,
        account_id,
        name,
        turn,
        is_taken,
        life,
        turn_account_name,
        turn_time,
        turn_source,
        until_time,
        other_told_time,
        who_arn,
        is_root,
        who_created,
        password_last_changed,
        key_1_created,
        key_2_created,
        aspect,
        CASE aspect
            WHEN 'user' THEN is_taken
            WHEN 'mfa' THEN mfa_active
            WHEN 'password' THEN is_taken AND password_enabled
            WHEN 'access_key' THEN key_1_active
            WHEN 'signing_certificate' THEN cert_1_active
        END AS flag_1,
        CASE aspect WHEN 'access_key' THEN key_2_active WHEN 'signing_certificate' THEN cert_2_active END AS flag_2,
        CASE WHEN is_taken THEN
            CASE aspect
                WHEN 'password' THEN password_last_changed
                WHEN 'password date' THEN CASE WHEN coalesce(password_enabled, true) THEN password_last_changed END
                WHEN 'access_key' THEN key_1_created
                WHEN 'signing_certificate' THEN cert_1_created
                WHEN 'root password' THEN password_used
                -- The newer date of use first.
                WHEN 'root key' THEN CASE WHEN key_1_used < key_2_used OR key_1_used IS NULL THEN key_2_used ELSE key_1_used END
            END
        END AS time_1,
        CASE WHEN is_taken THEN
            CASE aspect
                WHEN 'access_key' THEN key_2_created
                WHEN 'signing_certificate' THEN cert_2_created
                WHEN 'root key' THEN CASE WHEN key_1_used < key_2_used OR key_1_used IS NULL THEN key_1_used ELSE key_2_used END
            END
        END AS time_2,
        CASE aspect
            WHEN 'root key' THEN CASE WHEN key_1_used < key_2_used OR key_1_used IS NULL THEN 2 ELSE 1 END
        END AS newer_slot
    FROM (
        VALUES ('user'), ('mfa'), ('password'), ('password date'), ('access_key'), ('signing_certificate'),
            ('root password'), ('root key')
    ) AS list (aspect)
    CROSS JOIN users
    WHERE CASE
        WHEN aspect = 'user' THEN true
        WHEN is_taken THEN
            CASE aspect
                WHEN 'mfa' THEN mfa_active IS NOT NULL
                WHEN 'password' THEN password_enabled IS NOT NULL
                WHEN 'password date' THEN password_last_changed IS NOT NULL OR coalesce(password_enabled, true) = false
                WHEN 'access_key' THEN tells_keys
                WHEN 'signing_certificate' THEN tells_certs
                WHEN 'root password' THEN tells_password_use
                WHEN 'root key' THEN tells_key_use
            END
        -- Who is not there has no password and no key; of MFA and of root there is nothing to tell.
        ELSE aspect IN ('password', 'password date', 'access_key', 'signing_certificate')
    END
),
compared AS (
    SELECT
        *,
        lag(turn) OVER by_turn AS old_turn,
        lag(life) OVER by_turn AS old_life,
        lag(who_arn) OVER by_turn AS old_arn,
        lag(who_created) OVER by_turn AS old_created,
        lag(is_taken) OVER by_turn AS was_taken,
        lag(until_time) OVER by_turn AS old_time,
        lag(flag_1) OVER by_turn AS old_flag_1,
        lag(flag_2) OVER by_turn AS old_flag_2,
        lag(time_1) OVER by_turn AS old_time_1,
        lag(time_2) OVER by_turn AS old_time_2
    FROM aspects
    WINDOW by_turn AS (PARTITION BY account_partition, account_id, name, aspect ORDER BY turn, is_taken)
),
-- Up to two keys or certificates that were and two that are; of other aspects one item.
items AS (
    SELECT
        compared.*,
        item,
        CASE WHEN item <= 2 THEN 'old' ELSE 'new' END AS side,
        time_1 > old_time_1 OR (time_1 IS NOT NULL AND old_time_1 IS NULL) AS is_later_1,
        time_2 > old_time_2 OR (time_2 IS NOT NULL AND old_time_2 IS NULL) AS is_later_2,
        CASE WHEN aspect IN ('access_key', 'signing_certificate') THEN
            CASE item WHEN 1 THEN old_time_1 WHEN 2 THEN old_time_2 WHEN 3 THEN time_1 ELSE time_2 END
        END AS item_time,
        CASE item WHEN 1 THEN old_flag_1 WHEN 2 THEN old_flag_2 WHEN 3 THEN flag_1 ELSE flag_2 END AS item_flag,
        CASE WHEN item IN (1, 3) THEN 1 ELSE 2 END AS item_slot
    FROM (VALUES (1), (2), (3), (4)) AS list (item)
    CROSS JOIN compared
    WHERE old_turn IS NOT NULL
        AND CASE
            WHEN aspect NOT IN ('access_key', 'signing_certificate') THEN item = 3
            WHEN item = 1 THEN old_time_1 IS NOT NULL
            WHEN item = 2 THEN old_time_2 IS NOT NULL
            WHEN item = 3 THEN time_1 IS NOT NULL
            ELSE time_2 IS NOT NULL
        END
),
-- Items of one date and flag on both sides have not changed, whatever their slots.
ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_partition, account_id, name, aspect, turn, is_taken, item_time, item_flag, side
            ORDER BY item_slot
        ) AS same
    FROM items
),
paired AS (
    SELECT
        *,
        count(*) OVER (
            PARTITION BY account_partition, account_id, name, aspect, turn, is_taken, item_time, item_flag, same
        ) AS sides
    FROM ranked
),
-- Of the others, those of one date on both sides have changed their flag.
left_over AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_partition, account_id, name, aspect, turn, is_taken, item_time, side
            ORDER BY item_slot
        ) AS alike
    FROM paired
    WHERE sides = 1
),
judged AS (
    SELECT
        *,
        count(*) OVER (
            PARTITION BY account_partition, account_id, name, aspect, turn, is_taken, item_time, alike
        ) AS found
    FROM left_over
),
counted AS (
    SELECT
        *,
        count(CASE WHEN side = 'old' AND found = 1 THEN 1 END) OVER by_pair AS removed,
        count(CASE WHEN side = 'new' AND found = 1 THEN 1 END) OVER by_pair AS created,
        max(CASE WHEN side = 'old' AND found = 1 THEN item_time END) OVER by_pair AS removed_time
    FROM judged
    WINDOW by_pair AS (PARTITION BY account_partition, account_id, name, aspect, turn, is_taken)
),
named AS (
    SELECT
        *,
        CASE aspect
            WHEN 'user' THEN CASE WHEN flag_1 = old_flag_1 THEN NULL WHEN flag_1 THEN 'user_added' ELSE 'user_removed' END
            WHEN 'mfa' THEN
                CASE
                    WHEN flag_1 = old_flag_1 THEN NULL
                    -- Back after an absence, it is the same user only if its creation says so.
                    WHEN life = old_life OR (who_arn = old_arn AND who_created = old_created) THEN
                        CASE WHEN flag_1 THEN 'mfa_enabled' ELSE 'mfa_disabled' END
                END
            WHEN 'password' THEN
                CASE WHEN flag_1 = old_flag_1 THEN NULL WHEN flag_1 THEN 'password_enabled' ELSE 'password_disabled' END
            WHEN 'password date' THEN CASE WHEN time_1 <> old_time_1 THEN 'password_changed' END
            WHEN 'root password' THEN CASE WHEN is_later_1 THEN 'root_used' END
            WHEN 'root key' THEN CASE WHEN is_later_1 OR is_later_2 THEN 'root_used' END
            ELSE
                CASE
                    WHEN found = 2 AND side = 'old' THEN NULL
                    WHEN found = 2 AND item_flag THEN aspect || '_activated'
                    WHEN found = 2 THEN aspect || '_deactivated'
                    WHEN aspect = 'access_key' AND removed = 1 AND created = 1 THEN
                        CASE side WHEN 'new' THEN 'access_key_rotated' END
                    WHEN side = 'old' THEN aspect || '_removed'
                    ELSE aspect || '_created'
                END
        END AS change
    FROM counted
),
valued AS (
    SELECT
        *,
        CASE
            WHEN aspect = 'root key' AND is_later_1 THEN newer_slot
            WHEN aspect = 'root key' THEN 3 - newer_slot
            WHEN aspect IN ('access_key', 'signing_certificate') THEN item_slot
        END AS slot,
        CASE
            WHEN aspect = 'mfa' OR (aspect = 'password' AND was_taken) THEN old_flag_1
            WHEN found = 2 AND aspect IN ('access_key', 'signing_certificate') THEN item_flag = false
        END AS old_flag,
        CASE
            WHEN aspect = 'mfa' OR (aspect = 'password' AND is_taken) THEN flag_1
            WHEN found = 2 AND aspect IN ('access_key', 'signing_certificate') THEN item_flag
        END AS new_flag,
        CASE
            WHEN aspect IN ('password date', 'root password') OR (aspect = 'root key' AND is_later_1) THEN old_time_1
            WHEN aspect = 'root key' THEN old_time_2
            WHEN change = 'access_key_rotated' THEN removed_time
            WHEN found = 1 AND side = 'old' THEN item_time
        END AS old_date,
        CASE
            WHEN aspect IN ('password date', 'root password') OR (aspect = 'root key' AND is_later_1) THEN time_1
            WHEN aspect = 'root key' THEN time_2
            WHEN found = 1 AND side = 'new' THEN item_time
        END AS new_date,
        CASE WHEN aspect = 'user' THEN coalesce(other_told_time, old_time) ELSE old_time END AS previous_time
    FROM named
    WHERE change IS NOT NULL
)
SELECT
    account_id,
    turn_account_name AS account_name,
    name AS "user",
    who_arn AS arn,
    is_root,
    who_created AS user_creation_time,
    change,
    CASE
        WHEN aspect IN ('password', 'password date', 'root password') THEN 'password'
        WHEN aspect IN ('access_key', 'root key') THEN 'access_key'
        WHEN aspect = 'signing_certificate' THEN 'signing_certificate'
    END AS kind,
    CAST(slot AS BIGINT) AS slot,
    CASE
        WHEN aspect = 'password' AND flag_1 = false THEN old_time_1
        WHEN aspect IN ('password', 'password date') THEN time_1
        WHEN aspect = 'root password' THEN password_last_changed
        WHEN aspect = 'root key' THEN CASE slot WHEN 1 THEN key_1_created ELSE key_2_created END
        ELSE item_time
    END AS created_time,
    coalesce(CAST(old_flag AS VARCHAR), substr(replace(CAST(old_date AS VARCHAR), ' ', 'T'), 1, 19) || 'Z') AS old_value,
    coalesce(CAST(new_flag AS VARCHAR), substr(replace(CAST(new_date AS VARCHAR), ' ', 'T'), 1, 19) || 'Z') AS new_value,
    previous_time,
    turn_time AS generated_time,
    CAST(floor((to_unixtime(turn_time) - to_unixtime(previous_time)) / 86400) AS BIGINT) AS days_between,
    turn_source AS source
FROM valued
