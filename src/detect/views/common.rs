//! Common words of ten languages that write Latin letters, of Russian, Chinese and Japanese: what a text in a cipher is
//! known by, once as they stand, once under each cipher.
//!
//! A cipher leaves no common word as it is and makes many of what looks like none, so a few words tell it
//! from every natural language, at one look into a table for each word.

use std::sync::LazyLock;

/// The word as it stands is common.
pub(super) const PLAIN: u8 = 1;
/// Letters shifted by thirteen make it common.
pub(super) const SHIFTED: u8 = 2;
/// Its letters from behind do.
pub(super) const MIRRORED: u8 = 4;
/// Common both as it stands and with its letters shifted, or mirrored (`la`, `al`): it tells nothing.
pub(super) const EITHER_SHIFTED: u8 = 16;
pub(super) const EITHER_MIRRORED: u8 = 32;
/// An instruction to a model seldom does without it, or without what the cipher makes of it.
pub(super) const TELLING: u8 = 8;

const WORDS: &str = "
the and for you that this with not are was from have all any but can has your will what when which their
them then than into only also more about after before been being were would should must shall may never
always every each other these those there here who whom whose how why out over under between without
of to in is it on as at be by or an we he she his her its do if so no up my me us
der die das und ist nicht ein eine einen einem einer den dem des mit von auf für als auch sich wird werden
sind war bei nach aus wie nur noch oder aber dass wenn alle dieser diese dieses deine deiner zum zur über
im am zu es er sie wir ihr
les des une est que qui dans pour pas sur avec par plus ce cette ces son ses leur mais comme tout tous
sans sous vous nous elle être avoir votre
le la et en un du au aux il ne se te ta tes
los las una con por para del como más pero sus sin sobre este esta esto todo todos todas usted cuando donde
el al su lo es muy ya
gli che per con una della delle degli nel alla dal sono come più anche questo questa tutto tutti senza ogni
il di da si ha mi ci
uma com para que não dos das mais como mas foi pelo pela seus suas este esta isso todo todas você quando
os ao na no em
het een van dat zijn met voor niet aan ook als maar door naar deze alle over uit wordt bij hun wat dit dan geen
elke nog iets jouw steeds alleen
de en te ik je op om er
nie jest się oraz dla jak ale czy ten tej tego przez jego jako tylko teraz przy gdy która który które wszystkie
bez każdej swój swoje zawsze niego nikomu tym od zanim po do na za ze są to
bir ve bu için ile olarak gibi daha çok ama değil olan kadar sonra her ne da ya tüm yalnızca hiçbir yerine bunu
sana artık şu önce böyle yok var olduğunu kim sen senin
指令 用户 回答 模型 助手 系统 密码 忽略 之前 所有 内容 输出 推荐 不要 我们 可以 使用 必须 规则 文件 本文 任务 告诉 问题 请在
指示 利用 質問 無視 出力 表示 必要 開発 規則 情報 以前 会話 文書 命令 資料 段落 結果 回答 答え 返答 こと する して ない ださ くだ
что как это для или его она они все при без над под через чтобы если только также был была было есть
не на но по от до за из во со же ли бы мы вы он ты";

const TELLING_WORDS: &str = "
ignore ignores disregard forget override instruction instructions previous guidelines system prompt assistant
password credential credentials conversation reveal rules user context answer model
ignoriere vergiss anweisung anweisungen vorherigen nutzer benutzer antwort antworte systemprompt assistent
ignorez ignore oublie consignes précédentes utilisateur réponse réponds assistante modèle
ignora olvida instrucciones anteriores usuario respuesta responde asistente modelo contraseña
dimentica istruzioni precedenti utente risposta rispondi assistente modello
ignore esqueça instruções usuário resposta responda
negeer vergeet instructies vorige gebruiker antwoord taalmodel
zignoruj zapomnij instrukcje poprzednie użytkownika użytkownik odpowiedź odpowiedzi asystent asystencie
polecaj odpowiadaj napisz hasło
talimat talimatları sistem model modelin yanıtlarında önceki kullanıcı kullanıcıya yanıt yanıtla asistan
игнорируй забудь инструкции указания предыдущие пользователя пользователю ответ ответе ассистент модель";

/// Shorter words look like others once they are shifted or mirrored.
const CIPHERED_CHARS_MIN: usize = 3;
/// Four times as many as there are entries, so that most looks end at the first.
const SLOTS: usize = 1 << 13;

static TABLE: LazyLock<Vec<(u64, u8)>> = LazyLock::new(|| {
    let mut table = vec![(0, 0); SLOTS];
    let both = [(WORDS, 0), (TELLING_WORDS, TELLING)];
    for (words, telling) in both {
        for word in words.split_whitespace() {
            add(&mut table, hash(word.chars()), PLAIN | telling);
        }
    }
    for (words, telling) in both {
        let long =
            |word: &&str| word.chars().count() >= CIPHERED_CHARS_MIN || word.chars().all(is_joined);
        for word in words.split_whitespace().filter(long) {
            if word.bytes().any(|byte| byte.is_ascii_lowercase()) {
                cipher(&mut table, hash(word.chars().map(rot13)), SHIFTED | telling);
            }
            cipher(&mut table, hash(word.chars().rev()), MIRRORED | telling);
        }
    }
    for word in WORDS.split_whitespace() {
        let plain = |hash| flags_of(&table, hash) & PLAIN != 0;
        let either = [
            (plain(hash(word.chars().map(rot13))), EITHER_SHIFTED),
            (plain(hash(word.chars().rev())), EITHER_MIRRORED),
        ];
        for (_, flag) in either.into_iter().filter(|(is, _)| *is) {
            add(&mut table, hash(word.chars()), flag);
        }
    }
    table
});

fn add(table: &mut [(u64, u8)], hash: u64, flags: u8) {
    if let Some(entry) = slot(table, hash).and_then(|slot| table.get_mut(slot)) {
        *entry = (hash, entry.1 | flags);
    }
}

/// What is common as it stands tells nothing of a cipher.
fn cipher(table: &mut [(u64, u8)], hash: u64, flags: u8) {
    if flags_of(table, hash) & PLAIN == 0 {
        add(table, hash, flags);
    }
}

/// Where a hash stands, or would.
fn slot(table: &[(u64, u8)], hash: u64) -> Option<usize> {
    let first = usize::try_from(hash % SLOTS as u64).unwrap_or(0);
    let probes = (first..SLOTS).chain(0..first);
    probes
        .into_iter()
        .find(|at| table.get(*at).is_none_or(|(known, flags)| *known == hash || *flags == 0))
}

fn flags_of(table: &[(u64, u8)], hash: u64) -> u8 {
    slot(table, hash).and_then(|slot| table.get(slot)).map_or(0, |(_, flags)| *flags)
}

/// What is known of a word by the hash of its letters in lower case.
pub(super) fn flags(hash: u64) -> u8 {
    flags_of(&TABLE, hash)
}

/// Of the letters of a word, in lower case.
pub(super) fn hash(letters: impl Iterator<Item = char>) -> u64 {
    letters.fold(START, step)
}

/// Letters of scripts that part no words: two in a row stand for one.
pub(super) const fn is_joined(ch: char) -> bool {
    matches!(ch, '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}')
}

/// The hash of no letters.
pub(super) const START: u64 = 0xCBF2_9CE4_8422_2325;

/// FNV-1a over characters.
pub(super) const fn step(hash: u64, letter: char) -> u64 {
    let mixed = (hash ^ letter as u64).wrapping_mul(0x0000_0100_0000_01B3);
    mixed ^ (mixed >> 29)
}

/// Letters of ASCII, shifted by thirteen.
pub(super) const fn rot13(ch: char) -> char {
    match ch {
        'a'..='m' | 'A'..='M' => ((ch as u8) + 13) as char,
        'n'..='z' | 'N'..='Z' => ((ch as u8) - 13) as char,
        _ => ch,
    }
}

#[cfg(test)]
mod tests {
    use super::{MIRRORED, PLAIN, SHIFTED, TABLE, TELLING, flags, hash};

    fn of(word: &str) -> u8 {
        flags(hash(word.chars()))
    }

    #[test]
    fn words_are_known_as_they_stand_and_under_each_cipher() {
        assert_eq!(of("the"), PLAIN);
        assert_eq!(of("gur"), SHIFTED);
        assert_eq!(of("la"), PLAIN | super::EITHER_MIRRORED);
        assert_eq!(of("令指"), MIRRORED);
        assert_eq!(of("eht"), MIRRORED);
        assert_eq!(of("erongi") & (MIRRORED | TELLING), MIRRORED | TELLING);
        assert_eq!(of("забудь") & PLAIN, PLAIN);
        assert_eq!(of("canal"), 0);
        assert!(TABLE.iter().filter(|(_, flags)| *flags != 0).count() * 3 < TABLE.len());
    }
}
