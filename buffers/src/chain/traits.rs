//! What a chain is to the standard library: a collection of pieces, equal to
//! whatever holds the same bytes.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use super::pieces::{Chain, IntoIter, Iter};
use crate::SharedBuf;

impl From<SharedBuf> for Chain {
    fn from(only: SharedBuf) -> Self {
        Self::from_iter([only])
    }
}

impl<B: Into<SharedBuf>> FromIterator<B> for Chain {
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = B>>(pieces: I) -> Self {
        let mut chain = Self::new();
        chain.extend(pieces);
        chain
    }
}

impl<B: Into<SharedBuf>> Extend<B> for Chain {
    #[track_caller]
    fn extend<I: IntoIterator<Item = B>>(&mut self, pieces: I) {
        for piece in pieces {
            self.push(piece);
        }
    }
}

impl IntoIterator for Chain {
    type Item = SharedBuf;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        self.pieces.into_iter()
    }
}

impl<'a> IntoIterator for &'a Chain {
    type Item = &'a SharedBuf;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Chains are equal when their bytes are, wherever they are cut.
impl PartialEq for Chain {
    fn eq(&self, other: &Self) -> bool {
        if self.len != other.len {
            return false;
        }
        let mut theirs = other.iter().map(SharedBuf::as_slice);
        let mut there: &[u8] = &[];
        for piece in self {
            let mut here = piece.as_slice();
            while !here.is_empty() {
                if there.is_empty() {
                    match theirs.next() {
                        Some(next) => there = next,
                        None => return false,
                    }
                }
                let n = here.len().min(there.len());
                if here[..n] != there[..n] {
                    return false;
                }
                (here, there) = (&here[n..], &there[n..]);
            }
        }
        true
    }
}

impl Eq for Chain {}

fn equals(chain: &Chain, bytes: &[u8]) -> bool {
    let mut rest = bytes;
    chain.len == bytes.len()
        && chain.iter().all(|piece| match rest.split_at_checked(piece.len()) {
            Some((front, back)) => {
                rest = back;
                *piece == *front
            }
            None => false,
        })
}

/// Both ways round, because Rust has no rule that turns a comparison.
macro_rules! compares_with {
    ($($other:ty),*) => {$(
        impl PartialEq<$other> for Chain {
            fn eq(&self, other: &$other) -> bool {
                equals(self, other.as_ref())
            }
        }

        impl PartialEq<Chain> for $other {
            fn eq(&self, other: &Chain) -> bool {
                equals(other, self.as_ref())
            }
        }
    )*};
}

compares_with!([u8], &[u8], str, &str, Vec<u8>, String, Bytes, SharedBuf);

/// The same for arrays of any length.
macro_rules! compares_with_arrays {
    ($($other:ty),*) => {$(
        impl<const N: usize> PartialEq<$other> for Chain {
            fn eq(&self, other: &$other) -> bool {
                equals(self, other.as_ref())
            }
        }

        impl<const N: usize> PartialEq<Chain> for $other {
            fn eq(&self, other: &Chain) -> bool {
                equals(other, self.as_ref())
            }
        }
    )*};
}

compares_with_arrays!([u8; N], &[u8; N]);

/// The pieces as byte strings.
impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
