//! The two flows of the Hangzhou guide, as its own screens do them: over HTTP, from the first page
//! to the last, with nothing but what a client has.

use fairplate::domain::code::ApplicationCode;
use fairplate_tests::{
    Reply, TestCity, ceremony, on_both_databases,
    people::{Person, person},
    stages::{later, officer, places},
};
use serde_json::{Value, json};

/// A browser: it knows the city's address, and keeps a session once there is one.
struct Browser<'a> {
    city: &'a TestCity,
    token: Option<String>,
}

impl<'a> Browser<'a> {
    fn open(city: &'a TestCity) -> Self {
        Self { city, token: None }
    }

    /// Sends a document: the page that a screen shows, or the button that is pressed.
    async fn send(&self, document: &str, variables: Value) -> Reply {
        let server = self.city.server().await;
        server
            .post(self.token.as_deref(), document, variables)
            .await
    }

    /// Looks at a page.
    async fn page(&self, document: &str) -> Value {
        self.send(document, json!({})).await.answer().clone()
    }

    /// Presses a button: a mutation with its input.
    async fn press(&self, mutation: &str, input: Value, shown: &str) -> Value {
        let kind = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
        let document = format!(
            "mutation($input: {kind}Input!) {{ payload: {mutation}(input: $input) {{ __typename {shown} }} }}"
        );
        let reply = self.send(&document, json!({ "input": input })).await;
        reply.get("/payload").clone()
    }

    /// Has a code sent to a phone, and reads it there.
    async fn code_to(&self, phone: &str, purpose: &str) -> Value {
        let asked = json!({ "phone": phone, "purpose": purpose });
        let sent = self.press("requestCode", asked, "... on CodeSent { request }");
        let sent = sent.await;
        self.read_code(phone, &sent["request"]).await
    }

    /// Reads on the phone the code that was just sent.
    async fn read_code(&self, phone: &str, request: &Value) -> Value {
        self.city.deliver().await;
        let code = self.city.code_of(phone).expect("a code on the phone");
        json!({ "request": request, "code": code })
    }

    /// Keeps the session that a sign-in gave.
    fn keep(&mut self, signed_in: &Value) {
        assert_eq!(signed_in["__typename"], "SignedIn", "{signed_in}");
        self.token = signed_in["token"].as_str().map(str::to_owned);
    }
}

const SIGNED_IN: &str = "... on SignedIn { token viewer { role } }";

/// The first pages: somebody new registers, and finds what one can apply for (摇号申请 → 个人申请).
async fn register(browser: &mut Browser<'_>, me: &Person) {
    let code = browser.code_to(&me.phone, "REGISTER").await;
    let given = json!({ "code": code, "password": "seven grey herons" });
    let signed_in = browser.press("register", given, SIGNED_IN).await;
    browser.keep(&signed_in);

    let kinds = "{ city { categories { key kind name } identityTypes { key name } } }";
    let kinds = browser.page(kinds).await;
    assert_eq!(kinds["city"]["categories"][0]["name"], "个人增量指标");
    assert_eq!(kinds["city"]["identityTypes"][0]["name"], "本市户籍人员");
}

/// 身份类型 → 下一步 → 填报说明.
async fn read_instructions(browser: &Browser<'_>) -> Value {
    let choice = json!({ "category": "individual", "identityType": "local-household" });
    let shown =
        "... on ApplicationStarted { draft { id step instructions { sha256 paragraphs } } }";
    let started = browser.press("startApplication", choice, shown).await;
    let draft = &started["draft"];
    assert_eq!(draft["step"], "INSTRUCTIONS");
    assert_ne!(draft["instructions"]["paragraphs"], json!([]));

    let read = json!({ "draft": draft["id"], "sha256": draft["instructions"]["sha256"] });
    let shown = "... on InstructionsAcknowledged { draft { step } }";
    let acknowledged = browser.press("acknowledgeInstructions", read, shown).await;
    assert_eq!(acknowledged["draft"]["step"], "FORM");
    draft["id"].clone()
}

/// 申报填写: the fields and the sixteen check boxes of the guide, filled in on two evenings.
async fn fill_in(browser: &Browser<'_>, draft: &Value, me: &Person) {
    let screen =
        "{ city { licenceClasses { class label } identityTypes { fields { key label } } } }";
    let screen = browser.page(screen).await;
    let boxes = screen["city"]["licenceClasses"].as_array().expect("boxes");
    assert_eq!(boxes.len(), 16);
    assert_eq!(boxes[5], json!({ "class": "C1", "label": "小型汽车" }));
    let labels = screen["city"]["identityTypes"][0]["fields"].to_string();
    for label in [
        "机动车号牌发证日期",
        "准驾车型",
        "本人名下是否有在本市登记的小客车",
        "是否参加阶梯摇号",
        "电子邮箱",
        "在杭州居住地址",
        "邮编",
    ] {
        assert!(labels.contains(label), "{label} is on the form");
    }

    let shown = "draft { step missingFields violations { code } }";
    let first = json!({ "name": me.name, "idNumber": me.id_number, "address": me.address });
    let saved = browser.press(
        "saveApplicationForm",
        json!({ "draft": draft, "form": first }),
        shown,
    );
    let missing = json!([
        "LICENCE_ISSUED_ON",
        "LICENCE_CLASSES",
        "OWNS_LOCAL_CAR",
        "POSTCODE"
    ]);
    assert_eq!(saved.await["draft"]["missingFields"], missing);

    let rest = json!({
        "licenceIssuedOn": "2015-05-06", "licenceClasses": ["C1", "D"], "ownsLocalCar": false,
        "joinsTier": false, "email": "shen@mail.example", "postcode": "310000",
    });
    let saved = browser.press(
        "saveApplicationForm",
        json!({ "draft": draft, "form": rest }),
        shown,
    );
    let ready = json!({ "step": "FORM", "missingFields": [], "violations": [] });
    assert_eq!(saved.await["draft"], ready);
}

/// 短信确认 → 完成申请.
async fn confirm(browser: &Browser<'_>, draft: &Value, me: &Person) -> Value {
    let shown = "... on ConfirmationRequested { maskedPhone code { request } draft { step } }";
    let asked = browser
        .press("requestConfirmation", json!({ "draft": draft }), shown)
        .await;
    assert_eq!(asked["draft"]["step"], "SMS_CONFIRM", "{asked}");
    let code = browser
        .read_code(&me.phone, &asked["code"]["request"])
        .await;
    let text = city_text(browser, me);
    assert!(
        text.contains("提交小客车指标申请"),
        "the text says what it is for: {text}"
    );

    let given = json!({ "draft": draft, "code": code });
    let shown = "... on ApplicationSubmitted { application { id code maskedCode } }";
    let done = browser.press("confirmApplication", given, shown).await;
    assert_eq!(done["__typename"], "ApplicationSubmitted", "{done}");
    done["application"].clone()
}

fn city_text(browser: &Browser<'_>, me: &Person) -> String {
    browser.city.inbox_of(&me.phone).pop().unwrap_or_default()
}

/// What 我的申请 shows.
const MY_APPLICATION: &str = "{ me { drafts { step } applications { nodes {
    id maskedCode statusText notice form { title name address postcode }
    tierStatus { canJoin notice } participation(asOf: \"2026-06-10\") { count notice years { year periods } }
} } } }";

#[test]
fn a_new_user_applies_and_sees_the_form_with_an_empty_list_of_periods() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        city.at(&later("2026-06-01T01:00:00Z", 7_200));
        let (me, mut browser) = (person(1), Browser::open(city));

        register(&mut browser, &me).await;
        let draft = read_instructions(&browser).await;
        city.at(&later("2026-06-01T01:00:00Z", 86_400));
        fill_in(&browser, &draft, &me).await;
        let application = confirm(&browser, &draft, &me).await;
        let page = browser.page(MY_APPLICATION).await;

        assert_eq!(page["me"]["drafts"], json!([{ "step": "DONE" }]));
        let mine = &page["me"]["applications"]["nodes"][0];
        assert_eq!(mine["maskedCode"], application["maskedCode"]);
        assert_eq!(
            mine["form"]["title"],
            "个人小客车增量指标申请表（本市户籍人员）"
        );
        assert_eq!(mine["form"]["address"], me.address);
        assert_eq!(mine["statusText"], "新申请");
        assert_eq!(mine["notice"], "新申请，审核结果将于2026年6月23日公布。");
        let not_joined = mine["tierStatus"]["notice"].as_str().expect("a notice");
        assert!(not_joined.starts_with("您未参加阶梯摇号"), "{not_joined}");
        assert_eq!(mine["tierStatus"]["canJoin"], true);
        let counted = &mine["participation"];
        assert_eq!(
            counted["notice"],
            "截止2026年6月10日，您已累计参加杭州市小客车增量指标摇号0次。"
        );
        let years = counted["years"].as_array().expect("years");
        assert_eq!(years.first(), Some(&json!({ "year": 2014, "periods": [] })));
        assert_eq!(years.last(), Some(&json!({ "year": 2026, "periods": [] })));
    });
}

/// The code of somebody from the old system.
fn old_code() -> String {
    ApplicationCode::from_number(700_123_456_789).to_string()
}

#[test]
fn an_existing_user_signs_in_joins_the_tier_and_sees_fifteen_periods() {
    on_both_databases(async |city| {
        ceremony::confirm_rules(&city.app, &officer())
            .await
            .expect("confirmed");
        let history = "201509-201511 201601-201603 201709-201712 201801-201805";
        let stranger = ApplicationCode::from_number(55).to_string();
        let lines = [
            person(1).line(&old_code(), history),
            person(2).line(&stranger, "201405-201605"),
        ];
        assert_eq!(city.import(&lines, false).await.refusals, []);
        let (me, mut browser) = (person(1), Browser::open(city));

        // 网站首页登录个人账户: the phone on file is proven, and the person recognised.
        let code = browser.code_to(&me.phone, "REGISTER").await;
        let signed_in = browser
            .press("register", json!({ "code": code }), SIGNED_IN)
            .await;
        browser.keep(&signed_in);
        let before = browser.page(MY_APPLICATION).await;
        let mine = &before["me"]["applications"]["nodes"][0];
        assert_eq!(mine["tierStatus"]["canJoin"], true, "the button is there");

        // 点击确认参加 → 报名成功, and the button is gone.
        let given = json!({ "applicationId": mine["id"] });
        let shown = "... on TierJoined { application { tierStatus { canJoin notice } } }";
        let joined = browser.press("joinTier", given.clone(), shown).await;
        let status = json!({ "canJoin": false, "notice": "报名成功" });
        assert_eq!(joined["application"]["tierStatus"], status);
        assert_eq!(browser.press("joinTier", given, shown).await, joined);

        // 详情: the periods by year, in their order.
        let after = browser.page(MY_APPLICATION).await;
        let counted = &after["me"]["applications"]["nodes"][0]["participation"];
        assert_eq!(counted["count"], 15);
        let years: Vec<String> = counted["years"].as_array().expect("years")[..5]
            .iter()
            .map(|year| format!("{} {}", year["year"], year["periods"]).replace('"', ""))
            .collect();
        assert_eq!(
            years,
            [
                "2014 []",
                "2015 [201509,201510,201511]",
                "2016 [201601,201602,201603]",
                "2017 [201709,201710,201711,201712]",
                "2018 [201801,201802,201803,201804,201805]"
            ]
        );

        // 退出系统, and back with a code.
        let out = browser
            .press("signOut", json!({ "sessions": "THIS" }), "count")
            .await;
        assert_eq!(out["count"], "1");
        assert_eq!(browser.send("{ me { role } }", json!({})).await.status, 401);
        browser.token = None;
        city.at(&later("2026-06-01T01:00:00Z", 120));
        let code = browser.code_to(&me.phone, "SIGN_IN").await;
        let signed_in = browser
            .press("signInWithCode", json!({ "code": code }), SIGNED_IN)
            .await;
        browser.keep(&signed_in);
        assert_eq!(browser.page(MY_APPLICATION).await, after);
    });
}
