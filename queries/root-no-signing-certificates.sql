-- /// control
-- title = "The root user has no X.509 signing certificate"
-- severity = "high"
-- description = """
-- A signing certificate of the root user signs requests as root, like an access key, and most \
-- tools do not look at it. Both certificate flags of the root row are judged. An inactive \
-- certificate is only reported as info: it can be activated again."""
-- remediation = """
-- Sign in as root and delete the certificate under Security credentials, or, with root \
-- credentials in use, aws iam delete-signing-certificate --certificate-id CERTIFICATE_ID"""
-- tags = ["hygiene", "root", "certificate"]
-- ///
WITH judged AS (
    SELECT
        account_id,
        "user",
        arn,
        generated_time,
        CASE
            -- One certificate that is certainly active is enough.
            WHEN cert_1_active AND cert_2_active THEN 'both'
            WHEN cert_1_active THEN 'certificate 1'
            WHEN cert_2_active THEN 'certificate 2'
            WHEN cert_1_active IS NULL OR cert_2_active IS NULL THEN 'not told'
            WHEN cert_1_last_rotated IS NOT NULL OR cert_2_last_rotated IS NOT NULL THEN 'inactive'
            WHEN cert_1_active = false AND cert_2_active = false THEN 'none'
        END AS finding
    FROM credential_report
    WHERE is_root
    UNION ALL
    SELECT
        account_id,
        '<root_account>' AS "user",
        CAST(NULL AS VARCHAR) AS arn,
        generated_time,
        'no row' AS finding
    FROM credential_report
    GROUP BY account_id, source, generated_time
    HAVING max(CASE WHEN is_root THEN 1 ELSE 0 END) = 0
)
SELECT
    account_id,
    "user",
    arn,
    CAST(NULL AS VARCHAR) AS credential,
    CASE
        WHEN finding IN ('not told', 'no row') THEN 'unknown'
        WHEN finding IN ('both', 'certificate 1', 'certificate 2') THEN 'alarm'
        WHEN finding = 'inactive' THEN 'info'
        WHEN finding = 'none' THEN 'ok'
        ELSE 'unknown'
    END AS status,
    CASE finding
        WHEN 'both' THEN 'both signing certificates of the root user are active'
        WHEN 'certificate 1' THEN 'signing certificate 1 of the root user is active'
        WHEN 'certificate 2' THEN 'signing certificate 2 of the root user is active'
        WHEN 'inactive' THEN 'an inactive signing certificate of the root user is still there'
        WHEN 'none' THEN 'the root user has no signing certificate'
        WHEN 'not told' THEN
            'the report does not tell of both signing certificates whether they are active'
        WHEN 'no row' THEN 'the report has no row of the root user'
    END AS reason,
    generated_time
FROM judged
