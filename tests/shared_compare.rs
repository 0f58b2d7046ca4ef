//! A shared handle compares, hashes, prints and counts through as its bytes do,
//! from both sides of each operator.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};

use buffers::{SharedBuf, UniqueBuf};
use bytes::Bytes;

#[test]
fn a_handle_compares_and_hashes_as_its_bytes() {
    let texts: [&[u8]; 6] = [b"", b"\0", b"a", b"ab", b"b", b"\xff"];
    let hashes = RandomState::new();
    for a in texts {
        let shared = SharedBuf::from(a.to_vec());
        assert_eq!(hashes.hash_one(&shared), hashes.hash_one(a));
        assert_eq!(Borrow::<[u8]>::borrow(&shared), a);
        for b in texts {
            let other = SharedBuf::from_static(b);
            assert_eq!(shared == other, a == b);
            assert_eq!(shared == b, a == b);
            assert_eq!(shared.cmp(&other), a.cmp(b));
            assert_eq!(shared.partial_cmp(&other) == Some(Ordering::Less), a < b);
        }
    }
    let mut map = HashMap::new();
    let mut tree = BTreeMap::new();
    let line = SharedBuf::from("key=value".to_string());
    map.insert(line.slice(..3), 1);
    tree.insert(line.slice(4..), 2);
    assert_eq!(map.get(&b"key"[..]), Some(&1));
    assert_eq!(tree.get(&b"value"[..]), Some(&2));
}

#[test]
fn a_handle_is_shown_as_a_byte_string() {
    let bytes = SharedBuf::from(b"a\"\x00\xff\n\\".to_vec());
    assert_eq!(format!("{bytes:?}"), r#"b"a\"\x00\xff\n\\""#);
    assert_eq!(format!("{:?}", UniqueBuf::from(vec![b'x'])), r#"b"x""#);
    assert_eq!(format!("{:?}", SharedBuf::new()), r#"b"""#);
}

/// Says so if `a == b` and `b == a`, and panics if only one of them holds.
fn both<A: PartialEq<B> + ?Sized, B: PartialEq<A> + ?Sized>(a: &A, b: &B) -> bool {
    let equal = a == b;
    assert_eq!(equal, b == a, "one side says otherwise");
    assert_eq!((a != b, b != a), (!equal, !equal));
    equal
}

#[test]
fn both_sides_of_an_equation_may_be_anything_with_bytes() {
    for text in ["", "ab", "abc", "abd"] {
        let buf = SharedBuf::copy_from_slice(text.as_bytes());
        let equal = text == "abc";
        assert_eq!(both(&buf, "abc"), equal);
        assert_eq!(both(&buf, &"abc"), equal);
        assert_eq!(both(&buf, "abc".as_bytes()), equal);
        assert_eq!(both(&buf, &"abc".as_bytes()), equal);
        assert_eq!(both(&buf, &b"abc"), equal);
        assert_eq!(both(&buf, b"abc"), equal);
        assert_eq!(both(&buf, &b"abc".to_vec()), equal);
        assert_eq!(both(&buf, &"abc".to_string()), equal);
        assert_eq!(both(&buf, &Bytes::from_static(b"abc")), equal);
        assert_eq!(both(&buf, &SharedBuf::from("abc")), equal);
        assert_eq!(both(&buf, &UniqueBuf::from(b"abc".to_vec())), equal);
    }
}

#[test]
fn a_handle_is_ordered_as_its_bytes() {
    let texts: [&[u8]; 5] = [b"", b"\0", b"a", b"ab", b"\xff"];
    for a in texts {
        let shared = SharedBuf::copy_from_slice(a);
        for b in texts {
            let expected = Some(a.cmp(b));
            assert_eq!(shared.partial_cmp(b), expected);
            assert_eq!(shared.partial_cmp(&b.to_vec()), expected);
            assert_eq!(shared.partial_cmp(&Bytes::copy_from_slice(b)), expected);
            assert_eq!(shared < b, a < b);
            assert_eq!(shared >= b, a >= b);
        }
    }
    assert_eq!(SharedBuf::from("b").partial_cmp("a"), Some(Ordering::Greater));
    let mut sorted = texts.map(SharedBuf::copy_from_slice);
    sorted.reverse();
    sorted.sort();
    assert_eq!(sorted, texts);
}

#[test]
fn a_handle_is_shown_in_two_digits_a_byte() {
    let bytes = SharedBuf::from(vec![0, 9, 0xab, 0xff]);
    assert_eq!(format!("{bytes:x} {bytes:X}"), "0009abff 0009ABFF");
    assert_eq!(format!("{bytes:#x} {bytes:#X}"), "0x0009abff 0x0009ABFF");
    let empty = SharedBuf::new();
    assert_eq!(format!("{empty:x}|{empty:#X}"), "|0x");
}

#[test]
fn bytes_are_counted_through_from_both_ends() {
    let whole = SharedBuf::from((0..10).collect::<Vec<u8>>());
    let mut bytes = whole.slice(1..9).into_iter();
    assert_eq!((bytes.len(), bytes.size_hint()), (8, (8, Some(8))));
    assert_eq!((bytes.next(), bytes.next_back(), bytes.next()), (Some(1), Some(8), Some(2)));
    let rest = bytes.clone();
    assert_eq!(bytes.len(), 5);
    assert_eq!(bytes.by_ref().rev().collect::<Vec<u8>>(), [7, 6, 5, 4, 3]);
    assert_eq!((bytes.next(), bytes.next_back(), bytes.len()), (None, None, 0));
    drop(bytes);
    assert_eq!(whole.backing().unwrap().handles(), 2, "gone, it pins nothing");
    assert_eq!(rest.sum::<u8>(), 25);
    assert!((&whole).into_iter().copied().eq(whole.clone()));
    let from_both: Vec<u8> = SharedBuf::from(b"abc").into_iter().rev().collect();
    assert_eq!(from_both, b"cba");
}

#[test]
fn bytes_are_collected_into_one_memory() {
    let odd: SharedBuf = (0..100).filter(|byte| byte % 2 == 1).collect();
    assert_eq!((odd.len(), odd[0], odd[49]), (50, 1, 99));
    assert_eq!(odd.backing().unwrap().range(), 0..50);
    assert_eq!(std::iter::empty().collect::<SharedBuf>(), b"");
}

#[test]
fn long_buffers_are_shown_by_their_beginning() {
    let bytes = SharedBuf::from(vec![b'x'; 5000]);
    let beginning = format!("b\"{}\"", "x".repeat(1024));
    assert_eq!(format!("{:?}", bytes.slice(..1024)), beginning);
    assert_eq!(format!("{:?}", bytes.slice(..1025)), format!("{beginning}.. (1025 bytes)"));
    assert_eq!(format!("{bytes:#?}"), format!("b\"{}\"", "x".repeat(5000)));
    let error = bytes.clone().try_into_mut().unwrap_err();
    assert!(format!("{error:?}").len() < 1100, "what an unwrap would print");
}

#[test]
fn empty_memory_has_no_header() {
    for empty in [SharedBuf::from(vec![]), SharedBuf::from(Bytes::new()), String::new().into()] {
        assert!(empty.is_empty() && empty.backing().is_none());
        assert_eq!(empty.try_into_vec().unwrap(), []);
    }
    let room = SharedBuf::from(Vec::with_capacity(100));
    assert!(room.backing().unwrap().capacity() >= 100, "room that is there is kept");
}
