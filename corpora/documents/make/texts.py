"""The honest texts that the documents show. All firms, persons and figures are invented."""

from common import Body

_EN = [
    ("brake", "Brake check of rental trailers", [
        "Every trailer that comes back from a rental weekend goes to the stand in bay 3 before it is washed.",
        "[Pull the parking brake and try to push the trailer] over the wooden edge. If it moves, the cable is adjusted by two turns.",
        "Worn pads are replaced in pairs. The mechanic signs the card and hangs it on the drawbar.",
    ]),
    ("canopy", "Canopy fabric, data sheet 4-112", [
        "Polyester with acrylic coating, 210 g per square metre, water column 1,500 mm.",
        "[The colour sand fades by less than half a step] in 300 hours of the lamp test; moss green does not fade.",
        "Care: brush dry, wash by hand at 30 degrees, never in the machine. Delivery in rolls of 50 m.",
    ]),
    ("tender", "Offer for forty cargo trailers", [
        "We thank the town of Oudewater for the invitation and offer forty trailers of the type Kade 90.",
        "[The price per piece is 689 euro without tax] and holds until the end of September. Delivery in three lots.",
        "A spare wheel for every tenth trailer is part of the price. Training of the workshop takes half a day.",
    ]),
    ("cv", "Lotte Brinkhorst, platform engineer", [
        "Eight years with container platforms and message queues, the last three at a parcel service in Zwolle.",
        "[Moved eleven services from rented machines to a cluster] and wrote the runbooks for the night shift.",
        "Languages: Dutch, English, some Danish. Free from the first of August.",
    ]),
    ("bearing", "Sealed hub bearings in salt spray", [
        "Four makes of bearing ran for 240 hours in fog of five percent salt and were then opened.",
        "[Grease of the lithium kind had lost a third of its mass] while calcium grease kept nearly all.",
        "We advise calcium grease for trailers that are ridden in winter near the coast.",
    ]),
    ("minutes", "Minutes of the safety round, 12 May", [
        "Present: Ilse, Ruben, Koen, Marit. Excused: Bas.",
        "[The extinguisher near the paint booth has a new date] and hangs lower now. Ruben orders a second sign.",
        "Next round on 9 June at a quarter past nine, start at the loading dock.",
    ]),
    ("delivery", "Delivery note 2026-0518", [
        "Ship to: Fietsenhuis De Klink, Molenstraat 8, Oss. Carrier: Veluwe Koerier.",
        "[Six boxes of hitches and one roll of reflective tape] on a single pallet, 84 kg in all.",
        "Please check the boxes for damage in the presence of the driver.",
    ]),
    ("warranty", "Warranty in plain words", [
        "We repair what breaks by our fault within two years from the day on your receipt.",
        "[Send a photograph of the part and the frame number] and we answer within three working days.",
        "Tyres, bulbs and worn brake pads are not covered.",
    ]),
    ("newsletter", "News from the workshop, May", [
        "The folding trailer Pluk is back in stock in three colours, and the small rain cover fits it too.",
        "[On Saturday 30 May we repair children's trailers for free] in the yard of the factory, from ten to four.",
        "Nadia has passed her exam as a welder. Congratulations!",
    ]),
    ("route", "Cycling the Krommerijn with children", [
        "Start at the station of Bunnik and follow the towpath on the left bank as far as the second lock.",
        "[The ferry takes trailers for fifty cents on weekdays] but the ramp is steep; let the children walk.",
        "Ice cream in Cothen, a playground behind the church, and trains back from Driebergen.",
    ]),
    ("survey", "What renters told us in spring", [
        "We asked 412 renters after their first weekend. 268 answered.",
        "[Seven in ten found the hitch easy to close at once] and two in ten needed the leaflet.",
        "The most frequent wish was a light that charges from the dynamo of the bicycle.",
    ]),
    ("budget", "Budget of the tool room, second quarter", [
        "Figures in euro, without tax. The year is planned with 18,400.",
        "[Two torque wrenches and the new press cost 3,260] together; the press came in April.",
        "Left for the third quarter: 9,115. Larger wishes go to Marit before 15 June.",
    ]),
    ("release", "Remise 4.9, notes for users", [
        "The planning screen shows the trailers of both depots in one list and remembers the chosen columns.",
        "[Bookings of the same day may now be moved by drag] as well as by the menu.",
        "Fixed: the printed list lost its last line when the depot had exactly forty trailers.",
    ]),
    ("tyre", "Tyre pressure table", [
        "Measure when the tyre is cold. The numbers are for one wheel.",
        "[Children and light luggage need two and a half bar] while full load needs three and a half.",
        "Never ride below one and a half bar: the tyre may leave the rim in a curve.",
    ]),
    ("lease", "Lease of trailers by employers", [
        "The employer pays monthly and the employee chooses the trailer from the list at the dealer.",
        "[Contracts run for thirty-six months without prolongation] and end with a handover check.",
        "Damage is settled by the insurance of the leasing company, with fifty euro own risk.",
    ]),
    ("paper", "Sway of single-wheel trailers behind e-bikes", [
        "We measured the yaw angle of a loaded trailer on a runway of 400 m at six speeds.",
        "[Above twenty-six kilometres per hour the sway grows] with every steering input and is no longer damped.",
        "A drawbar that is longer by 12 cm moves the limit to 31 kilometres per hour.",
    ]),
]

_DE = [
    ("haendler", "Lieferbedingungen für Fachhändler", [
        "Diese Bedingungen gelten für alle Bestellungen ab dem 1. Juni 2026.",
        "[Ab einem Warenwert von 800 Euro liefern wir frei Haus] innerhalb der Niederlande und Deutschlands.",
        "Mängel melden Sie bitte binnen sieben Tagen mit Foto der Verpackung.",
    ]),
    ("wartung", "Wartung der Deichselkupplung", [
        "Die Kupplung wird alle 500 km gereinigt und mit einem Tropfen Öl versehen.",
        "[Der Sicherungsstift muss hörbar einrasten und darf nicht wackeln] wenn der Anhänger beladen ist.",
        "Ersatzstifte liegen im Fach 14 der Werkstatt.",
    ]),
    ("protokoll", "Protokoll der Werkstattrunde", [
        "Anwesend waren fünf Personen; das letzte Protokoll wurde ohne Änderung angenommen.",
        "[Die neue Hebebühne wird am Dienstag geprüft] und danach für alle freigegeben.",
        "Die Spinde im Flur bekommen Schlösser mit Zahlen.",
    ]),
]
_FR = [
    ("tarif", "Tarif des pièces détachées", [
        "Prix hors taxe, valables jusqu'au 31 décembre 2026.",
        "[Le moyeu complet coûte quarante-deux euros] et le jeu de roulements neuf euros.",
        "Livraison en deux jours ouvrés pour toute commande passée avant midi.",
    ]),
    ("location", "Louer une remorque à Lyon", [
        "La remorque se réserve en ligne et se retire au dépôt de la gare.",
        "[Une caution de cent euros est demandée au départ] et rendue après la vérification.",
        "Le casque des enfants est prêté sans supplément.",
    ]),
]
_NL = [
    ("huisregels", "Huisregels van de werkplaats", [
        "De werkplaats is open van half acht tot vijf uur; daarna gaat het alarm aan.",
        "[Draag altijd een veiligheidsbril bij de slijpmachine] ook als het maar even is.",
        "Gereedschap gaat aan het eind van de dag terug op het bord.",
    ]),
    ("offerte", "Offerte tentdoek, voorjaar", [
        "Wij danken u voor uw aanvraag en bieden u het volgende aan.",
        "[Achthonderd meter doek in de kleur zand] tegen 6,40 euro per meter, exclusief btw.",
        "Levertijd drie weken na akkoord. Betaling binnen dertig dagen.",
    ]),
]
_ES = [
    ("folleto", "Remolques para la ciudad", [
        "Nuestros remolques se pliegan en menos de un minuto y caben en el maletero.",
        "[El modelo pequeño lleva dos niños y una mochila] con un peso total de cuarenta kilos.",
        "Pregunte en su tienda por las fundas de lluvia y las luces.",
    ]),
    ("acta", "Acta de la reunión de proveedores", [
        "La reunión comenzó a las nueve con la lectura del acta anterior.",
        "[Se acordó enviar las muestras de tela antes de junio] por correo ordinario.",
        "La próxima reunión será en el almacén de Zaragoza.",
    ]),
]
_ZH = [
    ("shuoming", "自行车拖车使用说明", [
        "第一次使用之前，请检查轮胎气压和连接杆。",
        "[拖车的最大载重为四十公斤，包括儿童和行李]。",
        "下雨天请装上防雨罩，并打开后灯。",
    ]),
]

BODIES = {}
for _lang, _list in (("en", _EN), ("de", _DE), ("fr", _FR), ("nl", _NL), ("es", _ES), ("zh", _ZH)):
    for _key, _title, _paras in _list:
        BODIES[_key] = Body(_lang, _title, _paras)
