//! Records that go over the end of a ring are one slice, and no byte of any record is
//! copied.

use std::io::{self, Read};

use buffers::copied;
use filereader::{FileReader, Pool, Prefix, Records, RingReader, TooLong};
use oracles::content::pattern;
use proptest::prelude::*;

const RING: usize = 8192;

/// Gives what it has in pieces of uneven length.
struct Uneven<'b>(&'b [u8], usize);

impl Read for Uneven<'_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.1 = self.1 * 31 % 4099;
        let n = (self.1 + 1).min(target.len()).min(self.0.len());
        self.0.read(&mut target[..n])
    }
}

fn collect(source: impl Read, records: &Records) -> io::Result<Vec<Vec<u8>>> {
    let mut ring = RingReader::new(source, RING)?;
    let mut all = Vec::new();
    while let Some(record) = ring.next_record(records)? {
        all.push(record.to_vec());
    }
    Ok(all)
}

fn prefixed(records: &[Vec<u8>]) -> Vec<u8> {
    let one = |record: &Vec<u8>| {
        [&u32::try_from(record.len()).unwrap().to_be_bytes()[..], record.as_slice()].concat()
    };
    records.iter().flat_map(one).collect()
}

#[test]
fn large_records_are_in_place_and_nothing_is_copied() {
    let records: Vec<Vec<u8>> = (0..40).map(|n| pattern(5000 + n * 61, n as u64)).collect();
    let bytes = prefixed(&records);
    let shape = Records::prefixed(Prefix::U32Be, RING);
    let mut ring = RingReader::new(&bytes[..], RING).unwrap();
    let (n, copies) = copied::during(|| {
        let mut n = 0;
        while let Some(record) = ring.next_record(&shape).unwrap() {
            assert!(record == records[n]);
            n += 1;
        }
        n
    });
    assert_eq!(n, records.len());
    assert_eq!(copies, 0);
    // The control: through blocks of the same size most of them are moved.
    let pool = Pool::builder().block_size(RING).blocks(4).build().unwrap();
    let mut blocks = FileReader::new(&bytes[..]).pool(&pool);
    let ((), copies) = copied::during(|| while blocks.next_records(&shape).unwrap().is_some() {});
    assert!(copies.value().unwrap() > bytes.len() as u64 / 4, "{copies:?}");
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_lost() {
    let lies = [&9000_u32.to_be_bytes()[..], &[1; 100]].concat();
    let mut ring = RingReader::new(&lies[..], RING).unwrap();
    for _ in 0..2 {
        let error = ring.next_record(&Records::prefixed(Prefix::U32Be, 1 << 30)).unwrap_err();
        let too_long = error.get_ref().unwrap().downcast_ref::<TooLong>().unwrap();
        assert_eq!((too_long.position(), too_long.limit()), (0, RING));
        assert_eq!(ring.rest(), lies);
    }
    let unended = vec![b'x'; RING + 1];
    let error = collect(&unended[..], &Records::delimited("\n", 1 << 30)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
    let error = collect(&b"\0\0\0\x05abc"[..], &Records::prefixed(Prefix::U32Be, 10)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{error}");
    assert!(collect(&b"a"[..], &Records::delimited("", 10)).is_err());
    let error = RingReader::new(io::empty(), usize::MAX / 2).unwrap_err();
    assert!(error.to_string().starts_with("cannot map a ring of "), "{error}");
    assert!(RingReader::new(io::empty(), usize::MAX).is_err());
}

#[test]
fn a_ring_goes_to_another_thread_and_its_memory_goes_back() {
    let maps = || {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines().filter(|line| line.contains("memfd:ring")).count()
    };
    // Others of this file make rings meanwhile, of this size none.
    let ring = RingReader::new(&b"ab"[..], 77 * 4096).unwrap();
    assert!(maps() >= 2, "the control");
    let mut ring = std::thread::spawn(move || ring).join().unwrap();
    assert_eq!(ring.next_record(&Records::fixed(2)).unwrap().unwrap(), b"ab");
    drop(ring);
    for _ in 0..2000 {
        drop(RingReader::new(io::empty(), 1 << 20).unwrap());
    }
    assert!(maps() < 100, "{} maps", maps());
}

proptest! {
    #![proptest_config(oracles::cases(60))]

    #[test]
    fn records_are_what_they_were(
        lens in prop::collection::vec(0..RING - 4, 1..20),
        start in 1..4000_usize,
    ) {
        let record = |(n, len): (usize, &usize)| {
            pattern(*len, n as u64).iter().map(|byte| byte | 1 << 6).collect::<Vec<u8>>()
        };
        let records: Vec<Vec<u8>> = lens.iter().enumerate().map(record).collect();
        let bytes = prefixed(&records);
        let found = collect(Uneven(&bytes, start), &Records::prefixed(Prefix::U32Be, RING));
        prop_assert_eq!(&found.unwrap(), &records);
        for delimiter in ["\n", "\r\n"] {
            let bytes: Vec<u8> =
                records.iter().flat_map(|r| [r, delimiter.as_bytes()].concat()).collect();
            let found = collect(Uneven(&bytes, start), &Records::delimited(delimiter, RING));
            prop_assert_eq!(&found.unwrap(), &records);
        }
        let whole = records.concat();
        let n = whole.len() / 997 * 997;
        let found = collect(Uneven(&whole[..n], start), &Records::fixed(997)).unwrap();
        prop_assert!(found.concat() == whole[..n]);
    }
}
