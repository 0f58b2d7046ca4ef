//! What `Array` and `ByteArray` answer, beside `array.array` and `bytearray`.

use buffers::{Array, BufferError, ByteArray, Number, SharedView};
use oracles::vectors::{Case, Outcome, distance};
use serde_json::Value as Json;

use crate::values::{Owned, same, written};

/// A number of an array, read from what the vectors write.
trait Numeral: Number {
    fn from_value(value: buffers::Value<'_>) -> Self;
    fn to_value(self) -> buffers::Value<'static>;
}

macro_rules! numerals {
    ($($number:ident by $as:ident),+ $(,)?) => {$(
        impl Numeral for $number {
            fn from_value(value: buffers::Value<'_>) -> Self {
                let number = value.$as().expect("a number of this kind");
                number.try_into().expect("one that fits")
            }

            fn to_value(self) -> buffers::Value<'static> {
                self.into()
            }
        }
    )+};
}

numerals!(i8 by as_i64, i16 by as_i64, i32 by as_i64, i64 by as_i64);
numerals!(u8 by as_u64, u16 by as_u64, u32 by as_u64, u64 by as_u64, f64 by as_f64);

impl Numeral for f32 {
    #[expect(clippy::cast_possible_truncation, reason = "it was one of 32 bits")]
    fn from_value(value: buffers::Value<'_>) -> Self {
        value.as_f64().expect("a float") as Self
    }

    fn to_value(self) -> buffers::Value<'static> {
        self.into()
    }
}

/// Steps of an array that nobody looks at: what each returns, and the bytes at the end.
pub(crate) fn array(case: &Case) -> Result<Outcome, String> {
    match case.text("code") {
        "b" => steps::<i8>(case),
        "B" => steps::<u8>(case),
        "h" => steps::<i16>(case),
        "H" => steps::<u16>(case),
        "i" => steps::<i32>(case),
        "I" => steps::<u32>(case),
        // C's `long`, which has 32 bits where CPython's cases would say so too.
        "l" | "q" => steps::<i64>(case),
        "L" | "Q" => steps::<u64>(case),
        "f" => steps::<f32>(case),
        "d" => steps::<f64>(case),
        code => Err(format!("what is an array of {code}?")),
    }
}

fn steps<T: Numeral>(case: &Case) -> Result<Outcome, String> {
    let array = Array::<T>::from_bytes(case.bytes("before"));
    let mut array = array.map_err(|_| "no whole number of elements")?;
    for step in case.cases("steps") {
        let got = one_step(&mut array, &step).map_err(|error| error.to_string())?;
        let theirs = if step.error().is_some() { None } else { Some(step.get("got").clone()) };
        if got != theirs {
            return Err(format!("{step} gave {got:?}"));
        }
    }
    same(array.as_bytes().to_vec(), case.bytes("after"))
}

/// What CPython would return, or `None` where it would raise.
fn one_step<T: Numeral>(array: &mut Array<T>, step: &Case) -> Result<Option<Json>, BufferError> {
    let given = step.list("given");
    let number = |at: usize| T::from_value(Owned::read(&given[at..=at]).values()[0]);
    // An index of Python counts from the end if it is negative.
    let from_end = |at: isize, len: usize| {
        if at < 0 { len.checked_add_signed(at) } else { Some(at.unsigned_abs()) }
    };
    let len = array.len();
    let null = Some(Json::Null);
    Ok(match step.text("name") {
        "append" => array.push(number(0)).map(|()| null)?,
        "extend" => {
            let more = Owned::read(given[0].as_array().expect("a list"));
            array.extend(more.values().into_iter().map(T::from_value)).map(|()| null)?
        }
        "insert" => {
            let at = from_end(distance(&given[0]), len).unwrap_or(0);
            array.insert(at, number(1)).map(|()| null)?
        }
        "pop" => {
            let at =
                given.first().map_or(Some(len.wrapping_sub(1)), |at| from_end(distance(at), len));
            let gone = at.map_or(Ok(None), |at| array.remove(at))?;
            gone.map(|number| written(number.to_value()))
        }
        "remove" => match array.index(number(0)) {
            Some(at) => array.remove(at)?.map(|_| Json::Null),
            None => None,
        },
        "reverse" => array.reverse().map(|()| null)?,
        "byteswap" => array.byteswap().map(|()| null)?,
        "frombytes" => {
            let bytes = Owned::read(given);
            let bytes = bytes.values()[0].as_bytes().expect("bytes");
            // CPython refuses bytes that end within an element; ours takes the whole ones,
            // and gives the rest back.
            if array.clone().extend_from_bytes(bytes)?.is_empty() {
                array.extend_from_bytes(bytes)?;
                null
            } else {
                None
            }
        }
        "index" => array.index(number(0)).map(Json::from),
        _ => Some(array.count(number(0)).into()),
    })
}

/// Changes of arrays while views of them live.
pub(crate) fn export(case: &Case) -> Result<Outcome, String> {
    match case.text("code") {
        "bytearray" => exported(case, ByteArray::from(vec![0; case.length("count")])),
        "h" => exported(case, vec![0_i16; case.length("count")].into_iter().collect::<Array<_>>()),
        _ => exported(case, vec![0_f64; case.length("count")].into_iter().collect::<Array<_>>()),
    }
}

/// What the two kinds of arrays have in common here.
trait Exporter {
    fn export(&mut self) -> SharedView;
    fn change(&mut self, step: &str) -> Result<(), BufferError>;
    fn bytes(&self) -> Vec<u8>;
}

impl Exporter for ByteArray {
    fn export(&mut self) -> SharedView {
        Self::export(self).into()
    }

    fn change(&mut self, step: &str) -> Result<(), BufferError> {
        match step {
            "append" => self.push(1),
            "extend" => self.extend_from_slice(&[1, 2]),
            _ => self.pop().map(|_| ()),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        self.to_vec()
    }
}

impl<T: Number + From<i8>> Exporter for Array<T> {
    fn export(&mut self) -> SharedView {
        Self::export(self)
    }

    fn change(&mut self, step: &str) -> Result<(), BufferError> {
        match step {
            "append" => self.push(1.into()),
            "extend" => self.extend([1.into(), 2.into()]),
            _ => self.pop().map(|_| ()),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        self.to_bytes()
    }
}

fn exported(case: &Case, mut array: impl Exporter) -> Result<Outcome, String> {
    let mut views = Vec::new();
    for step in case.cases("steps") {
        match step.text("name") {
            "view" => views.push(Some(array.export())),
            "release" => views[step.length("view")] = None,
            name => {
                let alive = views.iter().flatten().count();
                let changed = array.change(name);
                if changed.is_err() != step.is("refused") {
                    return Err(format!("{step} gave {changed:?}"));
                }
                if let Err(error) = changed {
                    same(error.exports(), alive)?;
                    same(error.exported_at().file(), file!())?;
                }
            }
        }
    }
    same(array.bytes(), case.bytes("after"))
}
