-- /// control
-- title = "Console passwords are changed within a set number of days"
-- severity = "low"
-- description = """
-- A password of many years has been typed into many machines. More than the limit since the last \
-- change is an alarm. The limit is a year, not the customary 90 days: current guidance (NIST SP \
-- 800-63B) advises against frequent forced changes. Users without a password have no row; root \
-- is left out, because most reports do not tell its date."""
-- remediation = """
-- aws iam update-login-profile --user-name USER --password-reset-required --password \
-- NEW_PASSWORD"""
-- tags = ["hygiene", "password"]
-- columns = ["age_days"]
-- [params.max_age_days]
-- type = "integer"
-- default = 365
-- doc = "Oldest acceptable password, in days"
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        kind,
        generated_time,
        created_time,
        age_days,
        CASE
            WHEN active IS NULL THEN 'existence not told'
            WHEN created_time IS NULL THEN 'change not told'
            WHEN age_days IS NULL THEN 'changed in the future'
            WHEN age_days > $max_age_days THEN 'old'
            WHEN age_days <= $max_age_days THEN 'changed'
        END AS finding
    FROM credentials
    WHERE (is_root IS DISTINCT FROM true) AND kind = 'password'
)
SELECT
    account_id,
    "user",
    arn,
    kind AS credential,
    CASE
        WHEN finding IN ('existence not told', 'change not told', 'changed in the future') THEN 'unknown'
        WHEN finding = 'old' THEN 'alarm'
        WHEN finding = 'changed' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'old' THEN
            'the password was last changed '
            || CASE age_days WHEN 1 THEN '1 day' ELSE CAST(age_days AS VARCHAR) || ' days' END
            || ' ago, on ' || date_format(created_time, '%Y-%m-%d') || ' (limit: '
            || CAST($max_age_days AS VARCHAR) || ' days)'
        WHEN 'changed' THEN
            'the password was last changed '
            || CASE age_days WHEN 1 THEN '1 day' ELSE CAST(age_days AS VARCHAR) || ' days' END
            || ' ago, on ' || date_format(created_time, '%Y-%m-%d') || ' (limit: '
            || CAST($max_age_days AS VARCHAR) || ' days)'
        WHEN 'existence not told' THEN 'the report does not tell whether the user has a password'
        WHEN 'change not told' THEN 'the report does not tell when the password was changed'
        WHEN 'changed in the future' THEN
            'the report says that the password was changed in its future, on '
            || date_format(created_time, '%Y-%m-%d')
    END AS reason,
    generated_time,
    age_days
FROM judged
