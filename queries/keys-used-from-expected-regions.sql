-- /// control
-- title = "Access keys were last used in expected regions"
-- severity = "medium"
-- description = """
-- A stolen key is often used where its owner never works. The region of the last use of every \
-- key is judged, active or not, root included; skipped unless regions are given. Services \
-- without regions, such as s3 and iam, have no region in the report and are skipped, not taken \
-- for unused. No benchmark asks for this."""
-- remediation = """
-- aws cloudtrail lookup-events --lookup-attributes \
-- AttributeKey=AccessKeyId,AttributeValue=KEY_ID; if it is not yours, aws iam update-access-key \
-- --user-name USER --access-key-id KEY_ID --status Inactive"""
-- tags = ["hygiene", "access-key", "usage"]
-- columns = ["last_used_region", "last_used_service"]
-- [params.regions]
-- type = "text-list"
-- default = ["any"]
-- doc = "Expected regions as in eu-central-1,us-east-1; any: whichever"
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        kind,
        slot,
        generated_time,
        last_used_region,
        last_used_service,
        CASE
            WHEN 'any' IN ($regions) THEN 'none given'
            WHEN last_used_status = 'never' AND active IS NULL THEN 'existence not told'
            WHEN last_used_status = 'never' THEN 'never used'
            WHEN last_used_status = 'unknown' THEN 'use not told'
            WHEN last_used_region IS NULL AND last_used_service IS NOT NULL THEN 'global service'
            WHEN last_used_region IS NULL THEN 'place not told'
            WHEN lower(last_used_region) IN ($regions) OR upper(last_used_region) IN ($regions) THEN 'expected'
            WHEN lower(last_used_region) NOT IN ($regions) AND upper(last_used_region) NOT IN ($regions) THEN 'unexpected'
        END AS finding
    FROM credentials
    WHERE kind = 'access_key'
)
SELECT
    account_id,
    "user",
    arn,
    CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END AS credential,
    CASE
        WHEN finding IN ('existence not told', 'use not told', 'place not told') THEN 'unknown'
        WHEN finding = 'unexpected' THEN 'alarm'
        WHEN finding IN ('none given', 'never used', 'global service') THEN 'skip'
        WHEN finding = 'expected' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'unexpected' THEN
            'the key was last used in region ' || last_used_region || ', which is not expected'
        WHEN 'expected' THEN
            'the key was last used in region ' || last_used_region || ', which is expected'
        WHEN 'none given' THEN 'no regions are given: --param regions=eu-central-1,us-east-1'
        WHEN 'never used' THEN 'the key was never used'
        WHEN 'existence not told' THEN
            'the report does not tell whether there is a key in this slot'
        WHEN 'use not told' THEN 'the report does not tell whether the key was used'
        WHEN 'place not told' THEN 'the report does not tell the region of the last use'
        WHEN 'global service' THEN
            'the key was last used for ' || last_used_service
            || ', which the report gives no region for'
    END AS reason,
    generated_time,
    last_used_region,
    last_used_service
FROM judged
