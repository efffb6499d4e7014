//! The environment cannot be changed while other threads run, so each case runs in a process of its
//! own: this test program, asked for one test only.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};

use aws_credential_types::provider::ProvideCredentials;

use super::*;
use crate::aws::identity;
use crate::aws::scripted::{SECRETS, assert_no_secret};

/// Where the process of a case writes what it has to say.
const SAYS: &str = "CREDSQL_TEST_SAYS";
/// The profile named by the user of a case.
const PROFILE: &str = "CREDSQL_TEST_PROFILE";

/// A variable that is not there.
const UNSET: &str = "(unset)";

/// Loads access in a home with this `~/.aws/config`, asks who we are, and gives back all that is
/// said about it.
fn said(config: &str, variables: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(home.path().join(".aws")).expect("a directory");
    std::fs::write(home.path().join(".aws/config"), config).expect("a file");
    let says = home.path().join("says");
    let child = format!("{}::child", module_path!().split_once("::").expect("a module").1);
    let mut command = Command::new(std::env::current_exe().expect("a program"));
    command
        .args(["--exact", &child, "--ignored", "--test-threads=1"])
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        // Nothing listens there: who forgets to say where requests go finds out at once.
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .env(SAYS, &says)
        .envs(variables.iter().copied());
    for (name, _) in variables.iter().filter(|(_, value)| *value == UNSET) {
        command.env_remove(name);
    }
    let output = command.output().expect("a process");
    let said = std::fs::read_to_string(&says).unwrap_or_else(|_| panic!("{output:?}"));
    // Its keys are asked for, so it says them; nothing else may hold one.
    let others: Vec<&str> = said.lines().filter(|line| !line.starts_with("key ")).collect();
    assert_no_secret(&others.join("\n"));
    said
}

#[test]
#[ignore = "runs in a process of its own"]
fn child() {
    let Some(says) = std::env::var_os(SAYS) else { return };
    let options =
        AccessOptions { profile: std::env::var(PROFILE).ok(), ..AccessOptions::default() };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let text = runtime.block_on(report(options));
    std::fs::write(says, text).expect("a file");
}

async fn report(options: AccessOptions) -> String {
    let trouble = |it: crate::aws::trouble::Trouble| {
        format!("{:?}: {it}\nhint: {}\n", it.kind, it.hint.as_deref().unwrap_or_default())
    };
    let profile = options.profile.clone();
    let from = region_from(&options).await;
    let access = match Access::load(options).await {
        Ok(access) => access,
        Err(it) => return trouble(it),
    };
    let mut said =
        format!("{access:?}\nregion {} from {}\n", access.region(), from.expect("a region"));
    let asked = match identity::caller(&access).await {
        Ok(caller) => format!("caller {}\n", caller.arn),
        Err(it) => trouble(it.for_profile(profile.as_deref())),
    };
    said.push_str(&asked);
    if let Some(provider) = access.config.credentials_provider() {
        let key = provider.provide_credentials().await;
        let key = key.map_or_else(|_| "none".into(), |key| key.access_key_id().to_owned());
        said.push_str("key ");
        said.push_str(&key);
    }
    said
}

/// Says the same to everyone, and remembers the first line of each request.
fn server(answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let (mut first, mut length) = (String::new(), 0);
            let _ = reader.read_line(&mut first);
            lines.lock().expect("the list").push(first.trim().to_owned());
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
            let _ = reader.read_exact(&mut vec![0; length]);
            let _ = reader.get_mut().write_all(answer.as_bytes());
        }
    });
    (address, seen)
}

const IDENTITY: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\nx-amzn-requestid: r\r\ncontent-length: 236\r\n\r\n\
<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/bob</Arn>\
<UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
<ResponseMetadata/></GetCallerIdentityResponse>          ";

fn keys(name: &str) -> String {
    format!(
        "[{name}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        SECRETS[0], SECRETS[1]
    )
}

#[test]
fn an_unknown_profile_is_told_with_the_one_that_may_be_meant() {
    let config = format!("{}{}", keys("profile prod"), keys("profile staging"));
    let told = said(&config, &[(PROFILE, "prd")]);
    assert!(
        told.starts_with("NoCredentials: there is no profile `prd` in ~/.aws/config"),
        "{told}"
    );
    assert!(told.contains("did you mean `prod`?"), "{told}");
    let told = said(&config, &[("AWS_PROFILE", "zzz")]);
    assert!(
        told.contains("no profile `zzz` (AWS_PROFILE)")
            && told.contains("the profiles are prod, staging"),
        "{told}"
    );
    let told = said("", &[(PROFILE, "prod")]);
    assert!(told.contains("there are no profiles at all"), "{told}");
}

#[test]
fn a_broken_file_is_told() {
    let told = said("[profile x\nregion = eu-west-1\n", &[]);
    assert!(told.starts_with("NoCredentials: the AWS configuration cannot be read"), "{told}");
}

#[test]
fn the_region_is_that_of_who_says_it_first() {
    let config = format!("{}region = eu-west-1\n", keys("default"));
    let region = |config: &str, variables: &[(&str, &str)]| {
        let told = said(config, variables);
        told.lines().find_map(|line| line.strip_prefix("region ")).expect("a region").to_owned()
    };
    assert_eq!(region(&config, &[]), "eu-west-1 from profile `default`");
    assert_eq!(
        region(&config, &[("AWS_DEFAULT_REGION", "eu-west-2")]),
        "eu-west-2 from AWS_DEFAULT_REGION"
    );
    let both = [("AWS_DEFAULT_REGION", "eu-west-2"), ("AWS_REGION", "eu-west-3")];
    assert_eq!(region(&config, &both), "eu-west-3 from AWS_REGION");
    assert_eq!(region(&keys("default"), &[]), "us-east-1 from default");
    let role = "[default]\nrole_arn = arn:aws-us-gov:iam::123456789012:role/r\ncredential_source = Environment\n";
    assert_eq!(region(role, &[]), "us-gov-west-1 from default");
    let sso = "[default]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n[sso-session s]\nsso_region = cn-northwest-1\nsso_start_url = https://x\n";
    assert_eq!(region(sso, &[]), "cn-north-1 from default");
}

#[test]
fn a_profile_named_goes_before_keys_of_the_environment() {
    let environment =
        [("AWS_ACCESS_KEY_ID", "AKIAOFTHEENVIRONMENT"), ("AWS_SECRET_ACCESS_KEY", "other")];
    let named = [environment[0], environment[1], (PROFILE, "prod")];
    assert!(said(&keys("profile prod"), &named).contains(&format!("key {}", SECRETS[0])));
    // Without a name, the SDK's order holds.
    assert!(said(&keys("default"), &environment).contains("key AKIAOFTHEENVIRONMENT"));
}

#[test]
fn no_credentials_says_where_was_looked_and_what_to_do() {
    let told = said("", &[]);
    assert!(
        told.contains(
            "NoCredentials: no AWS credentials: none in the environment, in ~/.aws/config"
        ),
        "{told}"
    );
    assert!(
        told.contains("`aws configure sso`")
            && told.contains("`aws login`")
            && told.contains("AWS_PROFILE"),
        "{told}"
    );
    let told = said("[profile bare]\nregion = eu-west-1\n", &[(PROFILE, "bare")]);
    assert!(told.contains("NoCredentials: the profile holds no credentials"), "{told}");
}

#[test]
fn an_sso_session_that_is_not_there_says_how_to_sign_in() {
    let old = "[profile p]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = r\n";
    let new = "[profile p]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n";
    for config in [old, new] {
        let told = said(config, &[(PROFILE, "p")]);
        assert!(told.contains("NoCredentials: there is no SSO session"), "{told}");
        assert!(told.contains("`aws sso login --profile p`"), "{told}");
    }
    let told = said(
        "[profile p]\nlogin_session = arn:aws:iam::123456789012:user/bob\nregion = eu-west-1\n",
        &[(PROFILE, "p")],
    );
    assert!(
        told.contains("there is no session of `aws login`")
            && told.contains("`aws login --profile p`"),
        "{told}"
    );
}

#[test]
fn an_sso_session_that_is_over_says_how_to_sign_in() {
    // The name of the file is the SHA-1 of the name of the session, "s".
    let config = "[profile p]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x.awsapps.com/start\n";
    let home = tempfile::tempdir().expect("a directory");
    let cache = home.path().join(".aws/sso/cache");
    std::fs::create_dir_all(&cache).expect("a directory");
    let token = format!(r#"{{"accessToken":"{}","expiresAt":"2020-01-01T00:00:00Z"}}"#, SECRETS[2]);
    std::fs::write(cache.join("a0f1490a20d0211c997b44bc357e1972deab8ae3.json"), token)
        .expect("a file");
    let path = home.path().to_str().expect("a path");
    let config_file = home.path().join("config");
    std::fs::write(&config_file, config).expect("a file");
    let told = said(
        "",
        &[
            (PROFILE, "p"),
            ("HOME", path),
            ("AWS_CONFIG_FILE", config_file.to_str().expect("a path")),
        ],
    );
    assert!(told.contains("Expired: the SSO session has expired"), "{told}");
}

#[test]
fn what_a_credential_process_prints_stays_unsaid() {
    let config =
        format!("[profile p]\ncredential_process = sh -c 'echo {} >&2; exit 3'\n", SECRETS[1]);
    let told = said(&config, &[(PROFILE, "p")]);
    assert!(told.contains("the credential_process of the profile gave no credentials"), "{told}");
    let config = format!("[profile p]\ncredential_process = echo {}\n", SECRETS[1]);
    assert!(said(&config, &[(PROFILE, "p")]).contains("gave no credentials"));
}

#[test]
fn a_profile_that_leads_nowhere_is_named() {
    let config =
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = gone\n";
    let told = said(config, &[(PROFILE, "p")]);
    assert!(told.contains("NoCredentials: ") && told.contains("`gone`"), "{told}");
}

#[test]
fn a_role_of_a_profile_that_is_denied_names_the_role_call() {
    let (address, _) = server(
        "HTTP/1.1 403 Forbidden\r\nconnection: close\r\nx-amzn-requestid: r\r\ncontent-length: 282\r\n\r\n\
<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/bob \
is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/r</Message></Error>\
<RequestId>r</RequestId></ErrorResponse>                                                                    ",
    );
    let config = format!(
        "{}[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n",
        keys("profile base")
    );
    let told =
        said(&config, &[(PROFILE, "p"), ("AWS_ENDPOINT_URL_STS", &format!("http://{address}"))]);
    assert!(
        told.contains(
            "Denied: not allowed: sts:AssumeRole, for arn:aws:iam::123456789012:user/bob"
        ),
        "{told}"
    );
    assert!(told.contains("trust policy"), "{told}");
}

#[test]
fn endpoints_come_from_the_environment_and_the_profile() {
    let (address, seen) = server(IDENTITY);
    let url = format!("http://{address}");
    let told = said(&keys("default"), &[("AWS_ENDPOINT_URL_STS", &url)]);
    assert!(told.contains("caller arn:aws:iam::123456789012:user/bob"), "{told}");
    let config = format!(
        "{}services = here\n[services here]\nsts =\n  endpoint_url = {url}\n",
        keys("default")
    );
    let told = said(&config, &[("AWS_ENDPOINT_URL", UNSET)]);
    assert!(told.contains("caller "), "{told}");
    assert_eq!(seen.lock().expect("the list").len(), 2);
}

#[test]
fn an_endpoint_that_is_no_address_is_named() {
    for (name, value) in [("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_IAM", "localhost:9000")] {
        let told = said(&keys("default"), &[(name, value)]);
        assert!(told.starts_with(&format!("Other: {name} is not the address")), "{told}");
    }
    let told = said(&format!("{}endpoint_url = here\n", keys("default")), &[]);
    assert!(told.starts_with("Other: the endpoint_url of the profile"), "{told}");
}

#[test]
fn an_endpoint_where_nobody_listens_is_named_at_once() {
    let told = said(&keys("default"), &[]);
    assert!(told.contains("Network: http://127.0.0.1:1 refuses connections"), "{told}");
    assert!(told.contains("AWS_ENDPOINT_URL"), "{told}");
}

#[test]
fn proxies_of_the_environment_are_used_and_left_out() {
    let (proxy, seen) = server(IDENTITY);
    let proxy = format!("http://{proxy}");
    let plain =
        [("HTTP_PROXY", proxy.as_str()), ("AWS_ENDPOINT_URL", "http://sts.example.invalid")];
    let told = said(&keys("default"), &plain);
    assert!(told.contains("caller "), "{told}");
    assert_eq!(
        seen.lock().expect("the list").as_slice(),
        ["POST http://sts.example.invalid/ HTTP/1.1"]
    );
    let told = said(&keys("default"), &[("HTTP_PROXY", &proxy), ("NO_PROXY", "127.0.0.1")]);
    assert!(told.contains("http://127.0.0.1:1 refuses connections"), "{told}");
    assert_eq!(seen.lock().expect("the list").len(), 1);
}

#[test]
fn a_proxy_that_refuses_is_told_as_one() {
    let (proxy, seen) =
        server("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    let variables = [
        ("HTTPS_PROXY", format!("http://user:{}@{proxy}", SECRETS[1])),
        ("AWS_ENDPOINT_URL", "https://sts.example.invalid".into()),
    ];
    let told =
        said(&keys("default"), &variables.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert!(told.contains("Network: ") && told.contains("https://sts.example.invalid"), "{told}");
    assert!(told.contains("a proxy is in use"), "{told}");
    assert!(
        seen.lock()
            .expect("the list")
            .iter()
            .all(|line| line == "CONNECT sts.example.invalid:443 HTTP/1.1")
    );
}

#[test]
fn regions_and_partitions_belong_together() {
    for partition in [
        "aws",
        "aws-cn",
        "aws-us-gov",
        "aws-iso",
        "aws-iso-b",
        "aws-iso-e",
        "aws-iso-f",
        "aws-eusc",
    ] {
        assert_eq!(partition_of(home_region(partition)), partition);
    }
    assert_eq!(partition_of("eu-central-1"), "aws");
}
