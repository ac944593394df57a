use super::values;
use crate::detect::{labels, masked, scan_text};
use crate::domain::limits::{FINDINGS_PER_RULE_MAX, VALUES_SINGLE_MAX};
use crate::domain::sensitive::{Sensitive, SensitiveLabel};

fn found(text: &str) -> Vec<(Sensitive, &str)> {
    values(text).into_iter().map(|value| (value.kind, text.get(value.range).unwrap())).collect()
}

#[track_caller]
fn finds(text: &str, kind: Sensitive, value: &str) {
    assert_eq!(found(text), [(kind, value)], "{text}");
    let mark = text.replacen(value, kind.mark(), 1);
    assert_eq!(masked(text, &|_| true).as_deref(), Some(mark.as_str()));
    assert_eq!(found(&mark), [], "a mark is no value: {mark}");
}

#[test]
fn mail_addresses_of_persons_are_found() {
    let at = |local: &str, domain: &str| format!("{local}@{domain}");
    for address in [
        at("mira.koller", "kade-works.eu"),
        at("j_o+lists", "mail.sub.co.uk"),
        at("m.müller", "bäckerei-süß.de"),
        at("o'neill", "acme.io"),
    ] {
        for text in [
            format!("Write to {address}."),
            format!("<{address}>,"),
            format!("mailto:{address}?subject=x"),
            format!("({address}): yes"),
        ] {
            finds(&text, Sensitive::Mail, &address);
        }
    }
}

#[test]
fn what_only_has_an_at_sign_is_no_mail_address() {
    let mut wrong = Vec::new();
    for text in [
        "git clone git@github.com:acme/remise.git",
        "https://user:word@host.acme.io/",
        "npm i @scope/package@1.2.3 lodash@4.17.21",
        "icon@2x.png and photo@3x.jpg",
        "mail info@acme.io or no-reply@acme.io",
        "jane.doe@example.com, bob@mail.example.org, eve@host.test",
        "@dataclass\nclass A: x = y@z",
        "matrix: @mira:server.io and mira@localhost",
        "5 pieces @ 3.50 each",
        "user@host",
        "commit@9fceb02",
        "mira@",
        "registry.acme.io/app@sha256:9f86d081",
    ] {
        wrong.extend(found(text).into_iter().map(|found| (text, found)));
    }
    assert_eq!(wrong, []);
}

#[test]
fn telephone_numbers_are_found() {
    for (text, number) in [
        ("call +49 30 901820 now", "+49 30 901820"),
        ("+1 (212) 555-0134", "+1 (212) 555-0134"),
        ("+44 20 7946 0958.", "+44 20 7946 0958"),
        ("+49 (0)30 / 901820-17, Berlin", "+49 (0)30 / 901820-17"),
        ("+33612345678", "+33612345678"),
        ("(212) 555-0134", "(212) 555-0134"),
        ("212-555-0134", "212-555-0134"),
        ("1-212-555-0134", "1-212-555-0134"),
        ("212.555.0134", "212.555.0134"),
        ("06 39 98 12 34", "06 39 98 12 34"),
        ("01.39.98.12.34", "01.39.98.12.34"),
        ("(030) 901820", "(030) 901820"),
        ("030/9018200", "030/9018200"),
        ("Tel. 030 901820", "030 901820"),
        ("Mobil: 0171 3920047", "0171 3920047"),
        ("phone 02079460958", "02079460958"),
        ("Téléphone : 0639981234", "0639981234"),
        ("电话：13800138000", "13800138000"),
    ] {
        finds(text, Sensitive::Phone, number);
    }
}

#[test]
fn numbers_that_are_no_telephones_pass() {
    let mut wrong = Vec::new();
    for text in [
        "Order 4711-0815-2024 of 2024-05-01",
        "Bestellnummer 100200300",
        "ISBN 978-3-16-148410-0 and 0-306-40615-2",
        "version 10.0.19045.3803, v1.2.3-rc.4",
        "2024-05-01 10:30:00, 01.05.2024 10:30",
        "01/05/2024 - 31/05/2024",
        "550e8400-e29b-41d4-a716-446655440000",
        "9fceb02d0ae598e95dc970b74767f19372d61af8",
        "52.520008, 13.404954",
        "EUR 1.234.567,89 and $12,345,678.00",
        "192.168.178.101:8080 and 10.0.0.255",
        "SKU 0815-4711-22",
        "30 400 500 600 pieces",
        "invoice 2024/000123",
        "1700000000123456",
        "DIN 18799-1:2009-05",
        "Az. 0123/2024",
        "pages 100-200, 300-400",
        "+12.5 % and +3",
        "x = a+12345678",
        "port 5432, id 88231",
        "score 110-105 and 98-96",
        "RFC 2119, ISO 27001:2022",
        "serial 212-555-013",
        "0x7fff5fbff8a0",
        "ACL 100-101-102 103-104-1055",
        "tel:",
        "Postfach 10 20 30, 50667 Köln",
    ] {
        wrong.extend(found(text).into_iter().map(|found| (text, found)));
    }
    assert_eq!(wrong, []);
}

#[test]
fn bank_accounts_are_found_by_country_length_and_check() {
    for iban in [
        "DE12500105170648489890",
        "DE12 5001 0517 0648 4898 90",
        "NL67 INGB 0008 1267 35",
        "FR76 3000 6000 0112 3456 7890 189",
        "GB15MIDL40051512345678",
        "NO93 8601 1117 947",
        "de12 5001 0517 0648 4898 90",
        "DE12\u{A0}5001\u{A0}0517\u{A0}0648\u{A0}4898\u{A0}90",
    ] {
        finds(&format!("IBAN: {iban}, BIC"), Sensitive::Iban, iban);
    }
    let mut wrong = Vec::new();
    for text in [
        "DE13500105170648489890",
        "DE1250010517064848989",
        "DE125001051706484898901",
        "XX12500105170648489890",
        "DE12 3456",
        "GB12345678901234567890",
        "part NO9386011117948",
    ] {
        wrong.extend(found(text).into_iter().map(|found| (text, found)));
    }
    assert_eq!(wrong, []);
}

#[test]
fn cards_are_found_by_issuer_length_and_check() {
    for card in [
        "4532719800461281",
        "4532 7198 0046 1281",
        "5479-0261-8834-5702",
        "3782 900174 62558",
        "378290017462558",
        // What payment providers give for tests passes every check, and nobody can tell it apart.
        "4111 1111 1111 1111",
    ] {
        finds(&format!("paid with {card}."), Sensitive::Card, card);
    }
    finds("Visa 4532719800461281 12/28", Sensitive::Card, "4532719800461281");
    let mut wrong = Vec::new();
    for text in [
        "4532719800461282",
        "order 4532719800461281",
        "Sendungsnummer: 4532719800461281",
        "45327198004612810",
        "9532719800461281",
        "/track/4532719800461281",
        "INV-4532719800461281",
        "4532719800461281.5",
        "4532 71980046 1281",
        "0000 0000 0000 0000",
        "4012888888881",
        "1700000000123456",
        "#4532719800461281",
        "EAN 4006381333931",
        "6304000000000000",
        "550e8400-e29b-41d4-4532-719800461281",
    ] {
        wrong.extend(found(text).into_iter().map(|found| (text, found)));
    }
    assert_eq!(wrong, []);
}

#[test]
fn national_numbers_are_found_by_form_check_and_word() {
    let mut wrong = Vec::new();
    for (text, number) in [
        ("Steuer-ID: 47 035 892 634", "47 035 892 634"),
        ("DNI 48291736Q", "48291736Q"),
        ("residente Y7264815A", "Y7264815A"),
        ("RSSMRA85T10A562S", "RSSMRA85T10A562S"),
        ("n° 2 79 04 75 116 042 52", "2 79 04 75 116 042 52"),
        ("279047511604252", "279047511604252"),
        ("BSN: 284617507", "284617507"),
        ("85.07.30-033.28", "85.07.30-033.28"),
        ("PESEL 89041233578", "89041233578"),
        ("NIF: 248173502", "248173502"),
        ("391.847.265-55", "391.847.265-55"),
        ("48.291.735/0001-48", "48.291.735/0001-48"),
        ("850412-2386", "850412-2386"),
        ("19850412-2386", "19850412-2386"),
        ("131052-308T", "131052-308T"),
        ("131052A308T", "131052A308T"),
        ("15037900092", "15037900092"),
        ("AHV 756.2178.4593.09", "756.2178.4593.09"),
        ("SVNR 2841 150379", "2841 150379"),
        ("T.C. Kimlik No 27184039510", "27184039510"),
        ("11010519491231002X", "11010519491231002X"),
        ("マイナンバー 2817 4639 5018", "2817 4639 5018"),
        ("Aadhaar: 4371 8265 0931", "4371 8265 0931"),
        ("NHS number 481 726 3903", "481 726 3903"),
        ("National Insurance: AB 12 34 56 C", "AB 12 34 56 C"),
        ("SSN 536-22-8147", "536-22-8147"),
        ("social insurance 483-729-109", "483-729-109"),
    ] {
        if found(text) != [(Sensitive::NationalNumber, number)] {
            wrong.push(text);
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn numbers_without_their_check_or_their_word_pass() {
    let mut wrong = Vec::new();
    for text in [
        "Steuer-ID: 47 035 892 635",
        "47035892634",
        "DNI 48291736R",
        "part 48291736Q",
        "RSSMRA85T10A562T",
        "279047511604253",
        "BSN: 284617508",
        "284617507",
        "85.07.30-033.29",
        "89041233578",
        "NIF 248173503",
        "391.847.265-56",
        "850412-2387",
        "851312-2386",
        "131052-308U",
        "15037900093",
        "756.2178.4593.08",
        "11010519491231002Y",
        "4371 8265 0931",
        "481 726 3903",
        "SSN 000-22-8147 or 666-22-8147",
        "536-22-8147",
        "BSN-284617507-X",
        "room AB 12 34 56 C",
        "business 284617507",
        "11111111111 and 111.111.111-11",
    ] {
        wrong.extend(found(text).into_iter().map(|found| (text, found)));
    }
    assert_eq!(wrong, []);
}

#[test]
fn evidence_shows_ends_alone() {
    let findings = scan_text("Karte: 4532 7198 0046 1281");
    let finding = findings.iter().find(|one| one.rule == "personal-data").unwrap();
    assert_eq!(finding.evidence.raw(), "45…81");
    assert_eq!(finding.sensitive, Some(Sensitive::Card));
}

#[test]
fn a_list_of_customers_is_found_to_its_end() {
    let list: String = (0..700).map(|at| format!("person{at}@kade-works.eu\n")).collect();
    let findings = scan_text(&list);
    let own: Vec<_> = findings.iter().filter(|one| one.rule == "personal-data").collect();
    assert!(own.len() == VALUES_SINGLE_MAX + 1 && own.len() <= FINDINGS_PER_RULE_MAX);
    assert_eq!(own.iter().map(|one| one.spans.len()).sum::<usize>(), 700);
    assert!(own.iter().any(|one| one.note == "a mail address, and 693 more of the kind"));
}

#[test]
fn a_text_is_labelled_by_what_stands_or_stood_in_it() {
    let of = |text: &str| labels(text).into_iter().collect::<Vec<_>>();
    assert_eq!(of("IBAN DE12500105170648489890"), [SensitiveLabel::PersonalData]);
    assert_eq!(of("call [phone number removed]"), [SensitiveLabel::PersonalData]);
    assert_eq!(of("pw [password removed]"), [SensitiveLabel::Secret]);
    assert_eq!(of("nothing [removed] here"), []);
}

#[test]
fn only_what_is_to_go_is_masked() {
    let text = "Mira, mira.k@kade-works.eu, DE12500105170648489890";
    let kept = masked(text, &|finding| finding.sensitive == Some(Sensitive::Iban));
    assert_eq!(kept.as_deref(), Some("Mira, mira.k@kade-works.eu, [IBAN removed]"));
    assert_eq!(masked(text, &|_| false), None);
}

#[test]
fn numbers_in_scripts_that_part_no_words_are_found() {
    finds("第2章。电话13800138000", Sensitive::Phone, "13800138000");
    let card = ["4111", "111111111111"].concat();
    finds(&format!("共3人的银行卡号{card}。"), Sensitive::Card, &card);
}
