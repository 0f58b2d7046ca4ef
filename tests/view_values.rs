//! What a view says of its elements as values is what CPython's `memoryview` says.

use std::hash::{BuildHasher, Hasher, RandomState};

use buffers::{Format, Slice, View};

#[test]
fn hex_is_that_of_cpython() {
    let bytes: Vec<u8> = (0..11).collect();
    let view = View::of_bytes(&bytes);
    for (group, text) in [
        (-12, "000102030405060708090a"),
        (-11, "000102030405060708090a"),
        (-3, "000102-030405-060708-090a"),
        (-1, "00-01-02-03-04-05-06-07-08-09-0a"),
        (0, "000102030405060708090a"),
        (1, "00-01-02-03-04-05-06-07-08-09-0a"),
        (3, "0001-020304-050607-08090a"),
        (4, "000102-03040506-0708090a"),
        (12, "000102030405060708090a"),
        (isize::MIN, "000102030405060708090a"),
    ] {
        assert_eq!(view.hex('-', group), text, "{group}");
        assert_eq!(view.slice(Slice::every(-1)).slice(Slice::every(-1)).hex('-', group), text);
    }
    assert_eq!(view.slice(..0).hex('-', 1), "");
    let columns = View::of_bytes(b"abcdef").reshape([2, 3]).unwrap().transpose();
    assert_eq!(columns.hex(None, 1), "616462656366");
}

#[test]
fn views_of_bytes_hash_as_their_bytes_and_others_do_not() {
    let state = RandomState::new();
    let hash = |view: &View<'_>| {
        let mut hasher = state.build_hasher();
        view.hash_bytes(&mut hasher).map(|()| hasher.finish())
    };
    let bytes: Vec<u8> = (0..12).collect();
    for code in ["B", "b", "c"] {
        let view = View::new(&bytes, Format::parse(code).unwrap()).unwrap();
        assert_eq!(hash(&view), Ok(state.hash_one(&bytes[..])));
        let columns = view.reshape([3, 4]).unwrap().transpose();
        assert_eq!(hash(&columns), Ok(state.hash_one(&columns.to_bytes()[..])));
    }
    for code in ["H", "?", "d"] {
        let view = View::new(&bytes[..8], Format::parse(code).unwrap()).unwrap();
        let text = "only views of the formats \"B\", \"b\" and \"c\" have a hash";
        assert_eq!(hash(&view).unwrap_err().to_string(), text);
    }
}
