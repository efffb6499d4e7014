-- /// query
-- title = "Users who had MFA and have it no more"
-- description = """
-- Whose MFA was on in an earlier report and is off in the latest, root included, with the two \
-- reports between which it was lost. Somebody removed the device, which a thief with a password \
-- would do too. Users that are gone, or were re-created under the same name, are not here."""
-- tags = ["changes", "mfa"]
-- ///
WITH lost AS (
    SELECT
        account_id,
        arn,
        user_creation_time,
        max(generated_time) AS lost_time,
        max(previous_time) AS last_seen_time,
        count(*) AS times_lost
    FROM changes
    WHERE change = 'mfa_disabled'
    GROUP BY account_id, arn, user_creation_time
)
SELECT
    report.account_id,
    report.account_name,
    report."user",
    report.arn,
    lost.last_seen_time AS had_mfa_at,
    lost.lost_time AS without_mfa_at,
    lost.times_lost,
    report.password_enabled,
    report.password_last_used,
    report.password_last_changed,
    CASE WHEN report.password_last_used >= lost.last_seen_time THEN true WHEN report.password_last_used IS NOT NULL THEN false END
        AS signed_in_since,
    report.generated_time
FROM lost
INNER JOIN credential_report AS report
    ON lost.account_id = report.account_id
    AND lost.arn = report.arn
    AND coalesce(lost.user_creation_time = report.user_creation_time, true)
WHERE report.mfa_active = false
ORDER BY lost.lost_time DESC, report.account_id, report."user"
