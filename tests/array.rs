//! Arrays are what a vector of the same numbers is, and refuse to change while they are
//! exported.

use buffers::{Array, BufferError, ByteArray, Slice, copied};
use oracles::content::pattern;
use proptest::prelude::*;

#[test]
fn an_exported_array_refuses_to_change_and_names_the_place() {
    let mut bytes = ByteArray::from(b"abc".to_vec());
    let at = bytes.as_ptr();
    let line = line!() + 1;
    let first = bytes.export();
    let second = bytes.export();
    assert_eq!((first.as_ptr(), second.as_ptr(), bytes.exports()), (at, at, 2));
    let refusals = [
        bytes.push(1).unwrap_err(),
        bytes.extend_from_slice(b"d").unwrap_err(),
        bytes.resize(1, 0).unwrap_err(),
        bytes.clear().unwrap_err(),
        bytes.pop().unwrap_err(),
        bytes.as_mut_slice().unwrap_err(),
        bytes.as_mut_vec().unwrap_err(),
    ];
    for refusal in refusals {
        assert_eq!((refusal.exports(), refusal.exported_at().line()), (2, line));
        assert!(refusal.exported_at().file().ends_with("array.rs"));
    }
    assert_eq!(
        refusals[0].to_string(),
        format!(
            "an array cannot change while it is exported: 2 exports are alive, the oldest was \
             made at {}; drop them first, or change a copy",
            refusals[0].exported_at()
        )
    );
    // A slice of a dropped export keeps it alive; the other one is then the oldest.
    let part = second.slice(1..);
    drop((first, second));
    let refusal = bytes.push(1).unwrap_err();
    assert_eq!((refusal.exports(), refusal.exported_at().line()), (1, line + 1));
    let bytes = bytes.try_into_vec().unwrap_err();
    drop(part);
    let mut bytes = bytes;
    assert_eq!(bytes.push(b'd'), Ok(()));
    let vec = bytes.try_into_vec().unwrap();
    assert_eq!(vec, b"abcd");
}

#[test]
fn an_export_outlives_its_array_and_travels() {
    fn travels<T: Send + Sync + 'static>(_: &T) {}
    let mut numbers: Array<u16> = [1, 2, 3].into_iter().collect();
    let (view, copied) = copied::during(|| numbers.export());
    assert_eq!((view.view().format().to_string(), view.shape()), ("H".into(), &[3][..]));
    assert_eq!(view.view().as_bytes().unwrap().as_ptr(), numbers.as_bytes().as_ptr());
    assert_eq!(copied.value(), Some(0));
    travels(&view);
    drop(numbers);
    assert_eq!(view.view().to_bytes(), [1_u16, 2, 3].map(u16::to_ne_bytes).concat());
}

#[test]
fn many_exports_are_counted_and_forgotten() {
    let mut bytes = ByteArray::from(vec![1]);
    let mut kept: Vec<_> = (0..1000).map(|_| bytes.export()).collect();
    assert_eq!((bytes.exports(), bytes.push(2).unwrap_err().exports()), (1000, 1000));
    kept.truncate(1);
    for _ in 0..1000 {
        drop(bytes.export());
    }
    let refusal = bytes.push(2).unwrap_err();
    assert_eq!(refusal.exports(), 1);
    assert!(refusal.to_string().contains("one export is alive, made at"), "{refusal}");
    kept.clear();
    assert_eq!(bytes.push(2), Ok(()));
}

#[test]
fn nothing_is_lost_by_a_refusal() {
    let mut numbers: Array<i32> = (0..4).collect();
    let export = numbers.export();
    assert!(numbers.insert(0, 9).is_err() && numbers.remove(0).is_err());
    assert!(numbers.pop().is_err() && numbers.reverse().is_err() && numbers.byteswap().is_err());
    assert!(numbers.replace(0, 9).is_err() && numbers.extend([9]).is_err());
    assert!(numbers.extend_from_bytes(&[0; 4]).is_err());
    assert!(numbers.iter().eq(0..4));
    // A copy is free to change, and is counted.
    let (mut copy, copied) = copied::during(|| numbers.clone());
    assert_eq!(copied.value(), Some(16));
    copy.push(4).unwrap();
    assert_eq!((copy.len(), export.shape()[0], numbers.exports()), (5, 4, 1));
}

#[test]
fn bytes_of_another_machine_are_taken_and_turned() {
    let mut numbers = Array::<u16>::from_bytes(vec![1, 2, 3, 4]).unwrap();
    assert_eq!(Array::<u16>::from_bytes(vec![1, 2, 3]).unwrap_err(), [1, 2, 3]);
    let rest = numbers.extend_from_bytes(&[5, 6, 7]).unwrap();
    assert_eq!((rest, numbers.len()), (&[7][..], 3));
    numbers.byteswap().unwrap();
    assert_eq!(numbers.as_bytes(), [2, 1, 4, 3, 6, 5]);
    assert_eq!((numbers.code().as_char(), numbers.row().len()), ('H', 3));
    assert_eq!(numbers.view().slice(Slice::every(-1)).to_bytes(), [6, 5, 4, 3, 2, 1]);
    let nans: Array<f32> = [f32::NAN, 1.0].into_iter().collect();
    assert_eq!((nans.index(f32::NAN), nans.count(1.0)), (None, 1));
    assert_ne!(nans, nans.clone());
}

#[derive(Clone, Debug)]
enum Step {
    Push(i32),
    Insert(usize, i32),
    Remove(usize),
    Replace(usize, i32),
    Pop,
    Reverse,
    Export,
    Drop,
}

fn step() -> impl Strategy<Value = Step> {
    let (at, number) = (0..12_usize, -3..3);
    prop_oneof![
        number.clone().prop_map(Step::Push),
        (at.clone(), number.clone()).prop_map(|(at, n)| Step::Insert(at, n)),
        at.clone().prop_map(Step::Remove),
        (at, number).prop_map(|(at, n)| Step::Replace(at, n)),
        Just(Step::Pop),
        Just(Step::Reverse),
        Just(Step::Export),
        Just(Step::Drop),
    ]
}

fn on_array(array: &mut Array<i32>, step: &Step) -> Result<Option<i32>, BufferError> {
    match *step {
        Step::Push(number) => array.push(number).map(|()| None),
        Step::Insert(at, number) => array.insert(at, number).map(|()| None),
        Step::Remove(at) => array.remove(at),
        Step::Replace(at, number) => array.replace(at, number),
        Step::Pop => array.pop(),
        Step::Reverse => array.reverse().map(|()| None),
        Step::Export | Step::Drop => Ok(None),
    }
}

fn on_vec(vec: &mut Vec<i32>, step: &Step) -> Option<i32> {
    match *step {
        Step::Push(number) => vec.push(number),
        Step::Insert(at, number) => vec.insert(at.min(vec.len()), number),
        Step::Remove(at) => return (at < vec.len()).then(|| vec.remove(at)),
        Step::Replace(at, number) => {
            return vec.get_mut(at).map(|old| std::mem::replace(old, number));
        }
        Step::Pop => return vec.pop(),
        Step::Reverse => vec.reverse(),
        Step::Export | Step::Drop => {}
    }
    None
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn an_array_is_its_flat_vector(steps in prop::collection::vec(step(), 0..60)) {
        let (mut array, mut vec, mut exports) = (Array::new(), Vec::new(), Vec::new());
        for step in &steps {
            match step {
                Step::Export => exports.push((array.export(), vec.clone())),
                Step::Drop => drop(exports.pop()),
                _ if !exports.is_empty() => {
                    prop_assert_eq!(on_array(&mut array, step).unwrap_err().exports(), exports.len());
                }
                _ => prop_assert_eq!(on_array(&mut array, step), Ok(on_vec(&mut vec, step))),
            }
            prop_assert!(array.iter().eq(vec.iter().copied()));
            prop_assert_eq!((array.len(), array.exports()), (vec.len(), exports.len()));
            prop_assert_eq!(array.index(1), vec.iter().position(|&n| n == 1));
            prop_assert_eq!(array.count(1), vec.iter().filter(|&&n| n == 1).count());
        }
        for (view, then) in exports {
            let bytes: Vec<u8> = then.iter().flat_map(|n| n.to_ne_bytes()).collect();
            prop_assert_eq!(view.view().to_bytes(), bytes);
        }
    }

    #[test]
    fn numbers_of_each_type_come_back(len in 0..20_usize) {
        let bytes = pattern(len * 8, 70);
        macro_rules! check {
            ($($type:ty),*) => {$(
                let mut array = Array::<$type>::from_bytes(bytes.clone()).unwrap();
                let numbers: Vec<$type> = bytes
                    .chunks_exact(size_of::<$type>())
                    .map(|chunk| <$type>::from_ne_bytes(chunk.try_into().unwrap()))
                    .collect();
                let same = |a: $type, b: $type| a.to_ne_bytes() == b.to_ne_bytes();
                prop_assert_eq!(array.len(), numbers.len());
                prop_assert!(array.iter().zip(&numbers).all(|(a, &b)| same(a, b)));
                array.byteswap().unwrap();
                let turned = |a: $type, b: $type| a.to_ne_bytes().iter().rev().eq(&b.to_ne_bytes());
                prop_assert!(array.iter().zip(&numbers).all(|(a, &b)| turned(a, b)));
            )*};
        }
        check!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, isize, usize);
    }
}
