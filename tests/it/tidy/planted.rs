use super::source::{SourceFile, tokens};
use super::{
    MACHINE_PATHS, TOP_LEVEL, UNFINISHED, layers, links, packages, shape, top_level_violations,
};

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile::new(path, text)
}

#[test]
fn a_path_to_a_module_above_is_refused_in_every_spelling() {
    let spellings = [
        "use crate::service::ceremony;",
        "fn f() { crate::service::ceremony::freeze() }",
        "use crate::{\n    error::Error,\n    service::{ceremony, periods},\n};",
        "use super::super::service::ceremony;",
        "pub(crate) use crate :: service;",
        "mod tests { use crate::service; }",
    ];
    for spelling in spellings {
        let found = layers::violations(&file("api/src/store/period.rs", spelling));
        assert_eq!(found.len(), 1, "{spelling}: {found:?}");
        assert!(found[0].contains("store names service"), "{found:?}");
    }
}

#[test]
fn paths_to_modules_on_the_same_line_or_below_pass() {
    let text = "
        // use crate::service;
        use crate::error::{Error, service};
        use crate::{cache, clock::Clock, domain::phase::{self, Phase}};
        use super::applicant;
        use super::{applicant, service};
        const TEXT: &str = \"crate::service\";
        const RAW: &str = r#\"crate::\"service\"#;
    ";
    assert_eq!(
        layers::violations(&file("api/src/store/period.rs", text)),
        [""; 0]
    );
    assert_eq!(
        layers::violations(&file("api/src/main.rs", "use crate::cli;")),
        [""; 0]
    );
    assert_eq!(
        layers::violations(&file("tests/src/lib.rs", "use crate::cli;")),
        [""; 0]
    );
}

#[test]
fn super_in_a_file_at_the_top_reaches_its_neighbours() {
    assert_eq!(
        layers::violations(&file("api/src/beacon.rs", "use super::app::App;")).len(),
        1
    );
    assert_eq!(
        layers::violations(&file("api/src/store/mod.rs", "use super::app;")).len(),
        1
    );
    assert_eq!(
        layers::violations(&file("api/src/app.rs", "use super::beacon;")),
        [""; 0]
    );
}

#[test]
fn a_module_on_no_line_is_refused() {
    assert_eq!(layers::violations(&file("api/src/misc.rs", "")).len(), 1);
}

#[test]
fn an_impure_domain_is_refused_and_a_comment_about_it_is_not() {
    let impure = "async fn weigh() { sleep().await; let at = crate::clock::now(); }";
    assert_eq!(
        layers::absent_words(&file("api/src/domain/weight.rs", impure)).len(),
        3
    );
    let pure = "/// Nothing async, no clock.\nfn weigh() {}";
    assert_eq!(
        layers::absent_words(&file("api/src/domain/weight.rs", pure)),
        [""; 0]
    );
    let query = "use sea_orm::EntityTrait;";
    assert_eq!(
        layers::absent_words(&file("api/src/graphql/period.rs", query)).len(),
        1
    );
    assert_eq!(
        layers::absent_words(&file("api/src/store/period.rs", query)),
        [""; 0]
    );
}

#[test]
fn a_private_key_outside_the_signer_is_refused() {
    let text = "use ed25519_dalek::SigningKey;";
    assert_eq!(
        layers::reserved_words(&file("api/src/app.rs", text)).len(),
        1
    );
    assert_eq!(
        layers::reserved_words(&file("api/src/lib.rs", text)).len(),
        1
    );
    assert_eq!(
        layers::reserved_words(&file("api/src/signer.rs", text)),
        [""; 0]
    );
    assert_eq!(
        layers::reserved_words(&file("api/src/signer/file.rs", text)),
        [""; 0]
    );
    assert_eq!(
        layers::reserved_words(&file("tests/src/keys.rs", text)),
        [""; 0]
    );
}

#[test]
fn a_crate_that_names_too_much_is_refused() {
    let found = packages::undeclared("fairplate-migration", ["fairplate-entity"].into_iter());
    assert_eq!(found, ["fairplate-migration names fairplate-entity"]);
    let found = packages::undeclared("fairplate", ["fairplate-entity"].into_iter());
    assert_eq!(found, [""; 0]);
    assert_eq!(
        packages::undeclared("fairplate-extra", [].into_iter()).len(),
        1
    );
}

#[test]
fn a_file_of_401_lines_is_refused_and_one_of_400_passes() {
    assert!(shape::long_file(&file("api/src/app.rs", &"\n".repeat(400))).is_none());
    assert!(shape::long_file(&file("api/src/app.rs", &"\n".repeat(401))).is_some());
}

#[test]
fn a_function_of_61_lines_is_refused_and_one_of_60_passes() {
    let function = |lines: usize| {
        let body = "    let brace = '{';\n    // free\n\n".repeat(lines - 2);
        file(
            "api/src/app.rs",
            &format!("impl App {{\nfn run(at: [u8; 3]) {{\n{body}}}\n}}\n"),
        )
    };
    assert_eq!(shape::long_functions(&function(60)), [""; 0]);
    assert_eq!(
        shape::long_functions(&function(61)),
        ["api/src/app.rs:2: fn run has 61 lines"]
    );
}

#[test]
fn a_declaration_and_a_function_pointer_have_no_body() {
    let body = "let a = 1;\n".repeat(80);
    let text = format!("trait Clock {{ fn now(&self) -> [u8; 8]; }}\nconst F: fn(u8) = g;\n{body}");
    assert_eq!(
        shape::long_functions(&file("api/src/clock.rs", &text)),
        [""; 0]
    );
}

#[test]
fn a_name_that_says_nothing_is_refused() {
    let names = [
        "struct DrawManager;",
        "enum PoolItem {}",
        "trait RecordHelper {}",
        "mod utils;",
        "fn handle_draw() {}",
        "fn do_draw() {}",
        "fn pool_data() {}",
        "struct LotteryHandler;",
    ];
    for name in names {
        assert_eq!(
            shape::empty_names(&file("api/src/app.rs", name)).len(),
            1,
            "{name}"
        );
    }
    let text =
        "fn document() {} struct Database; fn implied() {} impl Iterator { type Item = u8; }";
    assert_eq!(shape::empty_names(&file("api/src/app.rs", text)), [""; 0]);
    let sentence = "mod tests { #[tokio::test]\n#[expect(x)]\nasync fn no_data_no_helper() {} }";
    assert_eq!(
        shape::empty_names(&file("api/src/app.rs", sentence)),
        [""; 0]
    );
    let handler = "struct QueryHandler;";
    assert_eq!(
        shape::empty_names(&file("api/src/http/graphql.rs", handler)),
        [""; 0]
    );
}

#[test]
fn every_mark_of_unfinished_work_is_refused() {
    for mark in UNFINISHED {
        let text = format!("fn f() {{}} // {mark}\n");
        assert_eq!(
            shape::lines_with(&file("api/src/app.rs", &text), UNFINISHED).len(),
            1,
            "{mark}"
        );
    }
    let longer = format!("{}S and a mastodon", UNFINISHED[0]);
    assert_eq!(
        shape::lines_with(&file("api/src/app.rs", &longer), UNFINISHED),
        [""; 0]
    );
}

#[test]
fn a_path_of_a_machine_is_refused_in_any_file() {
    for path in MACHINE_PATHS {
        let text = format!("see {path}fairplate");
        assert_eq!(
            shape::lines_with(&file("docs/guide/a.md", &text), MACHINE_PATHS).len(),
            1
        );
    }
}

#[test]
fn a_link_to_a_missing_file_is_refused_and_code_is_no_link() {
    let text = "
See [the law](docs/LAW.md#art-9), [the licence](LICENSE \"Apache\"), [a site](https://example.org/x),
[below](#below) and `[not](a-link.md)`.
```sh
echo [nor](this.md)
```
[law]: docs/LAW.md
";
    let found = links::broken(&file("README.md", text));
    let expected = [
        "README.md:2: docs/LAW.md#art-9 is not there",
        "README.md:7: docs/LAW.md is not there",
    ];
    assert_eq!(found, expected);
    assert_eq!(links::list_links(text).len(), 5);
    assert_eq!(links::broken(&file("api/src/app.rs", text)), [""; 0]);
}

#[test]
fn a_stranger_at_the_top_is_refused_and_so_is_a_gap() {
    let mut found: Vec<String> = TOP_LEVEL.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(top_level_violations(&found), [""; 0]);
    found.push("scripts".to_owned());
    assert_eq!(top_level_violations(&found).len(), 1);
    found.retain(|name| name != "LICENSE");
    assert_eq!(top_level_violations(&found).len(), 2);
}

#[test]
fn literals_and_comments_are_no_code_and_lifetimes_are() {
    let text = "a('x', '\\'', \"q\\\"r\", r\"s\", b\"t\", br##\"u\"#v\"##) /* w /* x */ y */ 'z // end\nlast";
    let kept: Vec<_> = tokens(&file("a.rs", text).code())
        .iter()
        .filter(|token| token.is_word())
        .map(|token| (token.line, token.text.to_owned()))
        .collect();
    let expected = [(1, "a"), (1, "b"), (1, "z"), (2, "last")];
    assert_eq!(kept, expected.map(|(line, word)| (line, word.to_owned())));
}
