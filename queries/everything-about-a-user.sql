-- /// query
-- title = "All that the reports tell about one user, in every account"
-- description = """
-- One row for the user, credential -, and one for each password, key and certificate. The name \
-- is matched whole, in upper or lower case; an ARN works too."""
-- tags = ["user"]
-- [params.name]
-- type = "text"
-- doc = "User name or ARN"
-- ///
SELECT
    account_id,
    "user",
    arn,
    '-' AS credential,
    CASE
        WHEN mfa_active IS NULL THEN 'MFA not told'
        WHEN mfa_active THEN 'with MFA'
        ELSE 'without MFA'
    END AS state,
    user_creation_time AS created_time,
    CAST(NULL AS BIGINT) AS age_days,
    CASE WHEN user_creation_time IS NULL THEN NULL ELSE additional_credentials_info END AS note,
    password_last_used AS last_used_time,
    CAST(NULL AS BIGINT) AS idle_days,
    CAST(NULL AS VARCHAR) AS last_used_region,
    CAST(NULL AS VARCHAR) AS last_used_service,
    generated_time,
    source
FROM credential_report
WHERE lower("user") = lower($name) OR arn = $name
UNION ALL
SELECT
    account_id,
    "user",
    arn,
    CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END AS credential,
    CASE WHEN active IS NULL THEN 'not told' WHEN active THEN 'active' ELSE 'inactive' END AS state,
    created_time,
    age_days,
    CASE WHEN last_used_status = 'never' THEN 'never used' WHEN last_used_status = 'unknown' THEN 'use not told' END AS note,
    last_used_time,
    idle_days,
    last_used_region,
    last_used_service,
    generated_time,
    source
FROM credentials
WHERE lower("user") = lower($name) OR arn = $name
ORDER BY account_id, arn, credential
