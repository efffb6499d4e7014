//! Who the credentials belong to.

use crate::aws::access::Iam;

use crate::aws::access::Access;
use crate::aws::trouble::{Kind, Result, Trouble, clean};

/// Whom AWS takes us for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account_id: String,
    /// The user, or the session of a role.
    pub arn: String,
    /// `aws`, `aws-cn`, `aws-us-gov` or another.
    pub partition: String,
    /// The unique id, of a role with the name of the session.
    pub user_id: Option<String>,
}

/// Asks STS, in the region of the access, who is asking. Everybody may know that.
///
/// # Errors
/// If the credentials are no good, or STS cannot be reached.
pub async fn caller(access: &Access) -> Result<Caller> {
    read_caller(&access.sts()).await
}

/// Asks with this client.
pub(crate) async fn read_caller(sts: &aws_sdk_sts::Client) -> Result<Caller> {
    let answer = sts.get_caller_identity().send().await;
    let answer = answer.map_err(|error| Trouble::of("sts:GetCallerIdentity", &error))?;
    let odd =
        || Trouble::new(Kind::Other, "sts:GetCallerIdentity does not tell an account and an arn");
    let (Some(account_id), Some(arn)) = (answer.account(), answer.arn()) else {
        return Err(odd());
    };
    let mut parts = arn.split(':');
    let partition = match (parts.next(), parts.next()) {
        (Some("arn"), Some(partition)) if !partition.is_empty() => clean(partition),
        _ => return Err(odd()),
    };
    Ok(Caller {
        account_id: clean(account_id),
        arn: clean(arn),
        partition,
        user_id: answer.user_id().map(clean),
    })
}

/// The alias of the account, if it has one and we may know it: a name is nice to have, and no reason
/// to fail.
pub async fn account_alias(iam: &Iam) -> Option<String> {
    let answer = iam.list_account_aliases().send().await.ok()?;
    answer.account_aliases().first().map(|alias| clean(alias)).filter(|alias| !alias.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::scripted::{Answer, Script};

    fn identity(arn: &str) -> Answer {
        Answer::ok(format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <Arn>{arn}</Arn><UserId>AROAEXAMPLE:s</UserId><Account>123456789012</Account>\
             </GetCallerIdentityResult></GetCallerIdentityResponse>"
        ))
    }

    #[tokio::test]
    async fn the_partition_is_that_of_the_arn() {
        for partition in ["aws", "aws-cn", "aws-us-gov"] {
            let arn = format!("arn:{partition}:sts::123456789012:assumed-role/r/s");
            let script = Script::new([identity(&arn)]);
            let caller = caller(&script.access()).await.expect("a caller");
            assert_eq!((caller.partition.as_str(), caller.arn.as_str()), (partition, arn.as_str()));
            assert_eq!(
                (caller.account_id.as_str(), caller.user_id.as_deref()),
                ("123456789012", Some("AROAEXAMPLE:s"))
            );
        }
    }

    #[tokio::test]
    async fn an_answer_without_an_arn_is_no_identity() {
        let script = Script::new([identity("nobody")]);
        assert!(caller(&script.access()).await.is_err());
    }

    #[tokio::test]
    async fn the_alias_is_taken_if_it_may_be_known() {
        let aliases = |inner: &str| {
            Answer::ok(format!(
                "<ListAccountAliasesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListAccountAliasesResult>\
                 <IsTruncated>false</IsTruncated><AccountAliases>{inner}</AccountAliases></ListAccountAliasesResult>\
                 </ListAccountAliasesResponse>"
            ))
        };
        let told = async |answer| account_alias(&Script::new([answer]).access().iam()).await;
        assert_eq!(told(aliases("<member>acme</member>")).await.as_deref(), Some("acme"));
        assert_eq!(told(aliases("")).await, None);
        assert_eq!(told(Answer::error(403, "AccessDenied", "no")).await, None);
    }
}
