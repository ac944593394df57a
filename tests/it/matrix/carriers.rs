//! Short honest texts in twelve languages, in whose middle a wording is put.

/// What stands before and behind it.
pub(crate) type Carrier = (&'static str, &'static str);

/// The carriers of a language.
pub(crate) fn carriers(lang: &str) -> [Carrier; 3] {
    CARRIERS.iter().find(|(known, _)| *known == lang).expect("every language has carriers").1
}

const CARRIERS: [(&str, [Carrier; 3]); 12] = [
    (
        "en",
        [
            (
                "The footbridge over the mill stream was closed for repairs in March. Its oak planks had been laid in 1974 and some had begun to rot.",
                "The new deck is made of larch and should last for thirty years. The towpath below it stays open.",
            ),
            (
                "Our reading group meets on the first Tuesday of the month in the small hall. Last time eleven people came and we talked about a novel set in Lisbon.",
                "Tea is served at half past seven. The next book has not been chosen yet.",
            ),
            (
                "Quarterly figures: sales of garden furniture rose by four per cent, mostly because of a warm April. Storage costs fell slightly.",
                "The warehouse in Derby was extended in May. Two lorries were replaced.",
            ),
        ],
    ),
    (
        "de",
        [
            (
                "Der Steg über den Mühlbach war im März wegen Reparaturen gesperrt. Seine Eichenbohlen stammten aus dem Jahr 1974, und einige waren morsch.",
                "Der neue Belag ist aus Lärche und hält wohl dreißig Jahre. Der Weg darunter bleibt offen.",
            ),
            (
                "Unser Lesekreis trifft sich am ersten Dienstag des Monats im kleinen Saal. Beim letzten Mal kamen elf Leute, und es ging um einen Roman aus Lissabon.",
                "Tee gibt es um halb acht. Das nächste Buch steht noch nicht fest.",
            ),
            (
                "Zahlen des Quartals: Der Absatz von Gartenmöbeln stieg um vier Prozent, vor allem wegen des warmen Aprils. Die Lagerkosten sanken leicht.",
                "Das Lager in Fürth wurde im Mai erweitert. Zwei Lastwagen wurden ersetzt.",
            ),
        ],
    ),
    (
        "fr",
        [
            (
                "La passerelle au-dessus du ruisseau du moulin était fermée en mars pour travaux. Ses planches de chêne dataient de 1974 et certaines commençaient à pourrir.",
                "Le nouveau plancher est en mélèze et devrait durer trente ans. Le chemin du dessous reste ouvert.",
            ),
            (
                "Notre cercle de lecture se réunit le premier mardi du mois dans la petite salle. La dernière fois, onze personnes sont venues parler d'un roman situé à Lisbonne.",
                "Le thé est servi à dix-neuf heures trente. Le prochain livre n'est pas encore choisi.",
            ),
            (
                "Chiffres du trimestre : les ventes de meubles de jardin ont augmenté de quatre pour cent, surtout grâce à un mois d'avril chaud. Les frais de stockage ont un peu baissé.",
                "L'entrepôt de Dijon a été agrandi en mai. Deux camions ont été remplacés.",
            ),
        ],
    ),
    (
        "es",
        [
            (
                "La pasarela sobre el arroyo del molino estuvo cerrada en marzo por obras. Sus tablas de roble eran de 1974 y algunas empezaban a pudrirse.",
                "El suelo nuevo es de alerce y debería durar treinta años. El camino de abajo sigue abierto.",
            ),
            (
                "Nuestro club de lectura se reúne el primer martes del mes en la sala pequeña. La última vez vinieron once personas y hablamos de una novela ambientada en Lisboa.",
                "El té se sirve a las siete y media. El próximo libro aún no está elegido.",
            ),
            (
                "Cifras del trimestre: las ventas de muebles de jardín subieron un cuatro por ciento, sobre todo por un abril cálido. Los costes de almacén bajaron un poco.",
                "El almacén de Burgos se amplió en mayo. Se cambiaron dos camiones.",
            ),
        ],
    ),
    (
        "it",
        [
            (
                "La passerella sul ruscello del mulino è rimasta chiusa a marzo per lavori. Le sue assi di quercia erano del 1974 e alcune cominciavano a marcire.",
                "Il nuovo piano è di larice e dovrebbe durare trent'anni. Il sentiero sottostante resta aperto.",
            ),
            (
                "Il nostro gruppo di lettura si riunisce il primo martedì del mese nella sala piccola. L'ultima volta sono venute undici persone e si è parlato di un romanzo ambientato a Lisbona.",
                "Il tè si serve alle sette e mezza. Il prossimo libro non è ancora scelto.",
            ),
            (
                "Dati del trimestre: le vendite di mobili da giardino sono cresciute del quattro per cento, soprattutto grazie a un aprile caldo. I costi di magazzino sono calati un poco.",
                "Il magazzino di Parma è stato ampliato a maggio. Due camion sono stati sostituiti.",
            ),
        ],
    ),
    (
        "pt",
        [
            (
                "A passarela sobre o ribeiro do moinho esteve fechada em março para obras. As tábuas de carvalho eram de 1974 e algumas começavam a apodrecer.",
                "O novo piso é de lariço e deve durar trinta anos. O caminho de baixo continua aberto.",
            ),
            (
                "O nosso grupo de leitura reúne-se na primeira terça-feira do mês na sala pequena. Da última vez vieram onze pessoas e falou-se de um romance passado em Lisboa.",
                "O chá é servido às sete e meia. O próximo livro ainda não foi escolhido.",
            ),
            (
                "Números do trimestre: as vendas de móveis de jardim subiram quatro por cento, sobretudo por causa de um abril quente. Os custos de armazém desceram um pouco.",
                "O armazém de Braga foi ampliado em maio. Dois camiões foram trocados.",
            ),
        ],
    ),
    (
        "nl",
        [
            (
                "De loopbrug over de molenbeek was in maart dicht voor herstel. De eiken planken lagen er sinds 1974 en sommige begonnen te rotten.",
                "Het nieuwe dek is van lariks en gaat naar verwachting dertig jaar mee. Het pad eronder blijft open.",
            ),
            (
                "Onze leesclub komt op de eerste dinsdag van de maand bijeen in de kleine zaal. De vorige keer waren er elf mensen en ging het over een roman die in Lissabon speelt.",
                "Om half acht is er thee. Het volgende boek is nog niet gekozen.",
            ),
            (
                "Cijfers van het kwartaal: de verkoop van tuinmeubels steeg met vier procent, vooral door een warme april. De opslagkosten daalden licht.",
                "Het magazijn in Zwolle werd in mei uitgebreid. Twee vrachtwagens werden vervangen.",
            ),
        ],
    ),
    (
        "pl",
        [
            (
                "Kładka nad młynówką była w marcu zamknięta z powodu remontu. Dębowe deski leżały tam od 1974 roku i niektóre zaczęły próchnieć.",
                "Nowy pomost jest z modrzewia i powinien wytrzymać trzydzieści lat. Ścieżka pod nim pozostaje otwarta.",
            ),
            (
                "Nasz klub czytelniczy spotyka się w pierwszy wtorek miesiąca w małej sali. Ostatnio przyszło jedenaście osób i rozmowa dotyczyła powieści z Lizbony.",
                "Herbata jest o wpół do ósmej. Następna książka nie jest jeszcze wybrana.",
            ),
            (
                "Dane za kwartał: sprzedaż mebli ogrodowych wzrosła o cztery procent, głównie dzięki ciepłemu kwietniowi. Koszty magazynu nieco spadły.",
                "Magazyn w Opolu został w maju powiększony. Dwie ciężarówki wymieniono.",
            ),
        ],
    ),
    (
        "ru",
        [
            (
                "Мостик через мельничный ручей в марте был закрыт на ремонт. Дубовые доски лежали там с 1974 года, и некоторые начали гнить.",
                "Новый настил сделан из лиственницы и прослужит лет тридцать. Тропа под ним остаётся открытой.",
            ),
            (
                "Наш читательский кружок собирается в первый вторник месяца в малом зале. В прошлый раз пришло одиннадцать человек, и речь шла о романе, который происходит в Лиссабоне.",
                "Чай подают в половине восьмого. Следующая книга ещё не выбрана.",
            ),
            (
                "Итоги квартала: продажи садовой мебели выросли на четыре процента, в основном благодаря тёплому апрелю. Расходы на склад немного снизились.",
                "Склад в Туле в мае расширили. Два грузовика заменили.",
            ),
        ],
    ),
    (
        "tr",
        [
            (
                "Değirmen deresinin üzerindeki yaya köprüsü mart ayında onarım için kapatıldı. Meşe tahtalar 1974 yılından kalmaydı ve bazıları çürümeye başlamıştı.",
                "Yeni döşeme karaçamdan yapıldı ve otuz yıl dayanması bekleniyor. Altındaki yol açık kalıyor.",
            ),
            (
                "Okuma grubumuz her ayın ilk salı günü küçük salonda toplanır. Geçen sefer on bir kişi geldi ve Lizbon'da geçen bir roman konuşuldu.",
                "Çay yedi buçukta verilir. Sıradaki kitap henüz belli değil.",
            ),
            (
                "Üç aylık rakamlar: bahçe mobilyası satışları, özellikle sıcak geçen nisan sayesinde yüzde dört arttı. Depo giderleri biraz düştü.",
                "Bursa'daki depo mayısta genişletildi. İki kamyon yenilendi.",
            ),
        ],
    ),
    (
        "zh",
        [
            (
                "磨坊小溪上的人行桥三月份因维修关闭。桥上的橡木板是一九七四年铺的，有些已经开始腐烂。",
                "新的桥面用的是落叶松，预计可以用三十年。桥下的小路仍然开放。",
            ),
            (
                "我们的读书会每月第一个星期二在小礼堂举行。上次来了十一个人，谈的是一部以里斯本为背景的小说。",
                "七点半有茶。下一本书还没有选定。",
            ),
            (
                "本季度数字：花园家具的销售增长了百分之四，主要是因为四月天气暖和。仓储费用略有下降。",
                "无锡的仓库在五月扩建。两辆货车换了新的。",
            ),
        ],
    ),
    (
        "ja",
        [
            (
                "水車の小川にかかる歩道橋は三月に修理のため閉鎖された。一九七四年に敷かれた樫の板は、一部が腐り始めていた。",
                "新しい床板は唐松でできており、三十年はもつ見込みである。下の小道は通れる。",
            ),
            (
                "私たちの読書会は毎月第一火曜日に小ホールで開かれる。前回は十一人が集まり、リスボンを舞台にした小説の話をした。",
                "お茶は七時半に出る。次の本はまだ決まっていない。",
            ),
            (
                "四半期の数字：庭用家具の売上は、暖かい四月のおかげで四パーセント増えた。倉庫の費用は少し下がった。",
                "堺の倉庫は五月に広げられた。トラック二台が新しくなった。",
            ),
        ],
    ),
];
