//! Short messages through Alibaba Cloud's SMS service: `SendSms` of its API `Dysmsapi` 2017-05-25,
//! signed as its "V3" signatures are (`ACS3-HMAC-SHA256`).
//!
//! Mainland carriers take only texts that were registered as templates, so that a message is a
//! template's code and its values. The service does not tell repetitions; the message's id goes
//! along as `OutId` and stands in its reports.

use std::{collections::BTreeMap, sync::Arc};

use chrono::SecondsFormat;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    Letter, SendError, Sending, Transport,
    http::{self, Request},
    signed::hex,
};
use crate::{
    beacon::{Limits, http::Answer},
    clock::Clock,
    ids,
};

/// Where the service is, unless told otherwise.
pub const ENDPOINT: &str = "https://dysmsapi.aliyuncs.com";

/// Faults of the letter itself, by the service's codes: another try would end the same way. Every
/// other code is for the operator to mend or passes by itself.
const REFUSALS: [&str; 9] = [
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.MOBILE_COUNT_OVER_LIMIT",
    "isv.TEMPLATE_MISSING_PARAMETERS",
    "isv.TEMPLATE_PARAMS_ILLEGAL",
    "isv.INVALID_PARAMETERS",
    "isv.INVALID_JSON_PARAM",
    "isv.PARAM_LENGTH_LIMIT",
    "isv.PARAM_NOT_SUPPORT_URL",
    "isv.BLACK_KEY_CONTROL_LIMIT",
];

/// What a city has at the service.
#[derive(Clone)]
pub struct Account {
    /// Base URL.
    pub endpoint: String,
    /// Id of the access key.
    pub key_id: String,
    /// The access key's secret.
    pub key_secret: Zeroizing<String>,
    /// The registered signature that stands before every text, without brackets.
    pub sign_name: String,
    /// The registered template for each of ours, by its name.
    pub templates: BTreeMap<String, String>,
}

/// Sends short messages through that account.
pub struct Alibaba {
    account: Account,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Alibaba {
    /// The transport of an account.
    #[must_use]
    pub fn new(account: Account, limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            account,
            limits,
            clock,
        }
    }

    fn request(&self, letter: &Letter) -> Result<Request, SendError> {
        let template = self.account.templates.get(&letter.template);
        let template = template.ok_or_else(|| {
            SendError::refused(format!(
                "the settings name no template of the service for {}; add it under [sms.templates], and send the message again",
                letter.template
            ))
        })?;
        let values: serde_json::Map<_, _> = letter.values.clone();
        let query = canonical_query(&[
            ("OutId", &letter.id.to_string()),
            ("PhoneNumbers", &letter.to),
            ("SignName", &self.account.sign_name),
            ("TemplateCode", template),
            (
                "TemplateParam",
                &serde_json::Value::Object(values).to_string(),
            ),
        ]);
        let date = self.clock.now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let call = Call {
            host: host(&self.account.endpoint),
            action: "SendSms",
            version: "2017-05-25",
            date: &date,
            nonce: &hex(&ids::random::<16>()),
            query: &query,
        };
        let authorization = call.authorization(&self.account.key_id, &self.account.key_secret);
        let mut headers: Vec<_> = call
            .headers()
            .into_iter()
            .filter(|(name, _)| *name != "host")
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        headers.push(("authorization", authorization));
        Ok(Request {
            url: format!("{}/?{query}", self.account.endpoint),
            headers,
            body: Vec::new(),
        })
    }
}

impl Transport for Alibaba {
    fn describe(&self) -> String {
        format!(
            "Alibaba Cloud at {}, {} templates",
            self.account.endpoint,
            self.account.templates.len()
        )
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        let request = self.request(letter);
        Box::pin(async move { judge(&http::post(request?, self.limits).await?) })
    }
}

/// What the service says beside its status. Its sentence is left alone: it may name the phone.
#[derive(Deserialize)]
struct Said {
    #[serde(rename = "Code")]
    code: String,
}

fn judge(answer: &Answer) -> Result<(), SendError> {
    let Ok(Said { code }) = serde_json::from_slice(&answer.body) else {
        http::judge(answer.status)?;
        return Err(SendError::not_now(
            "the service answered with something else than its own JSON",
        ));
    };
    if code == "OK" {
        return Ok(());
    }
    // Codes are letters, dots, hyphens and underscores; anything else is not repeated.
    let shown: String = code
        .chars()
        .filter(|letter| letter.is_ascii_alphabetic() || ".-_".contains(*letter))
        .take(80)
        .collect();
    let reason = format!("the service answered {shown}");
    if REFUSALS.contains(&code.as_str()) {
        Err(SendError::refused(reason))
    } else {
        Err(SendError::not_now(reason))
    }
}

/// A call without a body, as its signature sees it.
struct Call<'a> {
    host: &'a str,
    action: &'a str,
    version: &'a str,
    date: &'a str,
    nonce: &'a str,
    query: &'a str,
}

/// SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

impl Call<'_> {
    /// The headers that are signed, in their order.
    fn headers(&self) -> [(&'static str, &str); 6] {
        [
            ("host", self.host),
            ("x-acs-action", self.action),
            ("x-acs-content-sha256", EMPTY),
            ("x-acs-date", self.date),
            ("x-acs-signature-nonce", self.nonce),
            ("x-acs-version", self.version),
        ]
    }

    fn authorization(&self, key_id: &str, key_secret: &str) -> String {
        let headers = self.headers();
        let names = headers.map(|(name, _)| name).join(";");
        let lines = headers.map(|(name, value)| format!("{name}:{value}\n"));
        let canonical = format!(
            "POST\n/\n{}\n{}\n{names}\n{EMPTY}",
            self.query,
            lines.concat()
        );
        let digest = hex(&Sha256::digest(canonical));
        let mut mac = Hmac::<Sha256>::new_from_slice(key_secret.as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(format!("ACS3-HMAC-SHA256\n{digest}").as_bytes());
        let signature = hex(&mac.finalize().into_bytes());
        format!("ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}")
    }
}

/// Names in order, names and values escaped as RFC 3986 does: everything but letters, digits and
/// `-_.~`.
fn canonical_query(parameters: &[(&str, &str)]) -> String {
    let mut pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    pairs.sort();
    pairs.join("&")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.push_str(&hex(&[byte]).to_uppercase());
        }
    }
    escaped
}

fn host(endpoint: &str) -> &str {
    let rest = endpoint
        .split_once("://")
        .map_or(endpoint, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the provider's own description of its signature (Alibaba Cloud,
    /// "Request structure and signature mechanism of V3", read 2026-11-21).
    #[test]
    fn the_published_example_is_signed_as_published() {
        let query = canonical_query(&[
            (
                "ImageId",
                "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            ),
            ("RegionId", "cn-shanghai"),
        ]);
        let call = Call {
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances",
            version: "2014-05-26",
            date: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d",
            query: &query,
        };
        assert_eq!(
            call.authorization("YourAccessKeyId", "YourAccessKeySecret"),
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    #[test]
    fn only_unreserved_letters_stay_as_they_are() {
        assert_eq!(escaped("a-_.~Z9"), "a-_.~Z9");
        assert_eq!(
            escaped("{\"code\": \"1*+/\"}"),
            "%7B%22code%22%3A%20%221%2A%2B%2F%22%7D"
        );
        assert_eq!(escaped("杭州"), "%E6%9D%AD%E5%B7%9E");
    }

    #[test]
    fn an_answer_is_judged_by_its_code_and_repeats_nothing_else() {
        let judged = |status, body: &str| {
            judge(&Answer {
                status,
                body: body.as_bytes().to_vec(),
            })
        };
        assert_eq!(judged(200, r#"{"Code":"OK","Message":"OK"}"#), Ok(()));
        let refused = judged(
            200,
            r#"{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"13700000001 invalid"}"#,
        );
        let sentence = "the service answered isv.MOBILE_NUMBER_ILLEGAL";
        assert_eq!(refused, Err(SendError::refused(sentence)));
        for (status, body) in [
            (200, r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL"}"#),
            (400, r#"{"Code":"SignatureDoesNotMatch"}"#),
            (503, "busy"),
            (200, "<html>"),
        ] {
            let judged = judged(status, body);
            assert!(matches!(judged, Err(SendError::NotNow { .. })), "{body}");
        }
    }
}
