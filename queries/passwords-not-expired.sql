-- /// control
-- title = "No console password is past its expiry"
-- severity = "low"
-- description = """
-- A password past its rotation date belongs to somebody who has not signed in for long: AWS asks \
-- for a new one at the next sign-in, and whoever holds the old one gets to choose it. Skipped \
-- where passwords do not expire, which is what the report says in accounts whose policy has no \
-- maximum age; see also password-expiry-enforced. Root passwords never expire."""
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
            WHEN next_rotation_status = 'expired' THEN 'expired'
            WHEN next_rotation_status = 'expires' THEN 'valid'
            WHEN next_rotation_status = 'never' THEN 'no expiry'
            WHEN next_rotation_status = 'unknown' THEN 'expiry not told'
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
        WHEN finding IN ('existence not told', 'expiry not told') THEN 'unknown'
        WHEN finding = 'expired' THEN 'alarm'
        WHEN finding = 'no expiry' THEN 'skip'
        WHEN finding = 'valid' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'expired' THEN
            'the password expired on ' || date_format(next_rotation_time, '%Y-%m-%d')
        WHEN 'valid' THEN 'the password expires on ' || date_format(next_rotation_time, '%Y-%m-%d')
        WHEN 'no expiry' THEN 'the password does not expire'
        WHEN 'expiry not told' THEN 'the report does not tell whether the password expires'
        WHEN 'existence not told' THEN 'the report does not tell whether the user has a password'
    END AS reason,
    generated_time
FROM judged
