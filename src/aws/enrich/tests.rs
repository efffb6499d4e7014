//! An IAM that answers by what it is asked, since questions come side by side.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_iam::Client;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::{Whose, fetch};
use crate::beside::Extras;

/// Parameters of a request: `Action`, `UserName`, `Marker`, …
type Asked = HashMap<String, String>;

/// Status and body of an answer.
type Answer = (u16, String);

/// What answers; it is also told how often the same was asked before.
type Answering = Arc<dyn Fn(&Asked, usize) -> Answer + Send + Sync>;

#[derive(Clone)]
struct Iam {
    answer: Answering,
    asked: Arc<Mutex<Vec<Asked>>>,
    under_way: Arc<AtomicUsize>,
    most_under_way: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Iam {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Iam")
    }
}

impl HttpConnector for Iam {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').expect("a form");
            (name.to_owned(), value.to_owned())
        };
        let asked: Asked = body.split('&').map(pair).collect();
        let earlier = {
            let mut all = self.asked.lock().expect("the list");
            let earlier = all.iter().filter(|other| **other == asked).count();
            all.push(asked.clone());
            earlier
        };
        let iam = self.clone();
        HttpConnectorFuture::new(async move {
            let now = iam.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            iam.most_under_way.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(2)).await;
            iam.under_way.fetch_sub(1, Ordering::SeqCst);
            let (status, text) = (iam.answer)(&asked, earlier);
            let status = StatusCode::try_from(status).expect("a status");
            Ok(HttpResponse::new(status, SdkBody::from(text)))
        })
    }
}

impl Iam {
    fn new(answer: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            answer: Arc::new(answer),
            asked: Arc::default(),
            under_way: Arc::default(),
            most_under_way: Arc::default(),
        }
    }

    async fn fetch(&self) -> (Extras, Vec<String>) {
        let connector = SharedHttpConnector::new(self.clone());
        let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        let config = aws_sdk_iam::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::for_tests())
            .retry_config(retries)
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        let whose = Whose {
            account_id: "111122223333".into(),
            account_name: Some("payments".into()),
            partition: Some("aws".into()),
            time: 77,
        };
        let extras = fetch(&Client::from_conf(config), whose).await;
        let remarks = extras.remarks();
        (extras, remarks)
    }

    fn times_asked(&self, action: &str) -> usize {
        let asked = self.asked.lock().expect("the list");
        asked.iter().filter(|asked| asked["Action"] == action).count()
    }
}

fn result(action: &str, content: &str) -> Answer {
    (
        200,
        format!(
            "<{action}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{action}Result>{content}\
             </{action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"
        ),
    )
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    (
        status,
        format!(
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        ),
    )
}

fn denied(action: &str) -> Answer {
    let message = format!(
        "User: arn:aws:iam::111122223333:user/auditor is not authorized to perform: iam:{action} on \
         resource: * because no identity-based policy allows the iam:{action} action"
    );
    error(403, "AccessDenied", &message)
}

/// A list on two pages, which a marker connects.
fn two_pages(asked: &Asked, list: &str, first: &str, second: &str) -> Answer {
    let action = &asked["Action"];
    match asked.get("Marker").map(String::as_str) {
        None => result(
            action,
            &format!("<{list}>{first}</{list}><IsTruncated>true</IsTruncated><Marker>m2</Marker>"),
        ),
        Some("m2") => {
            result(action, &format!("<{list}>{second}</{list}><IsTruncated>false</IsTruncated>"))
        }
        Some(other) => panic!("{other} was never a marker"),
    }
}

fn user(name: &str) -> String {
    format!(
        "<member><Path>/</Path><UserName>{name}</UserName><UserId>AIDA{name}</UserId>\
         <Arn>arn:aws:iam::111122223333:user/{name}</Arn><CreateDate>2020-01-01T00:00:00Z</CreateDate></member>"
    )
}

fn key(id: &str, status: &str, created: &str) -> String {
    format!(
        "<member><UserName>x</UserName><AccessKeyId>{id}</AccessKeyId><Status>{status}</Status>\
         <CreateDate>{created}</CreateDate></member>"
    )
}

/// An account in which everything is allowed; lists have two pages.
fn whole(asked: &Asked) -> Answer {
    let action = asked["Action"].as_str();
    match action {
        "GetAccountSummary" => result(
            action,
            "<SummaryMap><entry><key>AccountMFAEnabled</key><value>1</value></entry>\
             <entry><key>SomethingNew</key><value>7</value></entry></SummaryMap>",
        ),
        "GetAccountPasswordPolicy" => result(
            action,
            "<PasswordPolicy><MinimumPasswordLength>14</MinimumPasswordLength>\
             <RequireSymbols>true</RequireSymbols><RequireNumbers>false</RequireNumbers>\
             <ExpirePasswords>false</ExpirePasswords></PasswordPolicy>",
        ),
        // Root has no name in this list.
        "ListVirtualMFADevices" => {
            assert_eq!(asked["AssignmentStatus"], "Any");
            two_pages(
                asked,
                "VirtualMFADevices",
                "<member><SerialNumber>arn:aws:iam::111122223333:mfa/root-account-mfa-device</SerialNumber>\
                 <EnableDate>2024-05-06T07:08:09Z</EnableDate><User><UserId>111122223333</UserId>\
                 <Arn>arn:aws:iam::111122223333:root</Arn><CreateDate>2019-01-01T00:00:00Z</CreateDate>\
                 </User></member>",
                "<member><SerialNumber>arn:aws:iam::111122223333:mfa/spare</SerialNumber></member>",
            )
        }
        "ListUsers" => two_pages(asked, "Users", &user("ann"), &user("bob")),
        "ListAccessKeys" if asked["UserName"] == "ann" => two_pages(
            asked,
            "AccessKeyMetadata",
            &key("AKIA1", "Active", "2026-01-02T03:04:05Z"),
            &key("AKIA2", "Inactive", "2025-01-02T03:04:05Z"),
        ),
        "ListUserTags" if asked["UserName"] == "bob" => two_pages(
            asked,
            "Tags",
            "<member><Key>team</Key><Value>core</Value></member>",
            "<member><Key>empty</Key><Value></Value></member>",
        ),
        "ListAccessKeys" => result(action, "<AccessKeyMetadata/><IsTruncated>false</IsTruncated>"),
        "ListUserTags" => result(action, "<Tags/><IsTruncated>false</IsTruncated>"),
        other => panic!("{other} is not asked for"),
    }
}

#[tokio::test]
async fn everything_is_asked_on_all_pages() {
    let (extras, remarks) = Iam::new(|asked, _| whole(asked)).fetch().await;
    assert_eq!(remarks, Vec::<String>::new());
    assert_eq!((&*extras.account_id, extras.collected_time), ("111122223333", 77));
    let summary = extras.summary.expect("it was told");
    assert_eq!((summary["AccountMFAEnabled"], summary["SomethingNew"]), (1, 7));
    let policy = extras.password_policy.expect("it was told").expect("there is one");
    assert_eq!((policy.minimum_length, policy.symbols, policy.numbers), (Some(14), true, false));
    assert_eq!((policy.reuse_prevention, policy.hard_expiry), (None, None));
    let devices = extras.virtual_mfa_devices.expect("they were told");
    let shown = devices.iter().map(|device| (device.is_of_root(), device.user.is_some()));
    assert_eq!(shown.collect::<Vec<_>>(), [(true, true), (false, false)]);
    assert_eq!(devices[0].user.as_ref().expect("root").0, None, "root has no name here");
    assert_eq!(devices[0].enabled_time, Some(1_714_979_289_000));
    let keys = extras.access_keys.expect("they were told");
    let shown: Vec<_> =
        keys.iter().map(|key| (&*key.user, &*key.access_key_id, &*key.status)).collect();
    assert_eq!(shown, [("ann", "AKIA1", "Active"), ("ann", "AKIA2", "Inactive")]);
    assert_eq!(keys[0].created_time, Some(1_767_323_045_000));
    assert_eq!(&*keys[0].arn, "arn:aws:iam::111122223333:user/ann");
    let tags = extras.user_tags.expect("they were told");
    let shown: Vec<_> = tags.iter().map(|tag| (&*tag.user, &*tag.key, &*tag.value)).collect();
    assert_eq!(shown, [("bob", "team", "core"), ("bob", "empty", "")]);
}

#[tokio::test]
async fn what_is_denied_is_named_and_keeps_nothing_else_back() {
    let tables = [
        ("GetAccountSummary", "account_summary has"),
        ("GetAccountPasswordPolicy", "password_policy has"),
        ("ListVirtualMFADevices", "virtual_mfa_devices has"),
        ("ListAccessKeys", "access_key_ids has"),
        ("ListUserTags", "user_tags has"),
        ("ListUsers", "access_key_ids, user_tags have"),
    ];
    for (action, without) in tables {
        let iam = Iam::new(
            move |asked, _| {
                if asked["Action"] == action { denied(action) } else { whole(asked) }
            },
        );
        let (extras, remarks) = iam.fetch().await;
        let [remark] = remarks.as_slice() else { panic!("{remarks:?}") };
        assert!(remark.starts_with(&format!("not allowed: iam:{action}")), "{remark}");
        let end = format!("; {without} no rows of account 111122223333");
        assert!(remark.ends_with(&end), "{remark}");
        let lost = extras.calls().filter(|call| call.outcome.is_err()).count();
        assert_eq!(lost, if action == "ListUsers" { 2 } else { 1 }, "{action}");
    }
    let all = Iam::new(|asked, _| denied(&asked["Action"]));
    let (extras, remarks) = all.fetch().await;
    assert_eq!((extras.calls().filter(|call| call.outcome.is_ok()).count(), remarks.len()), (0, 4));
    assert_eq!(all.asked.lock().expect("the list").len(), 4, "denials are not tried again");
}

#[tokio::test]
async fn no_password_policy_is_a_fact_and_a_user_that_is_gone_has_no_keys() {
    let iam = Iam::new(|asked, _| match asked["Action"].as_str() {
        "GetAccountPasswordPolicy" => {
            error(404, "NoSuchEntity", "The Password Policy cannot be found.")
        }
        "ListAccessKeys" | "ListUserTags" if asked["UserName"] == "bob" => {
            error(404, "NoSuchEntity", "The user with name bob cannot be found.")
        }
        _ => whole(asked),
    });
    let (extras, remarks) = iam.fetch().await;
    assert_eq!(remarks, Vec::<String>::new());
    assert_eq!(extras.password_policy, Ok(None));
    assert_eq!(extras.access_keys.expect("ann has keys").len(), 2);
    assert_eq!(extras.user_tags, Ok(Vec::new()));
}

#[tokio::test]
async fn throttling_is_waited_out_and_told_if_it_lasts() {
    let iam = Iam::new(|asked, earlier| {
        if earlier == 0 { error(400, "Throttling", "Rate exceeded") } else { whole(asked) }
    });
    let (extras, remarks) = iam.fetch().await;
    assert_eq!(remarks, Vec::<String>::new());
    assert_eq!(extras.access_keys.expect("in the end").len(), 2);
    let iam = Iam::new(|asked, _| match asked["Action"].as_str() {
        "ListUserTags" => error(400, "Throttling", "Rate exceeded"),
        _ => whole(asked),
    });
    let (extras, remarks) = iam.fetch().await;
    assert!(extras.user_tags.is_err() && extras.access_keys.is_ok());
    assert!(remarks[0].contains("iam:ListUserTags"), "{remarks:?}");
}

fn three_hundred() -> Answer {
    let users: String = (0..300).map(|number| user(&format!("u{number:03}"))).collect();
    result("ListUsers", &format!("<Users>{users}</Users><IsTruncated>false</IsTruncated>"))
}

#[tokio::test]
async fn after_a_denial_no_other_user_is_asked_about() {
    let iam = Iam::new(|asked, _| match asked["Action"].as_str() {
        "ListUsers" => three_hundred(),
        "ListAccessKeys" => denied("ListAccessKeys"),
        _ => whole(asked),
    });
    let (extras, _) = iam.fetch().await;
    assert!(extras.access_keys.is_err() && extras.user_tags.is_ok());
    assert!(iam.times_asked("ListAccessKeys") <= 8, "{}", iam.times_asked("ListAccessKeys"));
    assert_eq!(iam.times_asked("ListUserTags"), 300);
}

/// 300 users: every one asked once for each list, never more than eight at a time, keys in order.
#[tokio::test]
async fn many_users_are_asked_a_few_at_a_time() {
    let iam = Iam::new(|asked, _| match asked["Action"].as_str() {
        "ListUsers" => three_hundred(),
        "ListAccessKeys" => {
            let key = key(&format!("AKIA{}", asked["UserName"]), "Active", "2026-01-02T03:04:05Z");
            let list = format!("<AccessKeyMetadata>{key}</AccessKeyMetadata>");
            result("ListAccessKeys", &format!("{list}<IsTruncated>false</IsTruncated>"))
        }
        _ => whole(asked),
    });
    let (extras, remarks) = iam.fetch().await;
    assert_eq!(remarks, Vec::<String>::new());
    let keys = extras.access_keys.expect("they were told");
    let names: Vec<&str> = keys.iter().map(|key| &*key.user).collect();
    assert!(names.is_sorted() && names.len() == 300);
    assert_eq!((iam.times_asked("ListAccessKeys"), iam.times_asked("ListUserTags")), (300, 300));
    let most = iam.most_under_way.load(Ordering::SeqCst);
    assert!((4..=8).contains(&most), "{most} at a time");
}

/// The ids of keys belong into results alone.
#[tokio::test]
async fn no_key_id_is_in_debug_texts() {
    let (extras, _) = Iam::new(|asked, _| whole(asked)).fetch().await;
    assert!(!format!("{extras:?}").contains("AKIA"));
}
