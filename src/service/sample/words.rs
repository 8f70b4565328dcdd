//! The words of the sample in German, its attributes, and which family shows what.

use super::drawings::Shape;

/// What is shown of a family beside its own words.
pub(super) struct Shown {
    /// The family.
    pub code: &'static str,
    /// Its category's name in German.
    pub category: &'static str,
    /// The name of its products in German; each `{}` is a value of an axis, in order.
    pub pattern: &'static str,
    /// The attributes its axes are.
    pub attributes: &'static [&'static str],
    /// What its drawing shows.
    pub shape: Shape,
}

macro_rules! shown {
    ($($code:literal $category:literal $pattern:literal $attributes:expr, $shape:ident;)*) => {
        &[$(Shown {
            code: $code, category: $category, pattern: $pattern, attributes: &$attributes, shape: Shape::$shape,
        }),*]
    };
}

/// Every family.
pub(super) const SHOWN: &[Shown] = shown! {
    "HEX" "Sechskantschrauben" "Sechskantschraube {} × {}, {}, DIN 933" ["thread", "length", "material"], Bolt;
    "SOC" "Zylinderschrauben" "Zylinderschraube mit Innensechskant {} × {}, {}, DIN 912" ["thread", "length", "material"], Bolt;
    "WOD" "Holzschrauben" "Holzschraube {} × {} mm, Senkkopf, {}" ["diameter", "length", "type"], Bolt;
    "NUT" "Muttern" "{} {}, {}" ["type", "thread", "material"], Ring;
    "WAS" "Scheiben" "{} {}, {}" ["type", "thread", "material"], Ring;
    "ANC" "Dübel und Anker" "Bolzenanker {} × {} mm, {}" ["thread", "length", "material"], Bolt;
    "ROD" "Gewindestangen" "Gewindestange {} × {} m, {}, DIN 976" ["thread", "metres", "material"], Rod;
    "RIV" "Nieten" "Blindniet {} × {} mm, {}" ["diameter", "length", "material"], Bolt;
    "WRE" "Schraubenschlüssel" "Ring-Maulschlüssel {} mm, {}" ["width", "type"], Tool;
    "SDR" "Schraubendreher" "Schraubendreher {} × {} mm" ["type", "length"], Tool;
    "PLI" "Zangen" "{} {} mm, {}" ["type", "length", "grade"], Tool;
    "HAM" "Hämmer" "{} {} g, {}" ["type", "weight", "material"], Tool;
    "TAP" "Maßbänder" "Rollbandmaß {} m × {} mm, {}" ["metres", "width", "grade"], Roll;
    "CAL" "Messschieber und Lehren" "{} {} mm, {}" ["type", "size", "grade"], Tool;
    "DRL" "Spiralbohrer" "Spiralbohrer {} mm, {}" ["diameter", "grade"], Rod;
    "MAS" "Steinbohrer" "SDS-plus-Bohrer {} × {} mm" ["diameter", "length"], Rod;
    "CUD" "Trennscheiben" "Trennscheibe {} × {} mm, {}" ["diameter", "thickness", "purpose"], Disc;
    "FLD" "Fächerscheiben" "Fächerscheibe {} mm, Körnung {}, {}" ["diameter", "grit", "material"], Disc;
    "SAW" "Sägeblätter" "{} {} mm, {}" ["type", "length", "purpose"], Rod;
    "ABR" "Schleifbogen" "Schleifbogen {} mm, Körnung {}, {}" ["size", "grit", "material"], Box;
    "GLO" "Handschuhe" "Schutzhandschuhe {}, Größe {}, {}" ["type", "size", "colour"], Wear;
    "GLA" "Schutzbrillen" "Schutzbrille {}, Scheibe {}, {}" ["type", "colour", "grade"], Helmet;
    "SHO" "Sicherheitsschuhe" "Sicherheitsschuh {}, Größe {}" ["grade", "size"], Wear;
    "HEL" "Schutzhelme" "Schutzhelm {}, {}, {}" ["type", "colour", "grade"], Helmet;
    "EAR" "Gehörschutz" "{} SNR {} dB, {}" ["type", "noise", "colour"], Helmet;
    "RES" "Atemschutz" "Atemschutzmaske {} {}, {}" ["grade", "type", "form"], Helmet;
    "VES" "Warnkleidung" "Warnschutz-{}, {}, Größe {}" ["type", "colour", "size"], Wear;
    "CAB" "Kabel und Leitungen" "Leitung {} {} mm², {}" ["type", "section", "colour"], Roll;
    "TER" "Kabelschuhe und Klemmen" "{} {} mm², {}" ["type", "section", "grade"], Ring;
    "CIR" "Leitungsschutzschalter" "Leitungsschutzschalter {}-polig, {} {} A" ["poles", "type", "current"], Box;
    "LED" "Lampen" "LED-{} {} W, {}" ["type", "power", "colour"], Lamp;
    "BAT" "Batterien" "{}-Batterie {}, {}" ["material", "size", "grade"], Bottle;
    "TIE" "Kabelbinder" "Kabelbinder {} × {} mm, {}" ["width", "length", "colour"], Rod;
    "VAL" "Kugelhähne" "Kugelhahn {}, {}, {}" ["size", "material", "type"], Pipe;
    "PIF" "Steckverschraubungen" "{}-Steckverschraubung {} mm, {}" ["type", "diameter", "thread"], Pipe;
    "HOS" "Schläuche" "{}schlauch {} mm, {}" ["type", "diameter", "material"], Roll;
    "PIP" "Rohrfittings" "{} {}, {}" ["type", "size", "material"], Pipe;
    "GAS" "Dichtungen" "{} {} mm, {}" ["type", "size", "material"], Ring;
    "THR" "Schraubensicherungen" "Schraubensicherung {}, {}, {} ml" ["grade", "type", "volume"], Bottle;
    "SEA" "Dichtstoffe" "{}-Dichtstoff, {}, {} ml" ["material", "colour", "volume"], Bottle;
    "OIL" "Öle" "{}öl ISO VG {}, {}" ["type", "grade", "material"], Bottle;
    "GRE" "Fette" "{}fett NLGI {}, {} g" ["type", "grade", "weight"], Bottle;
    "SPR" "Sprays" "{}-Spray, {} ml" ["type", "volume"], Bottle;
    "TAE" "Klebebänder" "{}band {} mm × {} m" ["type", "width", "metres"], Roll;
    "BEA" "Kugellager" "Rillenkugellager {} {}" ["type", "form"], Disc;
    "BEL" "Keilriemen" "Keilriemen {} × {} mm" ["type", "length"], Disc;
    "WIP" "Tücher und Wischmittel" "{}, {}, {} Stück" ["type", "colour", "count"], Box;
    "CLN" "Reiniger" "{} {} l" ["type", "litres"], Bottle;
    "BIN" "Lagerkästen" "Lagersichtkasten {} × {} mm, {}" ["length", "width", "colour"], Box;
    "PAC" "Kartons" "Karton {} × {} mm, {}" ["length", "width", "form"], Box;
};

/// Categories above the families, in German.
pub(super) const GERMAN_GROUPS: &[(&str, &str)] = &[
    ("FAST", "Befestigungstechnik"),
    ("TOOL", "Handwerkzeuge"),
    ("CUTT", "Schneiden und Schleifen"),
    ("SAFE", "Arbeitsschutz"),
    ("ELEC", "Elektro"),
    ("FLOW", "Rohre, Ventile und Schläuche"),
    ("CHEM", "Kleb- und Schmierstoffe"),
    ("MOVE", "Lager und Antriebe"),
    ("CLEA", "Reinigung"),
    ("STOR", "Lager und Verpackung"),
];

/// Attributes: code, name, name in German, kind, unit.
pub(super) const ATTRIBUTES: &[(&str, &str, &str, &str, &str)] = &[
    ("thread", "Thread", "Gewinde", "text", ""),
    ("length", "Length", "Länge", "number", "MMT"),
    ("metres", "Length (m)", "Länge (m)", "number", "MTR"),
    ("width", "Width", "Breite", "number", "MMT"),
    ("diameter", "Diameter", "Durchmesser", "number", "MMT"),
    ("thickness", "Thickness", "Dicke", "number", "MMT"),
    ("material", "Material", "Werkstoff", "text", ""),
    ("type", "Type", "Ausführung", "text", ""),
    ("purpose", "Purpose", "Verwendung", "text", ""),
    ("form", "Form", "Form", "text", ""),
    ("size", "Size", "Größe", "text", ""),
    ("colour", "Colour", "Farbe", "text", ""),
    ("grade", "Grade", "Güte", "text", ""),
    ("weight", "Weight", "Gewicht", "number", "GRM"),
    ("volume", "Content", "Inhalt", "number", "MLT"),
    ("litres", "Content (l)", "Inhalt (l)", "number", "LTR"),
    ("grit", "Grit", "Körnung", "number", ""),
    ("power", "Power (W)", "Leistung (W)", "number", ""),
    ("current", "Rated current (A)", "Nennstrom (A)", "number", ""),
    ("section", "Cross-section (mm²)", "Querschnitt (mm²)", "number", ""),
    ("noise", "Noise reduction (dB)", "Dämmwert (dB)", "number", ""),
    ("poles", "Poles", "Pole", "number", ""),
    ("count", "Pieces", "Stückzahl", "number", ""),
];

/// Words that mean the same in a search.
pub(super) const SYNONYMS: &[&str] = &[
    "wrench|spanner",
    "pliers|pincers",
    "bolt|screw",
    "torch|flashlight|lamp",
    "hose|tubing",
    "ear plugs|hearing protection",
    "cable tie|zip tie",
    "safety glasses|goggles",
    "adhesive|glue",
    "duct tape|gaffer tape",
    "Schraubenschlüssel|Maulschlüssel|Gabelschlüssel",
    "Schraubendreher|Schraubenzieher",
    "Zange|Kombizange",
    "Rollbandmaß|Zollstock|Bandmaß",
    "Handschuhe|Schutzhandschuhe",
    "Kabel|Leitung",
    "Unterlegscheibe|Beilagscheibe",
];

/// A value in German; those that are the same there are themselves.
pub(super) fn german(value: &str) -> &str {
    let word = WORDS.iter().find(|(english, _)| *english == value);
    word.map_or(value, |(_, german)| german)
}

const WORDS: &[(&str, &str)] = &[
    ("steel 8.8 zinc plated", "Stahl 8.8 verzinkt"),
    ("A2 stainless", "Edelstahl A2"),
    ("A4 stainless", "Edelstahl A4"),
    ("TX zinc plated", "TX verzinkt"),
    ("TX A2 stainless", "TX Edelstahl A2"),
    ("zinc plated", "verzinkt"),
    ("Hex nut DIN 934", "Sechskantmutter DIN 934"),
    ("Lock nut DIN 985", "Sicherungsmutter DIN 985"),
    ("Thin nut DIN 439", "Flachmutter DIN 439"),
    ("Washer DIN 125 A", "Unterlegscheibe DIN 125 A"),
    ("Spring washer DIN 127", "Federring DIN 127"),
    ("Wide washer DIN 9021", "Karosseriescheibe DIN 9021"),
    ("aluminium/steel", "Aluminium/Stahl"),
    ("long pattern", "lange Form"),
    ("ratcheting", "mit Ratsche"),
    ("Combination pliers", "Kombizange"),
    ("Diagonal cutters", "Seitenschneider"),
    ("Long nose pliers", "Flachrundzange"),
    ("Cable cutter", "Kabelschneider"),
    ("Water pump pliers", "Wasserpumpenzange"),
    ("dipped handles", "getauchte Griffe"),
    ("two-component handles", "Zweikomponentengriffe"),
    ("insulated 1000 V", "isoliert 1000 V"),
    ("Engineer's hammer", "Schlosserhammer"),
    ("Claw hammer", "Latthammer"),
    ("Club hammer", "Fäustel"),
    ("Soft-face mallet", "Schonhammer"),
    ("hickory handle", "Hickorystiel"),
    ("fibreglass handle", "Fiberglasstiel"),
    ("class II", "Klasse II"),
    ("class I", "Klasse I"),
    ("magnetic hook", "Magnethaken"),
    ("Vernier caliper", "Messschieber"),
    ("Depth gauge", "Tiefenmessschieber"),
    ("Digital caliper", "Digital-Messschieber"),
    ("Outside micrometer", "Bügelmessschraube"),
    ("HSS-G short DIN 1897", "HSS-G kurz DIN 1897"),
    ("for steel", "für Stahl"),
    ("for stainless", "für Edelstahl"),
    ("aluminium oxide", "Normalkorund"),
    ("zirconia", "Zirkonkorund"),
    ("zirconia convex", "Zirkonkorund gewölbt"),
    ("ceramic", "Keramikkorund"),
    ("Hacksaw blade", "Metallsägeblatt"),
    ("Jigsaw blade", "Stichsägeblatt"),
    ("Reciprocating saw blade", "Säbelsägeblatt"),
    ("Band saw blade", "Bandsägeblatt"),
    ("for wood", "für Holz"),
    ("for metal", "für Metall"),
    ("paper", "Papier"),
    ("cloth", "Gewebe"),
    ("Nitrile-coated", "Nitril-beschichtet"),
    ("Latex-coated", "Latex-beschichtet"),
    ("Leather driver", "Leder"),
    ("Cut-resistant", "schnittfest"),
    ("Heat-resistant", "hitzefest"),
    ("grey", "grau"),
    ("black", "schwarz"),
    ("clear", "klar"),
    ("amber", "gelb getönt"),
    ("mirrored", "verspiegelt"),
    ("scratch-resistant", "kratzfest"),
    ("anti-fog", "beschlagfrei"),
    ("S1P low", "S1P halb"),
    ("S2 white", "S2 weiß"),
    ("S3 mid", "S3 halbhoch"),
    ("S3 high", "S3 hoch"),
    ("unvented", "unbelüftet"),
    ("vented", "belüftet"),
    ("with short peak", "mit kurzem Schirm"),
    ("with chin strap", "mit Kinnriemen"),
    ("white", "weiß"),
    ("yellow", "gelb"),
    ("blue", "blau"),
    ("red", "rot"),
    ("orange", "orange"),
    ("4-point harness", "4-Punkt-Gurt"),
    ("6-point harness", "6-Punkt-Gurt"),
    ("Ear plugs", "Gehörschutzstöpsel"),
    ("Corded ear plugs", "Gehörschutzstöpsel mit Kordel"),
    ("Banded ear plugs", "Bügelgehörschutz"),
    ("Ear defenders", "Kapselgehörschützer"),
    ("Helmet ear defenders", "Helmkapselgehörschützer"),
    ("without valve", "ohne Ventil"),
    ("with valve", "mit Ventil"),
    ("moulded", "vorgeformt"),
    ("folded", "gefaltet"),
    ("folded S", "gefaltet S"),
    ("folded L", "gefaltet L"),
    ("active carbon", "mit Aktivkohle"),
    ("vest", "Weste"),
    ("T-shirt", "T-Shirt"),
    ("trousers", "Hose"),
    ("jacket", "Jacke"),
    ("Ferrule", "Aderendhülse"),
    ("Butt connector", "Stoßverbinder"),
    ("Ring terminal", "Ringkabelschuh"),
    ("Fork terminal", "Gabelkabelschuh"),
    ("Flat receptacle", "Flachsteckhülse"),
    ("uninsulated", "unisoliert"),
    ("insulated", "isoliert"),
    ("bulb E27", "Birne E27"),
    ("spot GU10", "Strahler GU10"),
    ("tube T8", "Röhre T8"),
    ("panel", "Panel"),
    ("floodlight", "Fluter"),
    ("Alkaline", "Alkali"),
    ("industrial", "Industrie"),
    ("long-life", "Langzeit"),
    ("natural", "natur"),
    ("black UV-resistant", "schwarz UV-beständig"),
    ("brass", "Messing"),
    ("stainless 316", "Edelstahl 316"),
    ("lever", "Hebel"),
    ("butterfly handle", "Flügelgriff"),
    ("Straight", "Gerade"),
    ("Elbow", "Winkel"),
    ("Water", "Wasser"),
    ("Compressed-air", "Druckluft"),
    ("Fuel", "Kraftstoff"),
    ("Hydraulic", "Hydraulik"),
    ("rubber", "Gummi"),
    ("Nipple", "Doppelnippel"),
    ("Socket", "Muffe"),
    ("Reducer", "Reduzierung"),
    ("Elbow 90°", "Winkel 90°"),
    ("Tee", "T-Stück"),
    ("malleable iron", "Temperguss"),
    ("Flat gasket", "Flachdichtung"),
    ("Shaft seal", "Wellendichtring"),
    ("low strength", "niedrigfest"),
    ("medium strength", "mittelfest"),
    ("high strength", "hochfest"),
    ("wicking", "kapillar"),
    ("oil-tolerant", "öltolerant"),
    ("high temperature", "hochtemperaturfest"),
    ("Acrylic", "Acryl"),
    ("Silicone", "Silikon"),
    ("MS polymer", "MS-Polymer"),
    ("Polyurethane", "Polyurethan"),
    ("transparent", "transparent"),
    ("Chain", "Ketten"),
    ("Compressor", "Kompressoren"),
    ("Gear", "Getriebe"),
    ("mineral", "mineralisch"),
    ("synthetic", "synthetisch"),
    ("Calcium", "Calcium"),
    ("Molybdenum", "Molybdän"),
    ("Copper", "Kupfer"),
    ("Food-grade PTFE", "Lebensmittel-PTFE-"),
    ("Penetrating oil", "Rostlöser"),
    ("Brake cleaner", "Bremsenreiniger"),
    ("Contact cleaner", "Kontaktreiniger"),
    ("Leak detector", "Lecksuch"),
    ("Cutting oil", "Schneidöl"),
    ("Zinc", "Zink"),
    ("Label remover", "Etikettenlöser"),
    ("Adhesive", "Sprühkleber"),
    ("Masking", "Krepp"),
    ("Packing", "Pack"),
    ("Electrical", "Isolier"),
    ("Duct", "Gewebe"),
    ("Double-sided", "Doppelklebe"),
    ("Paper towels", "Papiertücher"),
    ("Cleaning cloths", "Putztücher"),
    ("Microfibre cloths", "Mikrofasertücher"),
    ("Wet wipes", "Feuchttücher"),
    ("Oil absorbent pads", "Ölbindetücher"),
    ("green", "grün"),
    ("All-purpose cleaner", "Allzweckreiniger"),
    ("Glass cleaner", "Glasreiniger"),
    ("Floor cleaner", "Bodenreiniger"),
    ("Degreaser", "Entfetter"),
    ("Sanitary cleaner", "Sanitärreiniger"),
    ("Hand cleaner", "Handreiniger"),
    ("Rust remover", "Rostentferner"),
    ("Disinfectant", "Desinfektionsmittel"),
    ("Stainless steel cleaner", "Edelstahlreiniger"),
    ("Cold cleaner", "Kaltreiniger"),
    ("single wall", "einwellig"),
    ("double wall", "zweiwellig"),
];
