//! The profile in use: whether there is one of that name, and what it says of the region.

use std::borrow::Cow;
use std::fmt;

use aws_config::Region;
use aws_config::profile::{Profile, ProfileSet};

use super::{AccessOptions, DEFAULT_REGION, home_region, partition_of};
use crate::aws::trouble::{Kind, Result, Trouble, clean};

/// Where a region comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionFrom {
    /// The user named it.
    Option,
    /// This variable of the environment.
    Environment(&'static str),
    /// This profile.
    Profile(String),
    /// Nobody named one: it is where IAM lives.
    Default,
}

impl fmt::Display for RegionFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => f.write_str("--region"),
            Self::Environment(name) => f.write_str(name),
            Self::Profile(name) => write!(f, "profile `{name}`"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Variables that name a region, as the SDK reads them.
const REGION_VARIABLES: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// The profile in use. Without files there is none, which is no fault unless one was named.
pub(super) struct Chosen {
    profiles: ProfileSet,
}

impl Chosen {
    /// Reads `~/.aws`, or the files that the environment names instead.
    pub(super) async fn load(options: &AccessOptions) -> Result<Self> {
        let name = options.profile.clone().map(Cow::Owned);
        #[expect(
            clippy::default_trait_access,
            reason = "the types are of a crate that is none of our dependencies"
        )]
        let profiles = aws_config::profile::load(
            &Default::default(),
            &Default::default(),
            &Default::default(),
            name,
        )
        .await;
        let profiles = profiles.map_err(|error| {
            Trouble::new(
                Kind::NoCredentials,
                format!("the AWS configuration cannot be read: {}", clean(&error.to_string())),
            )
            .hint("put that line of ~/.aws/config or ~/.aws/credentials right")
        })?;
        let chosen = Self { profiles };
        let is_named = options.profile.is_some() || chosen.name() != "default";
        if is_named && chosen.profile().is_none() && !options.no_sign_request {
            return Err(chosen.unknown(options));
        }
        Ok(chosen)
    }

    fn name(&self) -> &str {
        self.profiles.selected_profile()
    }

    fn profile(&self) -> Option<&Profile> {
        self.profiles.get_profile(self.name())
    }

    /// The address that the profile puts in place of AWS's own.
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.profiles.get("endpoint_url")
    }

    /// The region of requests.
    pub(super) fn region(&self, options: &AccessOptions) -> Region {
        Region::new(self.region_from(options).0)
    }

    /// The region of requests, and who says so.
    pub(super) fn region_from(&self, options: &AccessOptions) -> (String, RegionFrom) {
        if let Some(region) = &options.region {
            return (region.clone(), RegionFrom::Option);
        }
        let set = |name: &&'static str| {
            Some((std::env::var(name).ok().filter(|value| !value.is_empty())?, *name))
        };
        if let Some((region, name)) = REGION_VARIABLES.iter().find_map(set) {
            return (region, RegionFrom::Environment(name));
        }
        match self.profiles.get("region") {
            Some(region) => (region.to_owned(), RegionFrom::Profile(self.name().to_owned())),
            None => (self.home_region().to_owned(), RegionFrom::Default),
        }
    }

    /// Without a region, what else the profile names tells the partition.
    fn home_region(&self) -> &'static str {
        let get = |key| self.profile().and_then(|profile| profile.get(key));
        let of_arn = |arn: &str| arn.split(':').nth(1).map(home_region);
        let of_region = |region: &str| home_region(partition_of(region));
        let session = get("sso_session").and_then(|name| self.profiles.sso_session(name));
        get("role_arn")
            .and_then(of_arn)
            .or_else(|| get("login_session").and_then(of_arn))
            .or_else(|| get("sso_region").map(of_region))
            .or_else(|| session.and_then(|session| session.get("sso_region")).map(of_region))
            .unwrap_or(DEFAULT_REGION)
    }

    fn unknown(&self, options: &AccessOptions) -> Trouble {
        let wanted = self.name();
        let by = if options.profile.is_some() { "" } else { " (AWS_PROFILE)" };
        let mut text = format!(
            "there is no profile `{}`{by} in ~/.aws/config or ~/.aws/credentials",
            clean(wanted)
        );
        if ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]
            .iter()
            .any(|name| std::env::var_os(name).is_some())
        {
            text = format!(
                "there is no profile `{}`{by} in the files of AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE",
                clean(wanted)
            );
        }
        Trouble::new(Kind::NoCredentials, text).hint(self.instead_of(wanted))
    }

    /// Profiles that may be meant.
    fn instead_of(&self, wanted: &str) -> String {
        let mut names: Vec<&str> = self.profiles.profiles().collect();
        names.sort_unstable();
        let likeness =
            |name: &&str| strsim::jaro_winkler(&wanted.to_lowercase(), &name.to_lowercase());
        let nearest = names.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        match nearest {
            None => "there are no profiles at all: `aws configure sso` or `aws login` makes one"
                .to_owned(),
            Some(name) if likeness(&name) > 0.75 => format!("did you mean `{}`?", clean(name)),
            Some(_) => {
                let shown: Vec<String> = names.iter().take(NAMED).map(|name| clean(name)).collect();
                let more = if names.len() > NAMED { ", …" } else { "" };
                format!("the profiles are {}{more}", shown.join(", "))
            }
        }
    }
}

/// Most profiles listed.
const NAMED: usize = 10;
