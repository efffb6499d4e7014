//! Addresses that the user set in place of AWS's own. The SDK reads them itself, passes by some that
//! are wrong and goes down with others, so they are looked at first.

use crate::aws::transport;
use crate::aws::trouble::{Kind, Result, Trouble};

/// Variables with an address, for all services and for those that are used here.
const VARIABLES: [&str; 9] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_ATHENA",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_ORGANIZATIONS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SIGNIN",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_STS",
];

/// Looks at the addresses of the environment, and at that of the profile.
pub(super) fn check(of_profile: Option<&str>) -> Result<()> {
    for name in VARIABLES {
        if let Some(value) = std::env::var_os(name)
            && !value.to_str().is_some_and(is_address)
        {
            return Err(wrong(name));
        }
    }
    match of_profile {
        Some(value) if !is_address(value) => Err(wrong("the endpoint_url of the profile")),
        _ => Ok(()),
    }
}

fn is_address(value: &str) -> bool {
    let has_scheme = ["http://", "https://"].iter().any(|scheme| value.starts_with(scheme));
    let host = transport::endpoint(value);
    has_scheme
        && !host.ends_with("//")
        && !value.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

/// The value is not shown: it may hold a password.
fn wrong(name: &str) -> Trouble {
    Trouble::new(Kind::Other, format!("{name} is not the address of a service"))
        .hint("write it with its scheme, as in http://localhost:9000, or leave it unset")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        for good in ["http://localhost:9000", "https://s3.example.com/path", "http://[::1]:80"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "localhost:9000",
            "http://",
            "https:///path",
            "ftp://host",
            "http://a b",
            "http://a\n",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
