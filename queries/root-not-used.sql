-- /// control
-- title = "The root user was not used lately"
-- severity = "high"
-- description = """
-- Root is for the few tasks nothing else can do. The newest of three uses counts: password, \
-- access key 1 and access key 2, inactive keys and a password removed since included; popular tools stop at the first of them \
-- or compare the wrong way round. The benchmarks name no number of days: a use fewer than so \
-- many days ago is an alarm. The retired Security Hub control IAM.20 has the title but asked \
-- for an alarm on CloudTrail events, which no report shows."""
-- remediation = """
-- Find out who did what: aws cloudtrail lookup-events --lookup-attributes \
-- AttributeKey=Username,AttributeValue=root and give that task to a role"""
-- tags = ["root", "usage"]
-- columns = ["idle_days", "alarm_key"]
-- [frameworks]
-- "cis-aws-1.2.0" = ["1.1"]
-- "cis-aws-1.3.0" = ["1.7"]
-- "cis-aws-1.4.0" = ["1.7"]
-- "cis-aws-1.5.0" = ["1.7"]
-- "cis-aws-2.0.0" = ["1.7"]
-- "cis-aws-3.0.0" = ["1.7"]
-- "cis-aws-4.0.0" = ["1.7"]
-- "cis-aws-5.0.0" = ["1.6"]
-- "cis-aws-6.0.0" = ["2.6"]
-- "cis-aws-7.0.0" = ["2.7"]
-- "aws-security-hub" = ["IAM.20"]
-- "iso-27001-2022" = ["A.5.15", "A.8.2"]
-- [params.days]
-- type = "integer"
-- default = 90
-- doc = "Days without any use that are asked for; a use fewer days ago is an alarm"
-- ///
WITH uses AS (
    -- One row per user first, so that every account is there.
    SELECT
        account_id,
        source,
        generated_time,
        CASE WHEN is_root THEN "user" END AS "user",
        CASE WHEN is_root THEN arn END AS arn,
        CASE WHEN is_root THEN 1 ELSE 0 END AS is_row,
        CAST(NULL AS VARCHAR) AS credential,
        CAST(NULL AS VARCHAR) AS last_used_status,
        CAST(NULL AS BIGINT) AS idle_days,
        CAST(NULL AS VARCHAR) AS last_used_date,
        CAST(NULL AS VARCHAR) AS last_used
    FROM credential_report
    UNION ALL
    SELECT
        account_id,
        source,
        generated_time,
        "user",
        arn,
        1 AS is_row,
        CASE WHEN slot IS NULL THEN 'password' ELSE 'access key ' || CAST(slot AS VARCHAR) END AS credential,
        last_used_status,
        idle_days,
        date_format(last_used_time, '%Y-%m-%d') AS last_used_date,
        substr(replace(CAST(last_used_time AS VARCHAR), ' ', 'T'), 1, 19) || 'Z' AS last_used
    FROM credentials
    WHERE is_root AND kind IN ('password', 'access_key')
),
roots AS (
    SELECT
        account_id,
        generated_time,
        coalesce(max("user"), '<root_account>') AS "user",
        max(arn) AS arn,
        max(is_row) AS is_row,
        min(CASE WHEN last_used_status = 'used' THEN idle_days END) AS idle_days,
        min(CASE WHEN last_used_status = 'used' AND credential = 'password' THEN idle_days END) AS password_days,
        min(CASE WHEN last_used_status = 'used' AND credential = 'access key 1' THEN idle_days END) AS key_1_days,
        max(CASE WHEN last_used_status = 'used' AND idle_days IS NOT NULL THEN last_used_date END) AS last_used_date,
        max(CASE WHEN last_used_status = 'used' AND idle_days IS NOT NULL THEN last_used END) AS last_used,
        max(CASE WHEN last_used_status = 'used' AND idle_days IS NULL THEN credential END) AS in_future,
        max(CASE WHEN last_used_status = 'unknown' THEN credential END) AS not_told
    FROM uses
    GROUP BY account_id, source, generated_time
),
judged AS (
    SELECT
        *,
        CASE
            WHEN idle_days = password_days THEN 'password'
            WHEN idle_days = key_1_days THEN 'access key 1'
            ELSE 'access key 2'
        END AS credential_used,
        CASE
            WHEN is_row = 0 THEN 'no row'
            -- One use that is certainly recent is enough.
            WHEN idle_days < $days THEN 'used'
            WHEN in_future IS NOT NULL THEN 'in the future'
            WHEN not_told IS NOT NULL THEN 'not told'
            WHEN idle_days IS NULL THEN 'never used'
            WHEN idle_days >= $days THEN 'not used'
        END AS finding
    FROM roots
)
SELECT
    account_id,
    "user",
    arn,
    CAST(NULL AS VARCHAR) AS credential,
    CASE
        WHEN finding IN ('in the future', 'not told', 'no row') THEN 'unknown'
        WHEN finding = 'used' THEN 'alarm'
        WHEN finding IN ('not used', 'never used') THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'used' THEN
            'the root user was used '
            || CASE idle_days WHEN 1 THEN '1 day' ELSE CAST(idle_days AS VARCHAR) || ' days' END
            || ' ago, on ' || last_used_date || ', with its ' || credential_used || ' (limit: '
            || CAST($days AS VARCHAR) || ' days)'
        WHEN 'not used' THEN
            'the root user was last used '
            || CASE idle_days WHEN 1 THEN '1 day' ELSE CAST(idle_days AS VARCHAR) || ' days' END
            || ' ago, on ' || last_used_date || ', with its ' || credential_used || ' (limit: '
            || CAST($days AS VARCHAR) || ' days)'
        WHEN 'never used' THEN
            'no use of the root user is on record (limit: ' || CAST($days AS VARCHAR) || ' days)'
        WHEN 'in the future' THEN
            'the last use of the ' || in_future
            || ' of the root user lies in the future of the report'
        WHEN 'not told' THEN
            'the report does not tell when the ' || not_told || ' of the root user was last used'
        WHEN 'no row' THEN 'the report has no row of the root user'
    END AS reason,
    generated_time,
    idle_days,
    last_used AS alarm_key
FROM judged
