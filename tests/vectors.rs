//! `buffers` answers what a stock CPython answers: its `memoryview`, `struct`, `array`
//! and `bytearray`, asked by `vectors/generate.py`, whose cases are committed.

#[path = "vectors/arrays.rs"]
mod arrays;
#[path = "vectors/looks.rs"]
mod looks;
#[path = "vectors/structs.rs"]
mod structs;
#[path = "vectors/values.rs"]
mod values;
#[path = "vectors/writes.rs"]
mod writes;

use std::env;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use oracles::vectors::{self, Check};

/// Each kind of cases, and what holds one of them against ours.
const KINDS: [(&str, Check); 19] = [
    ("array", arrays::array),
    ("cast", looks::cast),
    ("copy", writes::copy),
    ("equal", looks::equal),
    ("export", arrays::export),
    ("format", structs::format),
    ("hash", looks::hash),
    ("hex", looks::hex),
    ("item", looks::item),
    ("iter_unpack", structs::iter_unpack),
    ("layout", looks::layout),
    ("pack", structs::pack),
    ("pack_into", structs::pack_into),
    ("request", looks::request),
    ("search", looks::search),
    ("slice", looks::slice),
    ("store", writes::store),
    ("unpack", structs::unpack),
    ("unpack_from", structs::unpack_from),
];

macro_rules! replays {
    ($($test:ident: $kind:literal;)+) => {$(
        #[test]
        fn $test() {
            vectors::replay(&vectors::folder(), $kind, check($kind));
        }
    )+};
}

replays! {
    vectors_of_arrays: "array";
    vectors_of_casts: "cast";
    vectors_of_copies: "copy";
    vectors_of_equality: "equal";
    vectors_of_exports: "export";
    vectors_of_formats: "format";
    vectors_of_hashes: "hash";
    vectors_of_hex: "hex";
    vectors_of_items: "item";
    vectors_of_iter_unpack: "iter_unpack";
    vectors_of_layouts: "layout";
    vectors_of_pack: "pack";
    vectors_of_pack_into: "pack_into";
    vectors_of_requests: "request";
    vectors_of_searches: "search";
    vectors_of_slices: "slice";
    vectors_of_stores: "store";
    vectors_of_unpack: "unpack";
    vectors_of_unpack_from: "unpack_from";
}

fn check(kind: &str) -> Check {
    KINDS.iter().find(|(name, _)| *name == kind).expect("each kind is in the list").1
}

/// Whether there is a Python with the oracle; says so if there is none. `version` is
/// the one that is needed, if it matters.
fn python_is_there(version: Option<&str>) -> bool {
    match (vectors::python(), version) {
        (None, _) => println!("SKIPPED: no python3 with _testbuffer here"),
        (Some(found), Some(wanted)) if found != wanted => {
            println!("SKIPPED: made by Python {wanted}, and {found} is here");
        }
        _ => return true,
    }
    false
}

#[test]
fn committed_vectors_are_what_the_generator_writes() {
    if !python_is_there(Some(vectors::VERSION)) {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    vectors::generate(vectors::SEED, folder.path(), "1");
    let mut files = 0;
    for entry in fs::read_dir(folder.path()).expect("the generator's folder") {
        let made = entry.expect("an entry of it").path();
        let committed = vectors::folder().join(made.file_name().expect("a file has a name"));
        let text = |path| fs::read(path).unwrap_or_default();
        assert!(text(&made) == text(&committed), "{} is stale", committed.display());
        files += 1;
    }
    println!("{files} files of vectors are fresh");
    assert!(files >= KINDS.len());
}

#[test]
fn fresh_vectors_are_answered_alike() {
    if !python_is_there(None) {
        return;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    let seed = env::var("VECTORS_SEED").unwrap_or_else(|_| now.as_nanos().to_string());
    let share = env::var("VECTORS_SHARE").unwrap_or_else(|_| "0.1".into());
    println!("fresh cases; the same again: VECTORS_SEED={seed} VECTORS_SHARE={share}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    vectors::generate(&seed, folder.path(), &share);
    let replayed: usize =
        KINDS.iter().map(|(kind, check)| vectors::replay(folder.path(), kind, *check)).sum();
    println!("{replayed} cases replayed");
}

#[test]
fn vectors_are_many() {
    let lines = |kind: &str| {
        let text = fs::read_to_string(vectors::file(&vectors::folder(), kind));
        text.expect("each kind has a file").lines().count()
    };
    let cases: usize = KINDS.iter().map(|(kind, _)| lines(kind)).sum();
    println!("{cases} cases in {} files", KINDS.len());
    assert!(cases >= 20_000, "{cases}");
}
