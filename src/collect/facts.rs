//! What is kept beside a report: nothing that another run over the same report would say otherwise,
//! but what its source and the program itself are called.

use serde_json::{Map, Value, json};

use super::taken::Taken;
use crate::decode::time;

/// Most bytes of one text in the metadata of an object, which may have 2 KB in all.
const LONGEST: usize = 512;

/// The facts, by name.
fn facts(taken: &Taken) -> [(&'static str, Option<String>); 8] {
    let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
    [
        ("generated_time", Some(time::format(taken.generated_time))),
        ("account_id", Some(taken.account_id.to_string())),
        ("account_name", text(&taken.account_name)),
        ("partition", text(&taken.partition)),
        ("sha256", Some(taken.sha256.clone())),
        ("bytes", Some(taken.bytes.len().to_string())),
        ("source", Some(taken.source.to_string())),
        ("credsql", Some(env!("CARGO_PKG_VERSION").to_owned())),
    ]
}

/// The facts as a file of JSON.
#[must_use]
pub fn json(taken: &Taken) -> String {
    let mut object: Map<String, Value> =
        facts(taken).into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    object.insert("bytes".to_owned(), json!(taken.bytes.len()));
    format!("{:#}\n", Value::Object(object))
}

/// The facts as the metadata of an object: names with hyphens, values of printable ASCII. Other
/// characters, and `%` itself, are percent-encoded; what is unknown is left out.
#[must_use]
pub fn metadata(taken: &Taken) -> Vec<(String, String)> {
    let known = facts(taken).into_iter().filter_map(|(name, value)| Some((name, value?)));
    known.map(|(name, value)| (name.replace('_', "-"), plain(&value))).collect()
}

fn plain(text: &str) -> String {
    let mut plain = String::new();
    for byte in text.bytes() {
        let piece = match byte {
            b'%' | 0..0x20 | 0x7f.. => format!("%{byte:02X}"),
            _ => char::from(byte).to_string(),
        };
        if plain.len() + piece.len() > LONGEST {
            break;
        }
        plain.push_str(&piece);
    }
    // Blanks at the ends do not survive a header.
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn taken() -> Taken {
        Taken {
            bytes: Bytes::from_static(b"user,arn"),
            sha256: "ab".repeat(32),
            account_id: "111122223333".into(),
            account_name: Some("Zahlungen – 100 %".into()),
            partition: None,
            generated_time: 1_795_615_380_000,
            source: format!("aws-org:{}", "x".repeat(3000)).into(),
        }
    }

    #[test]
    fn metadata_is_ascii_and_fits() {
        let metadata = metadata(&taken());
        let get = |name: &str| {
            metadata.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        assert_eq!(get("account-name"), Some("Zahlungen %E2%80%93 100 %25"));
        assert_eq!(get("generated-time"), Some("2026-11-25T14:03:00Z"));
        assert_eq!(get("account-id"), Some("111122223333"));
        assert_eq!(get("partition"), None);
        assert_eq!(get("bytes"), Some("8"));
        let all: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!(all < 2048, "{all}");
        assert!(metadata.iter().all(|(_, value)| value.is_ascii()));
    }

    #[test]
    fn the_file_says_the_same() {
        let json: Value = serde_json::from_str(&json(&taken())).expect("it is JSON");
        assert_eq!(json["account_name"], "Zahlungen – 100 %");
        assert_eq!(json["partition"], Value::Null);
        assert_eq!(json["bytes"], 8);
        assert_eq!(json["sha256"], "ab".repeat(32));
    }
}
