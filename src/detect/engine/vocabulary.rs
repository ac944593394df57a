//! Classes of words that patterns share, written as `{name}` in a pattern.
//!
//! Text is folded before it is matched: lower case, no accents, straight quotation marks.

/// Name and meaning, a class may use those above it.
pub(in crate::detect) const CLASSES: &[(&str, &str)] = &[
    // Up to so many words between two others, in one sentence.
    ("gap2", r"(?:[^ .!?]+ ){0,2}?"),
    ("gap3", r"(?:[^ .!?]+ ){0,3}?"),
    ("gap4", r"(?:[^ .!?]+ ){0,4}?"),
    ("gap6", r"(?:[^ .!?]+ ){0,6}?"),
    // Where a sentence, a line or a list item begins.
    (
        "begin",
        r#"(?:^|[.!?:;,>*#)\]"'|-] ?|\n|\b(?:please|now|just|then|and|must|should|kindly|immediately) )"#,
    ),
    // Giving up what was said before.
    (
        "drop",
        r"(?:ignore|disregard|forget|override|overrule|bypass|discard|neglect|abandon|nullify|invalidate|unlearn|(?:set|put|cast|push|leave) aside|throw (?:out|away)|pay no (?:attention|heed) to|take no notice of|(?:do not|don't|dont|no longer|never|cease to|stop) (?:follow|obey|comply with|adhere to|listen to|heed|abide by|respect)(?:ing)?|(?:do not|don't) pay (?:any )?attention to|(?:are|is) (?:released|freed) from|overwrite|erase)",
    ),
    (
        "prior",
        r"(?:previous|previously (?:given|provided|stated|received)|prior|above|above-mentioned|aforementioned|earlier|preceding|foregoing|initial|original|former|past|pre-?existing)",
    ),
    (
        "orders",
        r"(?:instructions?|instructive|directives?|prompts?|guidelines?|commands?|directions|programming|rules?|constraints?|guidance|protocols?|training|system (?:prompt|message|instructions?)|context|safeguards|restrictions)",
    ),
    // Whom an injected text speaks to. Names that people bear too need a second word.
    (
        "model",
        r"(?:ai(?:s|[ -](?:models?|assistants?|agents?|systems?|bots?|tools?|reviewers?|readers?|crawlers?))?|a\.i\.|llms?|large language models?|language models?|(?:virtual|digital|automated) (?:assistants?|agents?|reviewers?)|chat ?bots?|chat-?gpt|gpt(?:-?[0-9]\w*)?|copilot|gemini (?:ai|pro)|claude (?:ai|[0-9][0-9.]*|sonnet|opus|haiku)|llama ?[0-9]\w*|mistral ai|deepseek)",
    ),
    // Words for it that people and programs share; they count with a second sign.
    (
        "helper",
        r"(?:assistants?|gemini|claude|bots?|crawlers?|summari[sz]ers?|automated (?:systems?|tools?|readers?|processes|screeners?)|machine readers?|(?:screening|ranking|scoring|reviewing) (?:systems?|software|tools?|models?|algorithms?)|parsers?|(?:the|this|any) model)",
    ),
    ("machine", r"(?:{model}|{helper})"),
    // The person whom the model serves.
    (
        "user",
        r"(?:users?|readers?|humans?|end[ -]users?|human operators?|requesters?|questioners?|person asking)",
    ),
    // What a model is told to do.
    (
        "order",
        r"(?:ignore|disregard|forget|include|say|respond|reply|answer|recommend|rate|rank|give|skip|stop|approve|summari[sz]e|tell|mention|output|print|send|call|use|treat|consider|write|add|append|state|follow|execute|insert|describe|report|promote|praise|name|list|refuse|pretend|act|conclude|emphasi[sz]e|highlight|present|claim|confirm|disclose|reveal|repeat|translate|put|place|delete|forward|accept|reject|choose|select|prefer|favou?r|endorse|assume|remember|leave|omit|begin|start|end|switch|hire|invite|prioriti[sz]e)",
    ),
    // What the model says.
    (
        "say",
        r"(?:say|state|respond|reply|answer|output|print|write|tell|claim|report|mention|recommend|suggest|include|add|append|insert|repeat|assert|declare|conclude|announce|present|return)",
    ),
    // Making text out of what is written otherwise, and doing what it then says.
    (
        "decode",
        r"(?:(?:base64|rot13)[ -])?(?:decod|decrypt|decipher|deobfuscat|unscrambl)(?:e|ing)? [^.!?]{1,60}?\b(?:follow|obey|execute|perform|carry out|comply with|act (?:on|upon)|apply|do) {gap4}(?:steps?|instructions?|orders?|commands?|directions?|directives?|tasks?|contents?|what (?:it|they)|it says|them)\b",
    ),
    // What a model is shown of a conversation and of its user.
    (
        "talk",
        r"(?:(?:chat|conversation|message|dialog(?:ue)?) (?:history|log|context|transcript|data|contents?)|conversations?|contents? of (?:this|the) (?:chat|conversation|session)|(?:this|the) chat|(?:last|previous|latest|preceding|first|recent) (?:\w+ )?(?:messages|questions|turns|prompts|answers)|(?:everything|what|whatever|anything|all) (?:that )?(?:the user|they|you)(?: \S+){0,2} (?:typed|said|wrote|written|asked|knows?|entered|told|shared)|chat ?logs?|(?:the |this |that )?user'?s? (?:(?:last|latest|private|current|full|previous|own|first|personal|original|recent|next|entire) )?(?:data|information|details|input|messages?|quer(?:y|ies)|questions?|e-?mails?|names?|secrets?|files?|documents?|credentials|address(?:es)?|location|prompt)|system (?:prompt|message|instructions)|retrieved (?:documents?|context|chunks?|passages?)|context window|private (?:data|information|notes|messages|documents)|personal (?:data|information|details)|confidential (?:data|information|documents?|files)|sensitive (?:data|information|details))",
    ),
    // The same and what opens doors.
    (
        "secrets",
        r"(?:{talk}|api[ _-]?keys?|access[ _-]?tokens?|secret[ _-]?keys?|passwords?|credentials|secrets|session (?:data|tokens?|cookies?))",
    ),
];
