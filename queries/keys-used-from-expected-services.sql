-- /// control
-- title = "Access keys were last used for expected services"
-- severity = "medium"
-- description = """
-- A key made for uploads that talks to iam is worth a question. The service of the last use of \
-- every key is judged, active or not, root included; skipped unless services are given. Only the \
-- last use is in the report: one use of an expected service hides those before. No benchmark \
-- asks for this."""
-- remediation = """
-- aws cloudtrail lookup-events --lookup-attributes \
-- AttributeKey=AccessKeyId,AttributeValue=KEY_ID; if it is not yours, aws iam update-access-key \
-- --user-name USER --access-key-id KEY_ID --status Inactive"""
-- tags = ["hygiene", "access-key", "usage"]
-- columns = ["last_used_region", "last_used_service"]
-- [params.services]
-- type = "text-list"
-- default = ["any"]
-- doc = "Expected services as in s3,sts; any: whichever"
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
            WHEN 'any' IN ($services) THEN 'none given'
            WHEN last_used_status = 'never' AND active IS NULL THEN 'existence not told'
            WHEN last_used_status = 'never' THEN 'never used'
            WHEN last_used_status = 'unknown' THEN 'use not told'
            WHEN last_used_service IS NULL THEN 'place not told'
            WHEN lower(last_used_service) IN ($services) OR upper(last_used_service) IN ($services) THEN 'expected'
            WHEN lower(last_used_service) NOT IN ($services) AND upper(last_used_service) NOT IN ($services) THEN 'unexpected'
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
        WHEN finding IN ('none given', 'never used') THEN 'skip'
        WHEN finding = 'expected' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'unexpected' THEN
            'the key was last used for service ' || last_used_service || ', which is not expected'
        WHEN 'expected' THEN
            'the key was last used for service ' || last_used_service || ', which is expected'
        WHEN 'none given' THEN 'no services are given: --param services=s3,sts'
        WHEN 'never used' THEN 'the key was never used'
        WHEN 'existence not told' THEN
            'the report does not tell whether there is a key in this slot'
        WHEN 'use not told' THEN 'the report does not tell whether the key was used'
        WHEN 'place not told' THEN 'the report does not tell the service of the last use'
    END AS reason,
    generated_time,
    last_used_region,
    last_used_service
FROM judged
