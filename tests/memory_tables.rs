//! The tables of sizes, growth and slots say what the allocator says, and what CPython
//! says of itself.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use bench_suite::memory::python::Python;
use bench_suite::memory::{growth, sizes, slots};
use bench_suite::meter::{held, measure};

bench_suite::install_meter!(allocations);

fn find<'s>(rows: &'s [sizes::Everyday], python: &str, rust: &str) -> &'s sizes::Everyday {
    rows.iter().find(|row| row.python == python && row.rust == rust).unwrap()
}

#[test]
fn sizes_are_those_of_the_allocator() {
    let rows = sizes::everyday();
    for (python, rust, in_place, asked, blocks) in [
        ("int", "i64", 8, 0, 0),
        ("int", "Box<i64>", 8, 8, 1),
        ("str, empty", "String", 24, 0, 0),
        ("str of 10", "String", 24, 10, 1),
        ("str of 10", "Box<str>", 16, 10, 1),
        // Two counts besides, in whole words.
        ("str of 10", "Rc<str>", 16, 32, 1),
        ("list of 10", "Vec<i64>", 24, 80, 1),
        ("tuple of 10", "[i64; 10]", 80, 0, 0),
        ("memoryview slice", "SharedBuf::slice", 24, 0, 0),
    ] {
        let row = find(&rows, python, rust);
        let found = (row.in_place, row.held.asked, row.held.blocks);
        assert_eq!(found, (in_place, asked, blocks), "{python}, {rust}");
        // glibc's chunks are whole sixteens, less the word that is its own.
        let usable: u64 =
            if asked == 0 { 0 } else { ((asked + 8).next_multiple_of(16) - 8).max(24) };
        assert_eq!(row.held.usable, usable, "{python}, {rust}");
    }
    let table = sizes::size_table(&rows, &[sizes::PythonSizes::of_python_2(8)]);
    assert_eq!(table.lines().count(), rows.len() + 2, "{table}");
}

#[test]
fn what_is_held_is_what_was_asked_less_what_was_freed() {
    let (kept, account) = held(|| {
        let large = vec![1_u8; 10_000];
        let mut grown = Vec::with_capacity(10);
        grown.extend_from_slice(&large[..10]);
        grown.reserve_exact(90);
        drop(large);
        grown
    });
    assert_eq!((account.asked, account.blocks), (100, 1));
    assert!((10_100..=10_110).contains(&account.peak), "{account:?}");
    let ((), reading) = measure(|| drop(kept));
    assert_eq!(reading.allocs.value(), Some(0));
    let ((), account) = held(|| drop(vec![1_u8; 100]));
    assert_eq!((account.asked, account.usable, account.blocks, account.peak), (0, 0, 0, 100));
}

#[test]
fn the_structs_of_cpython_2_add_up() {
    let (small, large) = (sizes::PythonSizes::of_python_2(4), sizes::PythonSizes::of_python_2(8));
    for (name, of_32, of_64) in
        [("int", 12, 24), ("float", 16, 24), ("str, empty", 21, 37), ("list, empty", 32, 72)]
    {
        assert_eq!((small.of(name), large.of(name)), (Some(of_32), Some(of_64)), "{name}");
    }
    let Ok(python) = Python::open("python2.7") else {
        eprintln!("skipped: there is no python2.7 to ask");
        return;
    };
    let live = sizes::python_sizes(&python).unwrap();
    for name in ["int", "long (10**30)", "float", "str of 10", "list of 10", "tuple of 10"] {
        assert_eq!(live.of(name), large.of(name), "{name}");
    }
    assert_eq!(live.of("dict, empty"), large.of("dict, empty"));
}

#[test]
fn an_index_of_four_bytes_halves_a_tree() {
    let trees = sizes::nodes(10_000);
    let [pointers, indices] = &trees[..] else { panic!("{trees:?}") };
    assert_eq!((pointers.node, indices.node), (24, 12));
    assert_eq!((pointers.held.asked, pointers.held.blocks), (240_000, 10_000));
    assert_eq!((indices.held.asked, indices.held.blocks), (120_000, 1));
}

#[test]
fn containers_grow_by_the_steps_that_they_have() {
    let growths = growth::grow_all(1000);
    let capacities = |name: &str| -> Vec<usize> {
        let growth = growths.iter().find(|growth| growth.name.starts_with(name)).unwrap();
        growth.steps.iter().filter_map(|step| step.capacity).collect()
    };
    assert_eq!(capacities("HashMap"), [3, 7, 14, 28, 56, 112, 224, 448, 896, 1792]);
    assert_eq!(capacities("Vec<"), [4, 8, 16, 32, 64, 128, 256, 512, 1024]);
    for growth in &growths {
        for pair in growth.steps.windows(2) {
            assert!(pair[0].bytes < pair[1].bytes, "{growth:?}");
            assert!(pair[1].peak >= Some(pair[1].bytes), "{growth:?}");
        }
        // A map moves its entries by hand, so old and new are there at once.
        if growth.name.starts_with("HashMap") {
            let both = |pair: &[growth::Step]| pair[1].peak == Some(pair[0].bytes + pair[1].bytes);
            assert!(growth.steps.windows(2).all(both), "{growth:?}");
        }
        if growth.name.starts_with("Vec<") {
            let reserved = growth.reserved.unwrap();
            assert_eq!((reserved.capacity, reserved.bytes), (Some(1000), 8000));
        }
    }
    let picture = growth::chart(&growths, 1000);
    let picture = roxmltree::Document::parse(&picture).unwrap();
    let lines = picture.descendants().filter(|node| node.attribute("stroke-width").is_some());
    assert_eq!(lines.count(), growths.len());
}

#[test]
fn a_dict_grows_too() {
    let Ok(python) = Python::open("python3") else {
        eprintln!("skipped: there is no python3 to ask");
        return;
    };
    let growth = growth::grow_dict(&python, 1000).unwrap();
    assert!(growth.steps.len() >= 5 && growth.steps.is_sorted_by_key(|step| step.bytes));
    let error = Python::open("/no/such/python").unwrap_err().to_string();
    assert!(error.starts_with("/no/such/python: No such file"), "{error}");
}

#[test]
fn a_struct_takes_less_than_a_map() {
    let forms = slots::forms(20_000);
    let form = |name: &str| forms.iter().find(|form| form.name == name).unwrap();
    let whole = |blocks: f64| format!("{blocks:.2}");
    assert_eq!(whole(form("struct of String").blocks), "6.00");
    assert_eq!(whole(form("HashMap<&str, String>").blocks), "7.00");
    assert_eq!(whole(form("HashMap<String, String>").blocks), "13.00");
    let sizes = ["HashMap<String, String>", "HashMap<&str, String>", "struct of String"];
    let sizes = sizes.map(|name| form(name).each);
    assert!(sizes.is_sorted_by(|more, less| more > less), "{forms:?}");
    assert!(form("struct of Box<str>").each < form("struct of String").each);
    assert!(form("struct of u32, all text in one String").each < form("struct of Box<str>").each);
    let Ok(python) = Python::open("python3") else { return };
    let pythons = slots::python_forms(&python, 20_000).unwrap();
    assert!(pythons[1].each < pythons[0].each, "{pythons:?}");
}
