//! A report is shown whole and well-formed, as a table, as Meliae's JSON lines and as
//! a picture, whatever the names in it are.

use std::collections::BTreeSet;
use std::sync::Arc;

use buffers::retention::{self, Report, Root};
use buffers::{Chain, Home, SharedBuf, UniqueBuf};
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;

const KEYS: [&str; 7] = ["address", "type", "size", "name", "len", "value", "refs"];

/// Names that each format has to escape, or to leave out.
const NAMES: [&str; 8] = [
    "plain",
    "quotes \" and ' and \\ and \\n",
    "lines\nand\rmore\u{2028}",
    "\0\u{1}\u{8}\t\u{1b}\u{1f} control \u{7f}\u{85}\u{9f}",
    "<svg> & </text> ]]> &amp; <!--",
    "Größe 大きさ \u{1f980} \u{202e}",
    "no letters: \u{fffe}\u{ffff}, but these are: \u{fffd}\u{10ffff}",
    "",
];

/// A home that lets go of what comes.
struct Nowhere;

impl Home for Nowhere {
    fn come_home(self: Arc<Self>, _: UniqueBuf) {}
}

fn named(bytes: Vec<u8>, name: &str) -> SharedBuf {
    SharedBuf::from(bytes).try_with_label(name.to_string()).unwrap()
}

#[test]
fn the_table_of_a_fixed_case_is_this() {
    let page = named(vec![0; 3072], "page").slice(..512);
    let mut block = UniqueBuf::from(vec![0; 1 << 20]).with_label("a \"block\"");
    block.truncate(0);
    let block = block.lend(Arc::new(Nowhere));
    let body = SharedBuf::from(Bytes::from(vec![0; 900]));
    let (head, tail) = (body.slice(..300), body.slice(200..400));
    let roots = [
        Root::from(("index", &page)),
        ("pool", &block).into(),
        ("queue", &head).into(),
        (&tail).into(),
    ];
    let report = retention::report(roots);
    let table = "\
3 memories keep 1.0 MiB for 912 B that are used (1154.1 x)

      kept       used     factor  handles  what, and who keeps it
   1.0 MiB        0 B          -   1 of 1  Vec \"a \\\"block\\\"\", lent: 1 by \"pool\"
   3.0 KiB      512 B      6.0 x   1 of 1  Vec \"page\": 1 by \"index\"
     900 B      400 B      2.2 x   2 of 3  Bytes: 1 without a name, 1 by \"queue\"
";
    assert_eq!(report.to_string(), table);
    assert_eq!(report.top(3).to_string(), table);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(report.top(1).to_string(), [&lines[..4], &["and 2 more", ""]].concat().join("\n"));
    assert_eq!(report.top(0).to_string(), [&lines[..1], &["and 3 more", ""]].concat().join("\n"));
    let nothing = retention::report::<&SharedBuf>([]);
    assert_eq!(nothing.to_string(), "0 memories keep 0 B for 0 B that are used\n");
}

#[test]
fn a_table_shows_ten_memories() {
    let pages = [(); 12].map(|()| SharedBuf::from(vec![0; 10]));
    let text = retention::report(&pages).to_string();
    assert_eq!(text.matches("Vec: 1 without a name").count(), 10);
    assert!(text.ends_with("and 2 more\n"), "{text}");
}

/// The lines of a dump as JSON, each with its line.
fn dump(report: &Report) -> Vec<(Value, String)> {
    let text = report.json_lines().to_string();
    assert!(text.is_empty() || text.ends_with('\n'));
    let parsed = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    text.lines().map(|line| (parsed(line), line.to_string())).collect()
}

/// Holds a line against the shape that Meliae loads.
fn check_shape(value: &Value, line: &str) {
    let object = value.as_object().unwrap();
    let keys: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(KEYS));
    let places: Vec<_> = KEYS.iter().map(|key| line.find(&format!("\"{key}\":"))).collect();
    assert!(places.is_sorted() && places[0] == Some(1), "{line}");
    for key in ["address", "size", "len"] {
        assert!(value[key].is_u64(), "{line}");
    }
    for key in ["type", "name", "value"] {
        assert!(value[key].is_string(), "{line}");
    }
    assert!(value["refs"].as_array().unwrap().iter().all(Value::is_u64), "{line}");
}

fn check_dump(report: &Report) -> Vec<Value> {
    let dump = dump(report);
    let addresses: BTreeSet<u64> =
        dump.iter().map(|(value, _)| value["address"].as_u64().unwrap()).collect();
    assert_eq!(addresses.len(), dump.len(), "each object has its own address");
    for (value, line) in &dump {
        check_shape(value, line);
        for reference in value["refs"].as_array().unwrap() {
            assert!(addresses.contains(&reference.as_u64().unwrap()), "{line}");
        }
    }
    dump.into_iter().map(|(value, _)| value).collect()
}

#[test]
fn a_dump_has_the_shape_that_meliae_loads() {
    let page = named(vec![0; 4096], "page");
    let views = [page.slice(10..20), page.slice(30..40)];
    let chain: Chain = [page.slice(..5), SharedBuf::from("static")].into_iter().collect();
    let roots = views.iter().map(|view| Root::from(("views", view)));
    let report = retention::report(roots.chain([Root::from(("chain", &chain))]));
    let dump = check_dump(&report);
    let [a, b, c, fixed, memory] = &dump[..] else { panic!("{dump:?}") };
    let at = page.backing().unwrap().id().addr();
    for (handle, view, range) in [(a, &views[0], "10..20"), (b, &views[1], "30..40")] {
        assert_eq!(handle["address"], std::ptr::from_ref(view).addr());
        assert_eq!((&handle["type"], &handle["size"]), (&"SharedBuf".into(), &24.into()));
        assert_eq!((&handle["name"], &handle["len"]), (&"views".into(), &10.into()));
        assert_eq!((&handle["value"], &handle["refs"]), (&range.into(), &Value::from(vec![at])));
    }
    assert_eq!((&c["name"], &c["value"]), (&"chain".into(), &"0..5".into()));
    assert_eq!((&fixed["len"], fixed["refs"].as_array().unwrap().len()), (&6.into(), 0));
    assert_eq!(memory["address"], at);
    assert_eq!((&memory["type"], &memory["size"]), (&"Vec".into(), &4096.into()));
    assert_eq!((&memory["name"], &memory["len"]), (&"page".into(), &25.into()));
    assert_eq!(memory["value"], "0..5 10..20 30..40");
    assert!(dump.iter().all(|value| value.to_string().find("\\u0000").is_none()), "no payload");
}

/// Whether XML 1.0 allows this letter, by its table of characters.
fn is_xml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Parses the picture, and holds its measures against the report. Returns its texts.
fn check_picture(report: &Report, n: usize) -> Vec<String> {
    let text = report.svg(n).to_string();
    assert!(text.chars().all(is_xml), "{text:?}");
    let document = roxmltree::Document::parse(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let root = document.root_element();
    assert!(root.has_tag_name(("http://www.w3.org/2000/svg", "svg")));
    let number = |node: roxmltree::Node<'_, '_>, name| -> f64 {
        node.attribute(name).unwrap().parse().unwrap()
    };
    let (width, height) = (number(root, "width"), number(root, "height"));
    let inside = |node: &roxmltree::Node<'_, '_>| {
        let (x, y) =
            (node.attribute("x").map_or(0.0, |_| number(*node, "x")), number_or(node, "y"));
        let right = x + number_or(node, "width");
        x >= 0.0 && right <= width + 0.02 && y + number_or(node, "height") <= height
    };
    let rects: Vec<_> = root
        .children()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "rect")))
        .collect();
    assert!(rects.iter().all(inside), "{text}");
    let shown = report.backings().iter().take(n);
    let bars = rects.iter().filter(|rect| rect.attribute("fill") == Some("#d8dee6")).count();
    assert_eq!(bars, shown.len());
    let texts = root.children().filter_map(|node| node.text());
    texts.filter(|text| !text.trim().is_empty()).map(Into::into).collect()
}

fn number_or(node: &roxmltree::Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).map_or(0.0, |value| value.parse().unwrap())
}

#[test]
fn any_name_is_escaped() {
    for name in NAMES {
        let page = named(vec![0; 10], name);
        let report = retention::report([(name, &page)]);
        let dump = check_dump(&report);
        assert!(dump.len() == 2 && dump.iter().all(|value| value["name"] == name), "{name:?}");
        let shown: String = name
            .chars()
            .filter(|letter| !letter.is_control() && !('\u{fffe}'..='\u{ffff}').contains(letter))
            .collect();
        let texts = check_picture(&report, 5);
        assert_eq!(texts[1], format!("Vec {shown}: 10 B of 10 B, 1 handle"));
        assert_eq!(report.to_string().lines().count(), 4, "a name breaks no line of the table");
    }
}

proptest! {
    #![proptest_config(oracles::cases(200))]

    #[test]
    fn any_report_is_well_formed(
        names in prop::collection::vec(any::<String>(), 1..4),
        views in prop::collection::vec((0..6_usize, 0..50_usize, 0..50_usize, any::<usize>()), 0..12),
        n in 0..8_usize,
    ) {
        let name = |at: usize| names[at % names.len()].as_str();
        let pages: Vec<SharedBuf> =
            (0..6).map(|at| named(vec![0; 50 * (1 + at * at * at)], name(at))).collect();
        let views: Vec<(SharedBuf, usize)> = views
            .iter()
            .map(|&(page, a, b, at)| (pages[page].slice(a.min(b)..a.max(b)), at))
            .collect();
        let report = retention::report(views.iter().map(|(view, at)| (name(*at), view)));
        let dump = check_dump(&report);
        prop_assert_eq!(dump.len(), views.len() + report.backings().len());
        for ((view, at), value) in views.iter().zip(&dump) {
            prop_assert_eq!((&value["name"], &value["len"]), (&name(*at).into(), &view.len().into()));
        }
        check_picture(&report, n);
    }
}

#[test]
fn a_picture_of_many_stretches_is_small() {
    const COUNT: usize = 100_000;
    let page = SharedBuf::from(vec![0; 8 * COUNT]);
    let views: Vec<SharedBuf> = (0..COUNT).map(|at| page.slice(8 * at..=8 * at)).collect();
    let report = retention::report(&views);
    assert_eq!(report.backings()[0].used().len(), COUNT, "the control: none touches the next");
    let text = report.svg(1).to_string();
    assert!(text.len() < 60_000, "{} bytes", text.len());
    check_picture(&report, 1);

    let few = [page.slice(..8 * 1000), page.slice(8 * 50_000..)];
    let text = retention::report(&few).svg(1).to_string();
    assert_eq!(text.matches("#1f5fa8").count(), 2, "what can be told apart is drawn apart");
}

#[test]
fn a_picture_of_nothing_is_a_picture() {
    let texts = check_picture(&retention::report::<&SharedBuf>([]), 10);
    assert_eq!(texts, ["0 B kept, 0 B used"]);
}
