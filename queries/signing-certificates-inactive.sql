-- /// control
-- title = "No IAM user has an active X.509 signing certificate"
-- severity = "medium"
-- description = """
-- X.509 certificates signed the SOAP calls of the first AWS services, which are gone; today an \
-- active one is a credential that nobody watches and whose use no report shows. Each certificate \
-- of an IAM user is judged; for root see root-no-signing-certificates. Few tools look at these \
-- columns."""
-- remediation = """
-- aws iam update-signing-certificate --user-name USER --certificate-id ID --status Inactive, \
-- later aws iam delete-signing-certificate"""
-- tags = ["hygiene", "certificate"]
-- columns = ["age_days"]
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        kind,
        slot,
        generated_time,
        age_days,
        CASE
            WHEN active IS NULL THEN 'not told'
            WHEN active AND age_days IS NULL THEN 'active, age not told'
            WHEN active THEN 'active'
            WHEN active = false THEN 'inactive'
        END AS finding
    FROM credentials
    WHERE (is_root IS DISTINCT FROM true) AND kind = 'signing_certificate'
)
SELECT
    account_id,
    "user",
    arn,
    CASE WHEN slot IS NULL THEN kind ELSE kind || '_' || CAST(slot AS VARCHAR) END AS credential,
    CASE
        WHEN finding = 'not told' THEN 'unknown'
        WHEN finding IN ('active', 'active, age not told') THEN 'alarm'
        WHEN finding = 'inactive' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'active' THEN
            'the signing certificate is active and '
            || CASE age_days WHEN 1 THEN '1 day' ELSE CAST(age_days AS VARCHAR) || ' days' END
            || ' old'
        WHEN 'active, age not told' THEN 'the signing certificate is active; its age cannot be told'
        WHEN 'inactive' THEN 'the signing certificate is not active and can be deleted'
        WHEN 'not told' THEN
            'the report does not tell whether there is an active signing certificate in this slot'
    END AS reason,
    generated_time,
    age_days
FROM judged
