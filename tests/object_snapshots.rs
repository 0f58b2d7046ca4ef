//! Summaries, dominators and pinners of snapshots are those of a naive oracle, whatever
//! the graph; a line that is broken is named; CPython's objects are found.
#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use bench_suite::memory::objects::{
    DUMPER, Dominators, Snapshot, Summary, changes, pinner_kinds, who_pins,
};
use bench_suite::memory::python::Python;
use buffers::{SharedBuf, retention};
use proptest::collection::vec;
use proptest::prelude::*;

/// An object: its kind, its size, and whom it refers to.
type Object = (u8, u64, Vec<usize>);

/// Up to 24 objects with references to each other, to themselves, and to nothing.
fn graphs() -> impl Strategy<Value = Vec<Object>> {
    vec((0..4_u8, 0..1000_u64, vec(0..26_usize, 0..4)), 1..24)
}

fn lines(graph: &[Object]) -> String {
    let mut text = String::new();
    for (index, (kind, size, refs)) in graph.iter().enumerate() {
        let refs: Vec<usize> = refs.iter().map(|to| address(*to)).collect();
        let address = address(index);
        // Every second line is of the plain sort, the others need a parser.
        let line = if index % 2 == 0 {
            let refs = format!("{refs:?}").replace(' ', "");
            format!(
                "{{\"address\":{address},\"type\":\"kind {}\",\"size\":{size},\"refs\":{refs}}}",
                char::from(b'`' + kind)
            )
        } else {
            format!(
                "{{\"value\":[1,{{}}],\"address\":{address},\"type\":\"kind \\u006{kind}\",\
                 \"size\":{size},\"len\":null,\"refs\":{refs:?}}}"
            )
        };
        writeln!(text, "{line}").unwrap();
    }
    text
}

/// Not in the order of the lines.
fn address(index: usize) -> usize {
    1000 + index * 7919 % 1009
}

/// All that can be reached from the roots if one object is not there.
fn reached(graph: &[Object], roots: &[u32], without: Option<usize>) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut stack: Vec<usize> = roots.iter().map(|&root| root as usize).collect();
    while let Some(object) = stack.pop() {
        if Some(object) != without && object < graph.len() && reached.insert(object) {
            stack.extend(&graph[object].2);
        }
    }
    reached
}

proptest! {
    #![proptest_config(oracles::cases(400))]

    #[test]
    fn a_summary_counts_what_there_is(graph in graphs()) {
        let mut expected: BTreeMap<u8, (u64, u64, u64)> = BTreeMap::new();
        for (kind, size, _) in &graph {
            let (count, bytes, largest) = expected.entry(*kind).or_default();
            (*count, *bytes, *largest) = (*count + 1, *bytes + size, (*largest).max(*size));
        }
        let summary = Summary::read(lines(&graph).as_bytes()).unwrap();
        prop_assert_eq!(summary.rows().len(), expected.len());
        prop_assert!(summary.rows().is_sorted_by(|a, b| a.bytes >= b.bytes));
        for row in summary.rows() {
            let kind = row.kind.strip_prefix("kind ").unwrap().as_bytes()[0] - b'`';
            prop_assert_eq!((row.count, row.bytes, row.largest), expected[&kind]);
        }
        prop_assert_eq!(changes(&summary, &summary), []);
        let all = changes(&Summary::default(), &summary);
        prop_assert_eq!(all.iter().map(|c| c.bytes).sum::<i128>(), i128::from(summary.bytes()));
    }

    #[test]
    fn what_an_object_retains_is_what_goes_without_it(graph in graphs()) {
        let snapshot = Snapshot::read(lines(&graph).as_bytes()).unwrap();
        let roots = snapshot.roots();
        prop_assert_eq!(reached(&graph, &roots, None).len(), graph.len());
        let dominators = Dominators::of(&snapshot);
        for object in 0..graph.len() {
            let left = reached(&graph, &roots, Some(object));
            let gone = || (0..graph.len()).filter(|other| !left.contains(other));
            let bytes: u64 = gone().map(|other| graph[other].1).sum();
            prop_assert_eq!(dominators.retained_bytes(object), bytes);
            prop_assert_eq!(dominators.retained_objects(object) as usize, gone().count());
            // The parent is the nearest of those that an object goes with.
            let goes_with = |other: usize| !reached(&graph, &roots, Some(other)).contains(&object);
            let others = (0..graph.len()).filter(|&other| other != object && goes_with(other));
            let nearest = others.max_by_key(|&other| {
                (0..graph.len()).filter(|&o| !reached(&graph, &roots, Some(o)).contains(&other)).count()
            });
            prop_assert_eq!(dominators.parent(object), nearest);
            prop_assert!(!who_pins(&snapshot, &dominators, object, 5).is_empty());
        }
        let unknown = graph.iter().flat_map(|object| &object.2).filter(|&&to| to >= graph.len());
        prop_assert_eq!(snapshot.unknown_refs(), unknown.count());
        // By kind, an object counts once, whoever of that kind is above it.
        for kind in pinner_kinds(&snapshot, &dominators) {
            let of_kind: Vec<usize> =
                (0..graph.len()).filter(|&o| snapshot.kind(o) == kind.kind).collect();
            let is_kept = |object: &usize| {
                let mut above = std::iter::successors(dominators.parent(*object), |&o| dominators.parent(o));
                above.any(|above| of_kind.contains(&above))
            };
            let outermost = of_kind.iter().filter(|object| !is_kept(object));
            let bytes = outermost.map(|&o| dominators.retained_bytes(o) - snapshot.size(o));
            prop_assert_eq!(kind.bytes, bytes.sum::<u64>());
        }
    }

    #[test]
    fn whatever_is_cut_off_or_changed_is_named_by_its_line(
        graph in graphs(), cut in any::<prop::sample::Index>(), byte in any::<u8>(), flip in any::<bool>()
    ) {
        let mut text = lines(&graph).into_bytes();
        let at = cut.index(text.len());
        if flip { text[at] = byte } else { text.truncate(at) }
        let line = text[..at].split(|&byte| byte == b'\n').count();
        for error in [Summary::read(&text[..]).err(), Snapshot::read(&text[..]).err()] {
            let Some(error) = error.map(|error| error.to_string()) else { continue };
            let named = [line, line + 1].map(|line| format!("line {line} is no object"));
            let again = error.contains(" has the address ");
            prop_assert!(again || named.iter().any(|named| error.contains(named)), "{}", error);
        }
    }
}

#[test]
fn a_broken_line_is_named_with_what_is_wrong() {
    let good = "{\"address\":1,\"type\":\"a\",\"size\":2,\"refs\":[]}\n\n";
    for (bad, why) in [
        ("{\"address\":1,\"type\":\"a\",\"si", "EOF while parsing"),
        ("{\"address\":1,\"type\":\"a\"}", "it has no size"),
        ("{\"address\":-1,\"type\":\"a\",\"size\":2}", "invalid value: integer `-1`"),
        ("[1]", "expected an object with address, type and size"),
        ("nonsense", "expected"),
        ("{\"address\":3,\"type\":\"a\",\"size\":2} x", "trailing characters"),
    ] {
        let error = Summary::read(format!("{good}{bad}").as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("line 3 is no object of a snapshot: "), "{error}");
        assert!(error.contains(why), "{error}");
        assert!(error.ends_with("the 2 lines before it were read"), "{error}");
    }
    let twice = Snapshot::read(format!("{good}{good}").as_bytes()).unwrap_err().to_string();
    assert_eq!(twice, "object 2 of the snapshot has the address 1 of object 1");
    let large = format!("{{\"address\":1,\"type\":\"a\",\"size\":{}}}\n", u64::MAX);
    let error = Summary::read(format!("{large}{large}").as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("line 2 ") && error.contains("beyond all memory"), "{error}");
    assert!(Snapshot::read(&b""[..]).unwrap().is_empty());
}

#[test]
fn chains_of_any_length_and_circles_are_no_trouble() {
    let mut text = String::new();
    let count = 200_000;
    for index in 0..count {
        let next = (index + 1) % count;
        writeln!(text, "{{\"address\":{index},\"type\":\"n\",\"size\":1,\"refs\":[{next}]}}")
            .unwrap();
    }
    let snapshot = Snapshot::read(text.as_bytes()).unwrap();
    let dominators = Dominators::of(&snapshot);
    assert_eq!(snapshot.roots(), [0]);
    assert_eq!(dominators.retained_bytes(0), count);
    assert_eq!(dominators.retained_bytes(usize::try_from(count - 1).unwrap()), 1);
    assert_eq!(pinner_kinds(&snapshot, &dominators)[0].bytes, count - 1);
}

#[test]
fn a_report_of_the_toolkit_is_a_snapshot() {
    let page = SharedBuf::from(vec![0; 4096]).try_with_label("page 7").unwrap();
    let word = page.slice(..8);
    drop(page);
    let lines = retention::report([("cache", &word)]).json_lines().to_string();
    let snapshot = Snapshot::read(lines.as_bytes()).unwrap();
    let dominators = Dominators::of(&snapshot);
    let pinners = pinner_kinds(&snapshot, &dominators);
    assert_eq!((pinners[0].kind.as_str(), pinners[0].bytes), ("SharedBuf cache", 4096));
    assert!(who_pins(&snapshot, &dominators, 1, 5).contains("page 7"));
}

#[test]
fn a_live_cpython_is_dumped() {
    let Ok(python) = Python::open("python3") else {
        eprintln!("skipped: there is no python3");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("objects.json");
    let script = "
class Node:
    def __init__(self, left): self.left = left
class Keeper:
    def __init__(self): self.all = [Node(None) for i in range(1000)]
keeper = Keeper()
scope = {}
exec(sys.argv[1], scope)
print(scope['dump'](sys.argv[2]))
";
    let script = format!("import sys{script}");
    let count = python.run(&script, &[DUMPER, file.to_str().unwrap()]).unwrap();
    let text = std::fs::read(&file).unwrap();
    let summary = Summary::read(&text[..]).unwrap();
    assert_eq!(summary.objects().to_string(), count.trim());
    let row = |kind: &str| summary.rows().iter().find(|row| row.kind == kind).unwrap();
    assert_eq!((row("Node").count, row("Keeper").count), (1000, 1));
    let snapshot = Snapshot::read(&text[..]).unwrap();
    let dominators = Dominators::of(&snapshot);
    let keepers = pinner_kinds(&snapshot, &dominators);
    let keeper = keepers.iter().find(|keeper| keeper.kind == "Keeper").unwrap();
    assert!(keeper.objects > 1000 && keeper.bytes >= row("Node").bytes, "{keeper:?}");
}
