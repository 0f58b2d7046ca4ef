//! What a program keeps: where a report starts from.

use alloc::string::String;
use core::ops::Range;
use core::ptr;

use crate::{Chain, Parts, SharedBuf, UniqueBuf};

/// Something that keeps memory alive, with the name of who keeps it.
///
/// Made from a reference to a [`SharedBuf`], a [`UniqueBuf`], a [`Chain`] or
/// [`Parts`], or from such a reference with a name: `("cache", &buf)`.
#[derive(Clone, Copy, Debug)]
pub struct Root<'a> {
    pub(super) label: &'a str,
    keeper: Keeper<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Keeper<'a> {
    Buf(&'a SharedBuf),
    Chain(&'a Chain),
    Parts(&'a Parts),
}

/// One handle, as a report sees it.
pub(super) struct Seen<'a> {
    /// Where the handle itself lies.
    pub(super) address: usize,
    pub(super) handle: &'a SharedBuf,
}

impl<'a> Root<'a> {
    /// Shows each handle, with the ranges of its memory that are in use.
    pub(super) fn visit(
        &self,
        mut see: impl FnMut(Seen<'a>, &mut dyn Iterator<Item = Range<usize>>),
    ) {
        let mut handle = |handle: &'a SharedBuf, used: &mut dyn Iterator<Item = Range<usize>>| {
            see(Seen { address: ptr::from_ref(handle).addr(), handle }, used);
        };
        match self.keeper {
            Keeper::Buf(buf) => handle(buf, &mut shown(buf).into_iter()),
            Keeper::Chain(chain) => {
                chain.iter().for_each(|piece| handle(piece, &mut shown(piece).into_iter()));
            }
            Keeper::Parts(parts) => {
                let whole = parts.whole();
                let start = shown(whole).map_or(0, |range| range.start);
                let ranges = parts.ranges().iter();
                handle(whole, &mut ranges.map(|part| start + part.start..start + part.end));
            }
        }
    }
}

/// The range of its backing that a handle shows.
fn shown(handle: &SharedBuf) -> Option<Range<usize>> {
    handle.backing().map(|backing| backing.range())
}

impl<'a> From<&'a SharedBuf> for Root<'a> {
    fn from(buf: &'a SharedBuf) -> Self {
        Self { label: "", keeper: Keeper::Buf(buf) }
    }
}

impl<'a> From<&'a UniqueBuf> for Root<'a> {
    fn from(buf: &'a UniqueBuf) -> Self {
        Self { label: "", keeper: Keeper::Buf(buf.handle()) }
    }
}

impl<'a> From<&'a Chain> for Root<'a> {
    fn from(chain: &'a Chain) -> Self {
        Self { label: "", keeper: Keeper::Chain(chain) }
    }
}

impl<'a> From<&'a Parts> for Root<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self { label: "", keeper: Keeper::Parts(parts) }
    }
}

/// Names what is kept, as a map of named handles gives it: `report(&map)`.
impl<'a, R: Into<Root<'a>>> From<(&'a String, R)> for Root<'a> {
    fn from((label, root): (&'a String, R)) -> Self {
        Root { label, ..root.into() }
    }
}

/// Names what is kept. The outermost name counts.
impl<'a, R: Into<Root<'a>>> From<(&'a str, R)> for Root<'a> {
    fn from((label, root): (&'a str, R)) -> Self {
        Root { label, ..root.into() }
    }
}
