-- /// query
-- title = "Keys and passwords of people who left"
-- description = """
-- Needs a table of people of your own: --table people=FILE, a CSV, TSV or Parquet file with the \
-- columns user (name of the IAM user, in upper or lower case, or its ARN) and left_on (2026-10-31; \
-- empty: has not left). Shows what is active in the latest reports of those who have left; their \
-- last day does not count as use after leaving. Dates that cannot be read are shown as such."""
-- tags = ["people", "offboarding"]
-- ///
WITH leavers AS (
    SELECT
        lower(trim(CAST("user" AS VARCHAR))) AS who,
        max(trim(CAST(left_on AS VARCHAR))) AS left_on
    FROM people
    WHERE "user" IS NOT NULL
    GROUP BY lower(trim(CAST("user" AS VARCHAR)))
    -- Who has a row without a date is back.
    HAVING count(CASE WHEN trim(CAST(left_on AS VARCHAR)) <> '' THEN 1 END) = count(*)
),
dated AS (
    SELECT
        who,
        -- The name at the end of an ARN.
        reverse(split_part(reverse(who), '/', 1)) AS name,
        left_on,
        TRY_CAST(substr(left_on, 1, 10) AS TIMESTAMP) AS left_time
    FROM leavers
),
theirs AS (
    SELECT
        credentials.*,
        dated.left_on,
        dated.left_time,
        date_diff('day', dated.left_time, credentials.generated_time) AS days_since_leaving
    FROM dated
    INNER JOIN credentials ON dated.name = lower(credentials."user")
    WHERE (dated.who = dated.name OR dated.who = lower(credentials.arn)) AND coalesce(credentials.active, true)
)
SELECT
    account_id,
    account_name,
    "user",
    arn,
    CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END AS credential,
    CASE
        WHEN left_time IS NULL THEN 'left_on is not understood'
        WHEN active IS NULL THEN 'whether it exists is not told'
        -- The last day is a working day.
        WHEN to_unixtime(last_used_time) >= to_unixtime(left_time) + 86400 THEN 'used since leaving'
        WHEN last_used_status = 'unknown' THEN 'active; its use is not told'
        ELSE 'active'
    END AS finding,
    left_on,
    days_since_leaving,
    created_time,
    last_used_time,
    last_used_service,
    generated_time
FROM theirs
WHERE left_time IS NULL OR generated_time >= left_time
ORDER BY finding = 'used since leaving' DESC, days_since_leaving DESC NULLS LAST, account_id, "user", credential
