use super::*;
use crate::domain::locale::Locale;

fn voiding(reason: &str) -> Content {
    Content::VoidDraw(Voiding {
        origin: "linan.example/draws".to_owned(),
        draw: "202607".to_owned(),
        announce: "ab".repeat(32),
        reason: reason.to_owned(),
    })
}

#[test]
fn a_content_has_one_spelling_and_is_read_back_from_it() {
    let content = voiding("会场进水");
    let text = serde_json::to_string(&content).unwrap();
    assert_eq!(
        text,
        format!(
            "{{\"action\":\"void_draw\",\"origin\":\"linan.example/draws\",\"draw\":\"202607\",\
             \"announce\":\"{}\",\"reason\":\"会场进水\"}}",
            "ab".repeat(32)
        )
    );
    assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), content);
}

#[test]
fn a_reason_is_no_place_for_another_value() {
    assert_eq!(
        voiding("{draw} {").summary(Locale::En),
        "void draw 202607, with the reason: {draw} {"
    );
}
