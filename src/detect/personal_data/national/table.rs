//! Which numbers there are. In a template `d` is a digit, `A` a letter, `w` either, a space any space;
//! everything else is itself.

use super::check;

/// A number of one state.
#[derive(Debug)]
pub(super) struct National {
    pub(super) note: &'static str,
    pub(super) forms: &'static [Form],
    /// Of letters and digits alone, in capitals.
    pub(super) check: fn(&[u8]) -> bool,
    /// In lower case; one of them says that it is this number.
    pub(super) words: &'static [&'static str],
}

/// How a number is written.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) template: &'static str,
    pub(super) need: Need,
}

/// What it takes to believe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Form and check together are rare.
    FormAlone,
    /// Other numbers look so.
    Word,
}

const fn clear(template: &'static str) -> Form {
    Form { template, need: Need::FormAlone }
}

const fn said(template: &'static str) -> Form {
    Form { template, need: Need::Word }
}

pub(super) static NUMBERS: &[National] = &[
    National {
        note: "a German tax id",
        forms: &[said("ddddddddddd"), said("dd ddd ddd ddd")],
        check: check::german_tax_id,
        words: &["steuer", "idnr", "tax id", "tin", "identifikationsnummer"],
    },
    National {
        note: "a Spanish DNI",
        forms: &[said("ddddddddA"), said("dddddddd-A"), said("dd.ddd.ddd-A"), said("dddddddd A")],
        check: check::spanish,
        words: &["dni", "nif", "documento nacional", "identidad", "cédula"],
    },
    National {
        note: "a Spanish NIE",
        forms: &[clear("AdddddddA"), clear("A-ddddddd-A")],
        check: check::spanish_foreigner,
        words: &["nie"],
    },
    National {
        note: "an Italian codice fiscale",
        forms: &[clear("AAAAAAwwAwwAwwwA"), clear("AAA AAA wwAww AwwwA")],
        check: check::codice_fiscale,
        words: &["codice fiscale"],
    },
    National {
        note: "a French social security number",
        forms: &[
            clear("dddddwddddddddd"),
            clear("d dd dd dw ddd ddd dd"),
            clear("d dd dd dw ddd ddd/dd"),
        ],
        check: check::french_nir,
        words: &["sécurité sociale", "nir"],
    },
    National {
        note: "a Dutch BSN",
        forms: &[said("ddddddddd"), said("dddd.dd.ddd"), said("dddd dd ddd")],
        check: check::dutch_bsn,
        words: &["bsn", "burgerservice", "sofinummer", "sofi"],
    },
    National {
        note: "a Belgian national number",
        forms: &[clear("dd.dd.dd-ddd.dd"), said("ddddddddddd")],
        check: check::belgian,
        words: &["rijksregister", "registre national", "nationaal nummer", "insz", "niss"],
    },
    National {
        note: "a Polish PESEL",
        forms: &[said("ddddddddddd")],
        check: check::pesel,
        words: &["pesel"],
    },
    National {
        note: "a Portuguese NIF",
        forms: &[said("ddddddddd"), said("ddd ddd ddd")],
        check: check::portuguese_nif,
        words: &["nif", "contribuinte", "número fiscal"],
    },
    National {
        note: "a Brazilian CPF",
        forms: &[clear("ddd.ddd.ddd-dd"), said("ddddddddddd")],
        check: check::cpf,
        words: &["cpf"],
    },
    National {
        note: "a Brazilian CNPJ",
        forms: &[clear("dd.ddd.ddd/dddd-dd"), said("dddddddddddddd")],
        check: check::cnpj,
        words: &["cnpj"],
    },
    National {
        note: "a Swedish personnummer",
        forms: &[
            clear("dddddd-dddd"),
            clear("dddddd+dddd"),
            clear("dddddddd-dddd"),
            said("dddddddddd"),
            said("dddddddddddd"),
        ],
        check: check::swedish,
        words: &["personnummer", "personnr", "samordningsnummer"],
    },
    National {
        note: "a Finnish personal identity code",
        forms: &[clear("dddddd-dddw"), clear("dddddd+dddw"), clear("ddddddAdddw")],
        check: check::finnish,
        words: &["henkilötunnus", "hetu"],
    },
    National {
        note: "a Norwegian fødselsnummer",
        forms: &[clear("dddddd ddddd"), clear("ddddddddddd")],
        check: check::norwegian,
        words: &["fødselsnummer", "personnummer"],
    },
    National {
        note: "a Danish CPR number",
        forms: &[said("dddddd-dddd"), said("dddddddddd")],
        check: check::starts_with_day,
        words: &["cpr", "personnummer"],
    },
    National {
        note: "a Swiss AHV number",
        forms: &[clear("756.dddd.dddd.dd"), said("756dddddddddd")],
        check: check::ean,
        words: &["ahv", "avs", "sozialversicherung"],
    },
    National {
        note: "an Austrian social security number",
        forms: &[said("dddddddddd"), said("dddd dddddd")],
        check: check::austrian,
        words: &["svnr", "sv-nummer", "sozialversicherung", "versicherungsnummer"],
    },
    National {
        note: "a Turkish identity number",
        forms: &[said("ddddddddddd")],
        check: check::turkish,
        words: &["tckn", "t.c. kimlik", "kimlik", "tc no"],
    },
    National {
        note: "a Chinese resident identity number",
        forms: &[clear("dddddddddddddddddw")],
        check: check::chinese,
        words: &["身份证"],
    },
    National {
        note: "a Japanese My Number",
        forms: &[said("dddddddddddd"), said("dddd dddd dddd"), said("dddd-dddd-dddd")],
        check: check::my_number,
        words: &["マイナンバー", "個人番号", "my number", "mynumber"],
    },
    National {
        note: "an Indian Aadhaar number",
        forms: &[said("dddddddddddd"), said("dddd dddd dddd"), said("dddd-dddd-dddd")],
        check: check::aadhaar,
        words: &["aadhaar", "aadhar", "आधार", "uidai"],
    },
    National {
        note: "a British NHS number",
        forms: &[said("dddddddddd"), said("ddd ddd dddd"), said("ddd-ddd-dddd")],
        check: check::nhs,
        words: &["nhs"],
    },
    National {
        note: "a British national insurance number",
        forms: &[said("AAddddddA"), said("AA dd dd dd A")],
        check: check::british_insurance,
        words: &["national insurance", "ni number", "nino"],
    },
    National {
        note: "a US social security number",
        forms: &[said("ddd-dd-dddd"), said("ddd dd dddd"), said("ddddddddd")],
        check: check::us_social_security,
        words: &["ssn", "social security", "soc sec", "taxpayer"],
    },
    National {
        note: "a Canadian social insurance number",
        forms: &[said("ddd-ddd-ddd"), said("ddd ddd ddd"), said("ddddddddd")],
        check: check::luhn,
        words: &["social insurance", "sin", "assurance sociale"],
    },
];
