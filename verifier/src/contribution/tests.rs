//! The texts, against the example's announce.

use super::*;

fn notary() -> Contribution {
    let secret = "2708a0d6b7c5b988fc3d2921aee62daf4c43eec1a560a6c8a5291da41a7d2eda";
    Contribution {
        contributor: Contributor {
            origin: "hangzhou.example/draws".to_owned(),
            draw: "202606".to_owned(),
            name: "notary.example/c1".to_owned(),
        },
        secret: unhex(secret).expect("a secret"),
    }
}

fn announce() -> Announce {
    let note = include_bytes!("../../vectors/accept/example/announce.note");
    let note = crate::note::Note::parse(note).expect("a note");
    Announce::parse(&note.text).expect("an announce")
}

#[test]
fn the_announce_carries_the_name_with_the_commitment() {
    assert_eq!(notary().check_announced(&announce()), Ok(()));
}

#[test]
fn an_announce_with_another_commitment_or_without_the_name_is_refused_where_it_should_stand() {
    let mut other = notary();
    other.secret[0] ^= 1;
    let wanted = other.commitment().commitment;
    let error = other.check_announced(&announce()).expect_err("another");
    assert_eq!(error.line, 10);
    assert_eq!(
        error.expected,
        format!("`sealed notary.example/c1 {wanted}`")
    );
    assert!(
        error.found.starts_with("sealed notary.example/c1 413ae24a"),
        "{error}"
    );

    let mut absent = announce();
    absent
        .sealed
        .retain(|line| line.name != "notary.example/c1");
    let error = notary().check_announced(&absent).expect_err("left out");
    assert_eq!(
        (error.line, error.found.as_str()),
        (12, "open ball-machine")
    );
    absent.sealed.clear();
    let error = notary().check_announced(&absent).expect_err("left out");
    assert_eq!(
        (error.line, error.found.as_str()),
        (10, "open ball-machine")
    );
    // A name that begins like the contributor's is somebody else's.
    absent.sealed = announce().sealed;
    absent.sealed[0].name += "2";
    let error = notary().check_announced(&absent).expect_err("left out");
    assert_eq!(
        (error.line, error.found.as_str()),
        (13, "open ball-machine")
    );
}

#[test]
fn an_announce_of_another_draw_or_log_is_refused_at_its_line() {
    for (edit, line) in [
        (|announce: &mut Announce| announce.origin += "x", 2),
        (|announce: &mut Announce| announce.draw += "x", 3),
    ] as [(fn(&mut Announce), usize); 2]
    {
        let mut other = announce();
        edit(&mut other);
        let error = notary().check_announced(&other).expect_err("another");
        assert_eq!(error.line, line, "{error}");
    }
}

#[test]
fn what_is_handed_in_says_for_which_draw_of_which_log_it_is() {
    let contributor = notary().contributor;
    let check = |origin, draw| contributor.check_draw(origin, draw);
    assert_eq!(check("hangzhou.example/draws", "202606"), Ok(()));
    let error = check("hangzhou.example/draws", "202607").expect_err("another draw");
    let shown = "line 3: expected `draw 202607`, found `draw 202606`";
    assert_eq!(error.to_string(), shown);
    let error = check("beijing.example/draws", "202607").expect_err("another log");
    assert_eq!(error.line, 2);
}

#[test]
fn a_secret_is_compared_with_the_announce_before_it_is_written_down() {
    let reveal = notary().reveal();
    assert_eq!(reveal.check_announced(&announce()), Ok(()));
    let refused = |edit: fn(&mut Reveal)| {
        let mut other = reveal.clone();
        edit(&mut other);
        let error = other.check_announced(&announce()).expect_err("another");
        assert!(!error.to_string().contains("2708a0"), "{error}");
        error.line
    };
    assert_eq!(refused(|it| it.contributor.origin += "x"), 2);
    assert_eq!(refused(|it| it.contributor.draw += "x"), 3);
    assert_eq!(refused(|it| it.contributor.name += "x"), 4);
    assert_eq!(refused(|it| it.secret[31] ^= 1), 5);
}

#[test]
fn no_error_and_no_debug_text_shows_a_secret() {
    let contribution = notary();
    let secret = hex(&contribution.secret);
    let texts = [
        contribution.to_string(),
        contribution.reveal().to_string(),
        contribution.commitment().to_string() + &secret + "\n",
    ];
    for text in &texts {
        let lines: Vec<&str> = text.lines().collect();
        // Each line left out, doubled, and the secret in its place.
        for place in 0..lines.len() {
            let mut without = lines.clone();
            without.remove(place);
            let mut doubled = lines.clone();
            doubled.insert(place, lines[place]);
            let mut replaced = lines.clone();
            replaced[place] = &secret;
            let named = format!("name {secret} {secret}");
            let mut glued = lines.clone();
            glued[place] = &named;
            for broken in [without, doubled, replaced, glued] {
                let broken = broken.join("\n") + "\n";
                let errors = [
                    Contribution::parse(&broken).map(drop),
                    Reveal::parse(&broken).map(drop),
                    Commitment::parse(&broken).map(drop),
                ];
                for error in errors.into_iter().filter_map(Result::err) {
                    assert!(!error.to_string().contains(&secret[..8]), "{error}");
                }
            }
        }
    }
    let debugged = format!("{contribution:?} {:?}", contribution.reveal());
    assert!(!debugged.contains(&secret[..8]), "{debugged}");
    assert!(!debugged.contains("secret: ["), "{debugged}");
}
