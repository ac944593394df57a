//! The lexical embedder finds what a person would look for.

use super::{FREQUENCIES, Kind, LexicalEmbedder, NAME, TABLE, chunk_vector, question_vector};
use crate::domain::vector::Vector;
use crate::pipeline::ports::Embedder as _;

/// Thirty paragraphs of an invented company's handbook, each about something else.
const HANDBOOK: [&str; 30] = [
    "Refunds are paid within seven days after the goods have come back to our warehouse.",
    "The cafeteria on the second floor is open from eleven until two; the menu changes weekly.",
    "Employees accrue two and a half days of vacation for every month of service.",
    "To reset a forgotten password, open the sign-in page and follow the link under the form.",
    "Visitors must be announced at the front desk and wear a badge while they are in the building.",
    "The build server runs every night at three; failures are reported to the release channel.",
    "Laptops are replaced every four years. Broken screens are repaired by the service desk.",
    "Expense reports are due on the fifth of the month and need a receipt for each item.",
    "The retention period for invoices is ten years, for job applications six months.",
    "In case of fire leave the building by the stairs and gather at the parking lot.",
    "Parental leave can be taken by both parents, up to three years for each child.",
    "The API answers with status 429 when a client sends more than a hundred requests a second.",
    "Our headquarters moved to Rotterdam in 1994, after the merger with a Dutch shipping firm.",
    "Backups are encrypted, kept in two regions, and restored for practice every quarter.",
    "The company pays half of a monthly ticket for trains and buses.",
    "Suppliers are checked against the sanctions lists before a contract is signed.",
    "Sick leave must be reported before nine; from the third day on a certificate is needed.",
    "The data centre in Lyon draws its power from a hydroelectric plant on the Rhône.",
    "Access to the production database is granted for a day at a time and logged.",
    "Meetings of more than eight people need an agenda, sent a day in advance.",
    "The office dog policy allows one well-behaved dog per room, if nobody is allergic.",
    "Overtime is paid at one and a quarter of the usual rate or taken as free time.",
    "The style guide asks for short sentences, active verbs, and no exclamation marks.",
    "New colleagues get a mentor for their first three months and a tour of the warehouse.",
    "Bicycles can be parked in the basement; the code of the door is on the notice board.",
    "Customer complaints are answered within one working day by the support team.",
    "The pension fund matches contributions of up to four per cent of the salary.",
    "Security incidents are reported to the duty officer at any hour, by telephone.",
    "Marketing material is approved by the legal department before it is printed.",
    "The gym in the cellar is free of charge; towels are at the reception.",
];

fn dot(one: &Vector, two: &Vector) -> f32 {
    let entries = |vector: &Vector| match vector {
        Vector::Sparse { indices, values } => {
            indices.iter().copied().zip(values.iter().copied()).collect::<Vec<_>>()
        }
        Vector::Dense(_) => panic!("lexical vectors are sparse"),
    };
    let two = entries(two);
    let weight = |index| two.iter().find(|(other, _)| *other == index).map_or(0.0, |at| at.1);
    entries(one).into_iter().map(|(index, value)| value * weight(index)).sum()
}

/// Positions of the texts that share a word with the question, best first.
fn found(question: &str, texts: &[&str]) -> Vec<usize> {
    let question = question_vector(question);
    let mut scored: Vec<(f32, usize)> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| (dot(&question, &chunk_vector(text)), at))
        .filter(|(score, _)| *score > 0.0)
        .collect();
    scored.sort_by(|one, two| two.0.total_cmp(&one.0));
    scored.into_iter().map(|(_, at)| at).collect()
}

#[test]
fn a_question_finds_its_paragraph_among_thirty() {
    let questions = [
        ("When will I get my refund?", 0),
        ("What's on the menu in the cafeteria", 1),
        ("how many vacation days do I have per month", 2),
        ("I forgot my passwords", 3),
        ("how long do we have to keep invoices", 8),
        ("where do we go when there is a fire", 9),
        ("which status does the API send if a client is rate limited with too many requests", 11),
        ("Where does the data center on the Rhone get its power?", 17),
        ("may I bring my dogs to the office", 20),
        ("who do I call about a security incident", 27),
    ];
    for (question, paragraph) in questions {
        assert_eq!(found(question, &HANDBOOK).first(), Some(&paragraph), "{question}");
    }
}

#[test]
fn one_rare_word_counts_more_than_several_common_ones() {
    let texts = ["what is there to do about it when you can", "the axolotl"];
    assert_eq!(found("what can you do about an axolotl", &texts)[0], 1);
    let frequencies = &*FREQUENCIES;
    let rarity = |term| frequencies.rarity(frequencies.of(term, Kind::Word));
    assert!(rarity("the") < rarity("server") && rarity("server") < rarity("axolotl"));
}

#[test]
fn words_that_stand_everywhere_count_only_where_nothing_else_is_asked() {
    let texts = ["the who", "the cat"];
    assert_eq!(found("the cat", &texts), [1]);
    assert_eq!(found("the who", &texts), [0, 1]);
}

#[test]
fn a_long_text_that_names_the_word_in_passing_comes_after_a_short_one_about_it() {
    let long = format!("{} invoice {}", "other words ".repeat(150), "and more ".repeat(150));
    assert_eq!(found("invoice", &[&long, "About the invoice."]), [1, 0]);
    let stuffed = "invoice ".repeat(400);
    let score = dot(&question_vector("invoice"), &chunk_vector(&stuffed));
    let honest = dot(&question_vector("invoice"), &chunk_vector("About the invoice."));
    assert!(score < honest * 1.5, "repeating a word saturates");
}

#[test]
fn chinese_japanese_and_korean_questions_find_their_texts() {
    let texts = [
        "退款将在七天内支付。",
        "年假按月累计。",
        "払い戻しは七日以内に行われます。",
        "休暇は毎月加算されます。",
        "환불은 칠 일 이내에 지급됩니다.",
        "휴가는 매월 적립됩니다.",
    ];
    assert_eq!(found("什么时候退款?", &texts)[0], 0);
    assert_eq!(found("年假有多少?", &texts)[0], 1);
    assert_eq!(found("払い戻しはいつですか", &texts)[0], 2);
    assert_eq!(found("休暇について", &texts)[0], 3);
    assert_eq!(found("환불을 언제 받나요", &texts)[0], 4);
    assert_eq!(found("휴가 일수", &texts)[0], 5);
}

#[test]
fn questions_in_other_alphabetic_languages_find_their_texts() {
    let texts = [
        "Die Erstattung wird innerhalb von sieben Tagen gezahlt.",
        "Der Urlaub wird monatlich gutgeschrieben.",
        "Le remboursement est versé sous sept jours.",
        "L'employé acquiert ses congés chaque mois.",
        "Возврат производится в течение семи дней.",
        "Отпуск начисляется каждый месяц.",
    ];
    assert_eq!(found("Wann wird die Erstattung gezahlt?", &texts)[0], 0);
    assert_eq!(found("wie viel Urlaub", &texts)[0], 1);
    assert_eq!(found("quand le remboursement est-il verse", &texts)[0], 2);
    assert_eq!(found("quels congés pour un employé", &texts)[0], 3);
    assert_eq!(found("когда возврат", &texts)[0], 4);
    assert_eq!(found("сколько отпуск", &texts)[0], 5);
}

#[test]
fn vectors_are_the_same_to_the_bit_and_only_for_the_same_text() {
    let pinned = chunk_vector("Refunds take seven days.");
    let (indices, bits): (Vec<u32>, Vec<u32>) = match &pinned {
        Vector::Sparse { indices, values } => {
            (indices.clone(), values.iter().map(|value| value.to_bits()).collect())
        }
        Vector::Dense(_) => panic!("lexical vectors are sparse"),
    };
    assert_eq!(indices, [493_027_623, 1_000_919_083, 2_488_018_917, 3_515_899_129]);
    assert_eq!(bits, [1_070_966_838; 4]);
    assert_eq!(chunk_vector("refunds TAKE seven days"), pinned);
    assert_ne!(chunk_vector("Refunds take nine days."), pinned);
}

#[tokio::test]
async fn a_text_without_words_has_an_empty_vector() {
    let embedder = LexicalEmbedder;
    let question = embedder.embed_question("?! … 🎉", NAME).await.unwrap();
    assert_eq!(question, Vector::sparse([]));
    let vectors = embedder.embed(&["—", "word"]).await.unwrap();
    assert_eq!(vectors[0][NAME], Vector::sparse([]));
    assert_ne!(vectors[1][NAME], Vector::sparse([]));
    assert!(embedder.shapes().contains_key(NAME));
}

#[test]
fn every_line_of_the_table_is_read() {
    let frequencies = &*FREQUENCIES;
    assert_eq!(frequencies.by_term.len(), TABLE.lines().count() - 1);
    assert!(frequencies.documents > 1_000);
    assert!(frequencies.by_term.values().all(|count| (3..frequencies.documents).contains(count)));
    let terms: Vec<&str> =
        TABLE.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
    assert!(terms.is_sorted());
    assert!(frequencies.is_stop(frequencies.of("the", Kind::Word)));
    assert!(!frequencies.is_stop(frequencies.of("password", Kind::Word)));
}
