//! Packing, when the format is known at run time only.

use alloc::vec::Vec;

use super::encode::encode;
use super::record_error::{RecordError, Trouble};
use crate::layout::Content;
use crate::{Field, Format, Value, copied};

impl Format {
    /// One record of `values`, in new memory: `struct.pack`. Padding is zero; what `s`
    /// and `p` are given is cut or filled with zeros to their length, and counted in
    /// [`copied`].
    ///
    /// The memory is as much as the format says. Whoever packs by a format of somebody
    /// else's looks at [`itemsize`](Self::itemsize) first.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if there are more or fewer values than the format has, or names
    /// the value that its code does not take: of another kind, or out of its range.
    ///
    /// ```
    /// use buffers::Format;
    ///
    /// let format = Format::parse(">Hb3s")?;
    /// assert_eq!(format.pack(&[258.into(), (-1).into(), b"ab".into()])?, b"\x01\x02\xffab\0");
    /// let error = format.pack(&[70_000.into(), 0.into(), b"".into()]).unwrap_err();
    /// assert_eq!(error.to_string(), "value 0 cannot be packed as 'H': it is out of range");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pack(&self, values: &[Value<'_>]) -> Result<Vec<u8>, RecordError> {
        self.check_count(values)?;
        let mut bytes = self.zeros()?;
        self.write(values, &mut bytes)?;
        Ok(bytes)
    }

    /// Writes one record of `values` at `offset` of `bytes`: `struct.pack_into`. A negative
    /// offset counts from the end. Nothing is allocated.
    ///
    /// # Errors
    ///
    /// As [`pack`](Self::pack), and if a record does not fit there. What was there stays,
    /// unless a value is refused: then the values before it are written, and the rest of
    /// the record is zero.
    pub fn pack_into(
        &self,
        bytes: &mut [u8],
        offset: isize,
        values: &[Value<'_>],
    ) -> Result<(), RecordError> {
        self.check_count(values)?;
        let start = self.place(offset, bytes.len())?;
        let out = &mut bytes[start..start + self.itemsize()];
        out.fill(0);
        self.write(values, out)
    }

    /// New memory for one record.
    pub(super) fn zeros(&self) -> Result<Vec<u8>, RecordError> {
        let itemsize = self.itemsize();
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(itemsize).map_err(|_| Trouble::Memory { itemsize })?;
        bytes.resize(itemsize, 0);
        Ok(bytes)
    }

    fn check_count(&self, values: &[Value<'_>]) -> Result<(), RecordError> {
        let (expected, given) = (self.values(), values.len());
        if expected == given { Ok(()) } else { Err(Trouble::Count { expected, given }.into()) }
    }

    /// Into zeros.
    fn write(&self, values: &[Value<'_>], out: &mut [u8]) -> Result<(), RecordError> {
        let mut values = values.iter().enumerate();
        for field in self.as_fields() {
            for (i, (index, &value)) in values.by_ref().take(field.values()).enumerate() {
                let written = write(field, i, self, value, out);
                let code = field.code();
                written.map_err(|why| Trouble::Value { index, code, why })?;
            }
        }
        Ok(())
    }
}

/// The `i`-th value of a field.
fn write(
    field: &Field,
    i: usize,
    format: &Format,
    value: Value<'_>,
    out: &mut [u8],
) -> Result<(), &'static str> {
    let (offset, count) = (field.offset(), field.count());
    match field.content() {
        Content::Values(kind) => {
            let out = &mut out[offset + i * kind.size()..][..kind.size()];
            encode(kind, format.order(), value, out)
        }
        Content::Bytes => {
            let bytes = value.as_bytes().ok_or("it is not bytes")?;
            copy_prefix(bytes, &mut out[offset..][..count]);
            Ok(())
        }
        Content::Pascal => {
            let bytes = value.as_bytes().ok_or("it is not bytes")?;
            if let Some((len, out)) = out[offset..][..count].split_first_mut() {
                let n = copy_prefix(bytes, out);
                *len = u8::try_from(n).unwrap_or(u8::MAX);
            }
            Ok(())
        }
        Content::Padding => Ok(()),
    }
}

/// As many bytes as there is room for.
fn copy_prefix(bytes: &[u8], out: &mut [u8]) -> usize {
    let n = bytes.len().min(out.len());
    out[..n].copy_from_slice(&bytes[..n]);
    copied::record(n);
    n
}
