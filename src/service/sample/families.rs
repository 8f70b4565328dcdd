//! What the sample supplier sells: ten categories, fifty below them, and in each the sizes and materials that such
//! goods really come in. Makers are invented; UNSPSC codes are those of the class.

/// How goods are counted, priced and sold.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sold {
    /// One by one.
    Each,
    /// One by one, or by the box of so many.
    EachOrBox(u32),
    /// By the box of so many only; the price is for one.
    Box(u32),
    /// By the box of so many only; the price is for 100.
    Hundred(u32),
    /// By the pack of so many only; the price is for the pack.
    Pack(u32),
    /// By the pair, or by the pack of so many pairs.
    Pair(u32),
    /// By the roll of so many metres, or cut; the price is for a metre.
    Metre(u32),
    /// By the can of 5 and the drum of 200 litres; the price is for a litre.
    Litre,
    /// By the roll.
    Roll,
}

/// Goods that differ in size and material only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    /// First part of the part numbers, and code of the category.
    pub code: &'static str,
    /// Name of the category.
    pub name: &'static str,
    /// UNSPSC class.
    pub unspsc: &'static str,
    /// Name of a product; each `{}` is a value of an axis, in order.
    pub pattern: &'static str,
    /// What varies, from small to large or from plain to fine.
    pub axes: &'static [&'static [&'static str]],
    /// Who makes them.
    pub makers: &'static [&'static str],
    /// How they are sold.
    pub sold: Sold,
    /// Price of the first in cents, and by how many percent a step on each axis adds to it.
    pub price: (u32, &'static [u32]),
}

/// A category and the families below it.
pub(super) struct Group {
    /// Code of the category.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What is below it.
    pub families: &'static [Family],
}

macro_rules! families {
    ($($code:literal $name:literal $unspsc:literal $pattern:literal $axes:expr, $makers:expr, $sold:expr, $cents:literal $steps:expr;)*) => {
        &[$(Family {
            code: $code, name: $name, unspsc: $unspsc, pattern: $pattern, axes: &$axes, makers: &$makers, sold: $sold,
            price: ($cents, &$steps),
        }),*]
    };
}

use Sold::{Box, Each, EachOrBox, Hundred, Litre, Metre, Pack, Pair, Roll};

const BOLT: [&str; 3] = ["Kestrel Fasteners", "Stahlbach", "Norvik"];
const TOOL: [&str; 3] = ["Brandt Werkzeuge", "Halden", "Morrow & Pike"];
const CUT: [&str; 3] = ["Tessmer", "Halden", "Corvid Abrasives"];
const SAFE: [&str; 3] = ["Aegison", "Pellworm", "Norvik"];
const WIRE: [&str; 3] = ["Vexler", "Lumora", "Quarrion"];
const FLOW: [&str; 3] = ["Orvane", "Rheinau Armaturen", "Quarrion"];
const CHEM: [&str; 3] = ["Bexol", "Lindqvist", "Marrow Chemie"];
const MOVE: [&str; 2] = ["Tessmer", "Lindqvist"];
const HOME: [&str; 2] = ["Pellworm", "Clarion Pack"];

const STEEL: &[&str] = &["steel 8.8 zinc plated", "A2 stainless", "A4 stainless"];
const METRIC: &[&str] = &["M5", "M6", "M8", "M10", "M12", "M16"];
const METRIC_WIDE: &[&str] = &["M4", "M5", "M6", "M8", "M10", "M12", "M16", "M20"];
const LENGTHS: &[&str] = &["16", "20", "25", "30", "40", "50", "60", "80"];
const BSP: &[&str] = &["G 1/4", "G 3/8", "G 1/2", "G 3/4", "G 1", "G 1 1/4", "G 1 1/2", "G 2"];

/// Everything the sample supplier sells.
pub(super) const GROUPS: &[Group] = &[
    Group {
        code: "FAST",
        name: "Fasteners",
        families: families! {
            "HEX" "Hex bolts" "31161600" "Hex bolt {} × {}, {}, DIN 933"
                [METRIC, LENGTHS, STEEL], BOLT, Hundred(100), 480 [38, 11, 75];
            "SOC" "Socket head screws" "31161500" "Socket head cap screw {} × {}, {}, DIN 912"
                [METRIC, LENGTHS, STEEL], BOLT, Hundred(100), 620 [40, 12, 70];
            "WOD" "Wood screws" "31161500" "Wood screw {} × {} mm, countersunk, {}"
                [&["3.0", "3.5", "4.0", "4.5", "5.0", "6.0"], &["20", "30", "40", "50", "70", "100"],
                 &["TX zinc plated", "TX A2 stainless"]], BOLT, Hundred(200), 190 [22, 18, 90];
            "NUT" "Nuts" "31161700" "{} {}, {}"
                [&["Hex nut DIN 934", "Lock nut DIN 985", "Thin nut DIN 439"], METRIC_WIDE, STEEL],
                BOLT, Hundred(100), 110 [30, 45, 80];
            "WAS" "Washers" "31161800" "{} {}, {}"
                [&["Washer DIN 125 A", "Spring washer DIN 127", "Wide washer DIN 9021"], METRIC_WIDE, STEEL],
                BOLT, Hundred(200), 60 [35, 40, 85];
            "ANC" "Anchors" "31162100" "Anchor bolt {} × {} mm, {}"
                [&["M6", "M8", "M10", "M12", "M16"], &["65", "80", "95", "110", "130"],
                 &["zinc plated", "A4 stainless"]], BOLT, Box(25), 48 [40, 14, 160];
            "ROD" "Threaded rods" "31161600" "Threaded rod {} × {} m, {}, DIN 976"
                [METRIC_WIDE, &["1", "2", "3"], STEEL], BOLT, Each, 95 [55, 95, 140];
            "RIV" "Rivets" "31162200" "Blind rivet {} × {} mm, {}"
                [&["3.0", "3.2", "4.0", "4.8", "5.0", "6.0"], &["6", "8", "10", "12", "16", "20"],
                 &["aluminium/steel", "A2 stainless"]], BOLT, Hundred(500), 180 [20, 9, 150];
        },
    },
    Group {
        code: "TOOL",
        name: "Hand tools",
        families: families! {
            "WRE" "Wrenches" "27111700" "Combination wrench {} mm, {}"
                [&["6", "7", "8", "9", "10", "11", "12", "13", "14", "17", "19", "22", "24", "27"],
                 &["DIN 3113", "long pattern", "ratcheting"]], TOOL, Each, 390 [12, 85];
            "SDR" "Screwdrivers" "27111700" "Screwdriver {} × {} mm"
                [&["PH0", "PH1", "PH2", "PH3", "PZ1", "PZ2", "PZ3", "TX10", "TX15", "TX20", "TX25", "TX30"],
                 &["80", "100", "150", "200"]], TOOL, Each, 420 [4, 14];
            "PLI" "Pliers" "27112100" "{} {} mm, {}"
                [&["Combination pliers", "Diagonal cutters", "Long nose pliers", "Cable cutter", "Water pump pliers"],
                 &["160", "180", "200", "250"], &["dipped handles", "two-component handles", "insulated 1000 V"]],
                TOOL, Each, 1290 [9, 13, 45];
            "HAM" "Hammers" "27111600" "{} {} g, {}"
                [&["Engineer's hammer", "Claw hammer", "Club hammer", "Soft-face mallet"],
                 &["200", "300", "500", "800", "1000", "1500"], &["hickory handle", "fibreglass handle"]],
                TOOL, Each, 890 [12, 16, 35];
            "TAP" "Measuring tapes" "41111600" "Measuring tape {} m × {} mm, {}"
                [&["3", "5", "8", "10"], &["13", "16", "19", "25"], &["class II", "class I", "magnetic hook"]],
                TOOL, Each, 490 [35, 12, 40];
            "CAL" "Calipers and gauges" "41111600" "{} {} mm, {}"
                [&["Vernier caliper", "Depth gauge", "Digital caliper", "Outside micrometer"],
                 &["0-100", "0-150", "0-200", "0-300"], &["0.05 mm", "0.02 mm", "0.01 mm"]],
                TOOL, Each, 1890 [45, 30, 28];
        },
    },
    Group {
        code: "CUTT",
        name: "Cutting and abrasives",
        families: families! {
            "DRL" "Twist drills" "27112800" "Twist drill {} mm, {}"
                [&["1.0", "1.5", "2.0", "2.5", "3.0", "3.3", "4.2", "5.0", "6.8", "8.5", "10.2", "13.0"],
                 &["HSS-G DIN 338", "HSS-G short DIN 1897", "HSS-Co 5 % DIN 338", "HSS-G TiN DIN 338"]],
                CUT, Pack(10), 620 [26, 40];
            "MAS" "Masonry drills" "27112800" "SDS-plus drill {} × {} mm"
                [&["5", "6", "8", "10", "12", "14", "16"], &["110", "160", "210", "260", "310", "450"]],
                CUT, Each, 290 [22, 25];
            "CUD" "Cutting discs" "31191500" "Cutting disc {} × {} mm, {}"
                [&["115", "125", "150", "180", "230"], &["1.0", "1.6", "2.0", "2.5", "3.0"],
                 &["for steel", "for stainless"]], CUT, Box(25), 95 [28, 6, 22];
            "FLD" "Flap discs" "31191500" "Flap disc {} mm, grit {}, {}"
                [&["115", "125", "180"], &["40", "60", "80", "120"],
                 &["aluminium oxide", "zirconia", "zirconia convex", "ceramic"]], CUT, Box(10), 210 [24, 3, 40];
            "SAW" "Saw blades" "27112800" "{} {} mm, {}"
                [&["Hacksaw blade", "Jigsaw blade", "Reciprocating saw blade", "Band saw blade"],
                 &["75", "100", "150", "200", "250", "300"], &["for wood", "for metal"]],
                CUT, Pack(5), 740 [22, 14, 18];
            "ABR" "Abrasive sheets" "31191500" "Abrasive sheet {} mm, grit {}, {}"
                [&["70 × 125", "115 × 280", "230 × 280"],
                 &["40", "60", "80", "100", "120", "150", "180", "240", "320", "400"], &["paper", "cloth"]],
                CUT, Pack(50), 1180 [30, 1, 55];
        },
    },
    Group {
        code: "SAFE",
        name: "Safety and workwear",
        families: families! {
            "GLO" "Gloves" "46181500" "{} gloves, size {}, {}"
                [&["Nitrile-coated", "Latex-coated", "Leather driver", "Cut-resistant", "Heat-resistant"],
                 &["7", "8", "9", "10", "11"], &["grey", "black"]], SAFE, Pair(12), 185 [60, 0, 4];
            "GLA" "Safety glasses" "46181800" "Safety glasses {}, {} lens, {}"
                [&["Arc", "Vista", "Ridge", "Flex", "Guard"], &["clear", "grey", "amber", "mirrored"],
                 &["scratch-resistant", "anti-fog"]], SAFE, EachOrBox(10), 340 [30, 8, 25];
            "SHO" "Safety footwear" "46181600" "Safety shoe {}, size {}"
                [&["S1P low", "S2 white", "S3 mid", "S3 high"],
                 &["36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47"]],
                SAFE, Pair(5), 4490 [22, 0];
            "HEL" "Helmets" "46181700" "Safety helmet {}, {}, {}"
                [&["unvented", "vented", "with short peak", "with chin strap"],
                 &["white", "yellow", "blue", "red", "orange"], &["4-point harness", "6-point harness"]],
                SAFE, Each, 990 [25, 0, 18];
            "EAR" "Hearing protection" "46181900" "{} SNR {} dB, {}"
                [&["Ear plugs", "Corded ear plugs", "Banded ear plugs", "Ear defenders", "Helmet ear defenders"],
                 &["24", "27", "30", "33"], &["blue", "orange"]], SAFE, EachOrBox(10), 120 [130, 12, 0];
            "RES" "Respirators" "46182000" "Respirator {} {}, {}"
                [&["FFP1", "FFP2", "FFP3", "FFP3 R"], &["without valve", "with valve"],
                 &["moulded", "folded", "folded S", "folded L", "active carbon"]], SAFE, Box(20), 75 [55, 30, 9];
            "VES" "High-visibility clothing" "46181500" "High-visibility {}, {}, size {}"
                [&["vest", "T-shirt", "trousers", "jacket"], &["yellow", "orange"], &["S", "M", "L", "XL", "XXL"]],
                SAFE, Each, 390 [280, 0, 3];
        },
    },
    Group {
        code: "ELEC",
        name: "Electrical",
        families: families! {
            "CAB" "Cables" "26121600" "Cable {} {} mm², {}"
                [&["H05V-K 1 ×", "H07V-K 1 ×", "NYM-J 3 ×", "H05RN-F 3G", "H07RN-F 5G"],
                 &["0.75", "1.0", "1.5", "2.5", "4.0", "6.0"], &["black", "blue"]], WIRE, Metre(100), 28 [80, 34, 0];
            "TER" "Terminals" "39121400" "{} {} mm², {}"
                [&["Ferrule", "Butt connector", "Ring terminal", "Fork terminal", "Flat receptacle"],
                 &["0.5", "1.0", "1.5", "2.5", "4.0", "6.0"], &["uninsulated", "insulated"]],
                WIRE, Hundred(100), 240 [35, 15, 40];
            "CIR" "Circuit breakers" "39121600" "Circuit breaker {}-pole, {} {} A"
                [&["1", "2", "3"], &["B", "C"], &["6", "10", "13", "16", "20", "25", "32"]],
                WIRE, EachOrBox(12), 390 [160, 10, 4];
            "LED" "Lamps" "39101600" "LED {} {} W, {}"
                [&["bulb E27", "spot GU10", "tube T8", "panel", "floodlight"], &["5", "8", "11", "18"],
                 &["3000 K", "4000 K", "6500 K"]], WIRE, Each, 320 [90, 25, 2];
            "BAT" "Batteries" "26111700" "{} battery {}, {}"
                [&["Alkaline", "Lithium", "NiMH"], &["AAA", "AA", "C", "D", "9 V"],
                 &["standard", "industrial", "long-life"]], WIRE, Pack(10), 390 [110, 30, 25];
            "TIE" "Cable ties" "39121400" "Cable tie {} × {} mm, {}"
                [&["2.5", "3.6", "4.8", "7.6", "9.0"], &["100", "140", "200", "300", "370"],
                 &["natural", "black UV-resistant"]], WIRE, Pack(100), 110 [60, 22, 12];
        },
    },
    Group {
        code: "FLOW",
        name: "Pipes, valves and hoses",
        families: families! {
            "VAL" "Ball valves" "40141600" "Ball valve {}, {}, {}"
                [BSP, &["brass", "PVC", "stainless 316"], &["lever", "butterfly handle"]],
                FLOW, Each, 640 [38, 60, 6];
            "PIF" "Push-in fittings" "40141700" "{} push-in fitting {} mm, {}"
                [&["Straight", "Elbow", "T", "Y"], &["4", "6", "8", "10", "12"], &["R 1/8", "R 1/4"]],
                FLOW, EachOrBox(10), 145 [25, 18, 10];
            "HOS" "Hoses" "40142000" "{} hose {} mm, {}"
                [&["Water", "Compressed-air", "Fuel", "Hydraulic"], &["6", "8", "10", "13", "19", "25"],
                 &["PVC", "rubber"]], FLOW, Metre(50), 115 [60, 30, 45];
            "PIP" "Pipe fittings" "40141700" "{} {}, {}"
                [&["Nipple", "Socket", "Reducer", "Elbow 90°", "Tee"], &["1/4\"", "3/8\"", "1/2\"", "3/4\"", "1\""],
                 &["malleable iron", "stainless 316"]], FLOW, Each, 130 [20, 30, 180];
            "GAS" "Seals" "31181500" "{} {} mm, {}"
                [&["O-ring", "Flat gasket", "Shaft seal"],
                 &["10 × 2", "12 × 2", "16 × 2.5", "20 × 3", "25 × 3", "30 × 3.5", "40 × 4", "50 × 5"],
                 &["NBR", "FKM"]], FLOW, Pack(10), 180 [140, 22, 190];
        },
    },
    Group {
        code: "CHEM",
        name: "Adhesives and lubricants",
        families: families! {
            "THR" "Threadlockers" "31201600" "Threadlocker {}, {}, {} ml"
                [&["low strength", "medium strength", "high strength", "wicking"],
                 &["standard", "oil-tolerant", "high temperature"], &["10", "50", "100", "250"]],
                CHEM, Each, 690 [5, 18, 130];
            "SEA" "Sealants" "31201600" "{} sealant, {}, {} ml"
                [&["Acrylic", "Silicone", "Butyl", "MS polymer", "Polyurethane"],
                 &["white", "grey", "black", "transparent"], &["290", "600"]], CHEM, EachOrBox(12), 290 [45, 2, 80];
            "OIL" "Oils" "15121500" "{} oil ISO VG {}, {}"
                [&["Hydraulic", "Chain", "Compressor", "Gear"], &["32", "46", "68", "100", "220"],
                 &["mineral", "synthetic"]], CHEM, Litre, 390 [25, 4, 120];
            "GRE" "Greases" "15121500" "{} grease NLGI {}, {} g"
                [&["Lithium", "Calcium", "Molybdenum", "Copper", "Food-grade PTFE"], &["1", "2"],
                 &["400", "500", "1000", "5000"]], CHEM, Each, 490 [40, 2, 110];
            "SPR" "Sprays" "15121500" "{} spray, {} ml"
                [&["Penetrating oil", "Brake cleaner", "Silicone", "Contact cleaner", "Leak detector", "Cutting oil",
                   "Zinc", "Label remover", "PTFE", "Adhesive"], &["200", "300", "400", "500"]],
                CHEM, EachOrBox(12), 290 [12, 22];
            "TAE" "Tapes" "31201500" "{} tape {} mm × {} m"
                [&["Masking", "Packing", "Electrical", "Duct", "Double-sided"], &["19", "25", "38", "50"],
                 &["25", "50"]], CHEM, Roll, 120 [35, 30, 80];
        },
    },
    Group {
        code: "MOVE",
        name: "Bearings and drives",
        families: families! {
            "BEA" "Ball bearings" "31171500" "Deep groove ball bearing {} {}"
                [&["6000", "6001", "6002", "6003", "6004", "6005", "6006", "6200", "6201", "6202", "6203", "6204",
                   "6205", "6206", "6300", "6301", "6302", "6303", "6304", "6305"], &["ZZ", "2RS", "2RS C3"]],
                MOVE, EachOrBox(10), 190 [11, 14];
            "BEL" "V-belts" "26111800" "V-belt {} × {} mm"
                [&["SPZ", "SPA", "SPB", "XPZ"],
                 &["630", "710", "800", "900", "1000", "1120", "1250", "1400", "1600", "1800"]],
                MOVE, Each, 510 [40, 12];
        },
    },
    Group {
        code: "CLEA",
        name: "Cleaning",
        families: families! {
            "WIP" "Wipes and cloths" "47131500" "{}, {}, {} sheets"
                [&["Paper towels", "Cleaning cloths", "Microfibre cloths", "Wet wipes", "Oil absorbent pads"],
                 &["white", "blue", "green", "grey"], &["50", "100"]], HOME, EachOrBox(6), 390 [70, 0, 85];
            "CLN" "Cleaners" "47131800" "{} {} l"
                [&["All-purpose cleaner", "Glass cleaner", "Floor cleaner", "Degreaser", "Sanitary cleaner",
                   "Hand cleaner", "Rust remover", "Disinfectant", "Stainless steel cleaner", "Cold cleaner"],
                 &["0.5", "1", "5", "10"]], HOME, Each, 290 [10, 150];
        },
    },
    Group {
        code: "STOR",
        name: "Storage and packaging",
        families: families! {
            "BIN" "Storage bins" "24112400" "Storage bin {} × {} mm, {}"
                [&["100", "160", "230", "350", "500"], &["95", "105", "150", "210"], &["blue", "red"]],
                HOME, EachOrBox(20), 95 [70, 30, 0];
            "PAC" "Cartons" "24111500" "Carton {} × {} mm, {}"
                [&["200", "300", "400", "500", "600"], &["150", "200", "300", "400"], &["single wall", "double wall"]],
                HOME, Pack(20), 790 [40, 25, 60];
        },
    },
];
