-- /// control
-- title = "No console password is past its expiry"
-- severity = "low"
-- description = """
-- A password past its rotation date belongs to somebody who has not signed in for long: AWS asks \
-- for a new one at the next sign-in, and whoever holds the old one gets to choose it. Skipped \
-- where the report has no such date, which is so in accounts whose policy does not expire \
-- passwords. Root passwords never expire."""
-- remediation = """
-- aws iam delete-login-profile --user-name USER, or have the user sign in and choose a new \
-- password"""
-- tags = ["hygiene", "password"]
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        kind,
        generated_time,
        next_rotation_time,
        CASE
            WHEN active IS NULL THEN 'existence not told'
            WHEN next_rotation_time IS NULL THEN 'no expiry'
            -- Ages have the clock of the run; without one the time of the report has to do.
            WHEN age_days IS NOT NULL AND age_days * 86400 >= to_unixtime(next_rotation_time) - to_unixtime(created_time) THEN 'expired'
            WHEN age_days IS NULL AND generated_time >= next_rotation_time THEN 'expired'
            WHEN next_rotation_time IS NOT NULL THEN 'valid'
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
        WHEN finding = 'existence not told' THEN 'unknown'
        WHEN finding = 'expired' THEN 'alarm'
        WHEN finding = 'no expiry' THEN 'skip'
        WHEN finding = 'valid' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'expired' THEN
            'the password expired on ' || date_format(next_rotation_time, '%Y-%m-%d')
        WHEN 'valid' THEN 'the password expires on ' || date_format(next_rotation_time, '%Y-%m-%d')
        WHEN 'no expiry' THEN 'the report has no expiry for this password'
        WHEN 'existence not told' THEN 'the report does not tell whether the user has a password'
    END AS reason,
    generated_time
FROM judged
