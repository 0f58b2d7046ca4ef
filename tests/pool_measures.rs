//! A pool is what its builder says, to the byte, or an error that says why not.

use filereader::{BuildError, Pool, PoolBuilder};

#[test]
fn blocks_are_aligned_and_of_their_size() {
    let cases = [
        (1, 1),
        (1, 4096),
        (7, 8),
        (100, 64),
        (100, 1),
        (4095, 4096),
        (4096, 4096),
        (4097, 64),
        (10_000, 1),
        (1 << 20, 4096),
    ];
    for (block_size, align) in cases {
        for prefault in [false, true] {
            let builder = Pool::builder().block_size(block_size).align(align);
            let pool = builder.blocks(3).prefault(prefault).build().unwrap();
            let mut blocks = [(); 3].map(|()| pool.acquire().unwrap());
            for block in &mut blocks {
                let room = block.unfilled_mut();
                assert_eq!(room.len(), block_size);
                assert_eq!(room.as_ptr().align_offset(align), 0, "{block_size} {align}");
                assert!(room.iter().all(|&byte| byte == 0));
                room.fill(7);
            }
            assert_eq!((pool.block_size(), pool.blocks()), (block_size, 3));
            assert_eq!((pool.ceiling(), pool.idle()), (3 * block_size, 0));
            assert!(pool.reserved() >= pool.ceiling());
            let slack = pool.reserved() - pool.ceiling();
            assert!(slack <= 3 * 4095, "{block_size} {align}: {slack}");
        }
    }
}

#[test]
fn the_reserve_is_told_to_the_byte() {
    let reserved = |block_size, align| {
        let builder = Pool::builder().block_size(block_size).align(align);
        builder.blocks(4).build().unwrap().reserved()
    };
    assert_eq!(reserved(100, 1), 400);
    assert_eq!(reserved(100, 64), 4 * 163);
    assert_eq!(reserved(4096, 1), 4 * 4096);
    assert_eq!(reserved(4097, 4096), 4 * 8192);
}

#[test]
fn the_defaults_are_those_that_are_documented() {
    let pool = Pool::builder().build().unwrap();
    assert_eq!((pool.blocks(), pool.block_size()), (16, 256 << 10));
    assert_eq!(pool.ceiling(), 4 << 20);
    let mut block = pool.acquire().unwrap();
    assert_eq!(block.unfilled_mut().as_ptr().align_offset(4096), 0);
    let shown = format!("{pool:?} {block:?}");
    let expected =
        "Pool { block_size: 262144, blocks: 16, idle: 15 } Block(0 of 262144 bytes filled)";
    assert_eq!(shown, expected);
}

fn refused(builder: PoolBuilder) -> BuildError {
    builder.build().expect_err("this makes no sense")
}

#[test]
fn measures_that_make_no_sense_are_refused_in_words() {
    let builder = || Pool::builder().block_size(100).blocks(5);
    let cases = [
        (
            builder().block_size(0),
            "a pool of 5 blocks of 0 bytes holds nothing: give it at least one block of one byte",
        ),
        (
            builder().blocks(0),
            "a pool of 0 blocks of 100 bytes holds nothing: give it at least one block of one byte",
        ),
        (
            builder().align(0),
            "blocks cannot be aligned to 0 bytes: the alignment must be a power of two up to 1073741824",
        ),
        (
            builder().align(48),
            "blocks cannot be aligned to 48 bytes: the alignment must be a power of two up to 1073741824",
        ),
        (
            builder().align(1 << 31),
            "blocks cannot be aligned to 2147483648 bytes: the alignment must be a power of two up \
             to 1073741824",
        ),
        (
            builder().block_size(usize::MAX).blocks(2),
            "2 blocks of 18446744073709551615 bytes are more than can be addressed",
        ),
        (
            builder().block_size(1 << 62).blocks(2),
            "2 blocks of 4611686018427387904 bytes are more than can be addressed",
        ),
    ];
    for (builder, text) in cases {
        assert_eq!(refused(builder).to_string(), text);
    }
}

#[test]
fn memory_that_the_system_does_not_have_is_an_error() {
    for (block_size, blocks) in [(1 << 46, 4), (1 << 61, 2), (1, 1 << 58), (32, 1 << 57)] {
        let error = refused(Pool::builder().block_size(block_size).blocks(blocks));
        let text = error.to_string();
        let start =
            format!("the system refused the memory of {blocks} blocks of {block_size} bytes: ");
        assert!(text.starts_with(&start), "{text}");
        let source = std::error::Error::source(&error).expect("what the system said");
        assert!(text.ends_with(&source.to_string()), "{text}");
    }
}

#[test]
fn blocks_may_be_aligned_to_huge_pages() {
    for align in [8192, 2 << 20] {
        for block_size in [100, 10_000] {
            let builder = Pool::builder().block_size(block_size).align(align).blocks(2);
            let pool = builder.prefault(true).build().unwrap();
            let mut blocks = [pool.acquire().unwrap(), pool.acquire().unwrap()];
            for block in &mut blocks {
                let room = block.unfilled_mut();
                assert_eq!((room.len(), room.as_ptr().align_offset(align)), (block_size, 0));
                room.fill(7);
            }
            let map = block_size.next_multiple_of(4096) + align - 4096;
            assert_eq!((pool.ceiling(), pool.reserved()), (2 * block_size, 2 * map));
        }
    }
}

#[test]
fn the_ceiling_is_the_sum_of_all_sizes() {
    let builder = Pool::builder().block_size(100).blocks(3).align(1);
    let pool = builder.class(5000, 2).class(1000, 1).build().unwrap();
    assert_eq!((pool.ceiling(), pool.blocks(), pool.idle()), (300 + 10_000 + 1000, 6, 6));
    let sizes = [1, 100, 101, 1000, 1001, 5000].map(|len| pool.fitting(len).unwrap().block_size());
    assert_eq!(sizes, [100, 100, 1000, 1000, 5000, 5000]);
    assert!(pool.fitting(5001).is_none());
    let large = pool.fitting(101).unwrap();
    let block = large.acquire().unwrap();
    assert_eq!((block.capacity(), pool.idle(), large.idle()), (1000, 5, 5));
    assert!(pool.lent(&block) && large.lent(&block));
    let error = large.try_acquire().unwrap_err();
    assert!(error.to_string().contains("all 1 of 1000 bytes are out"), "sizes are lent apart");
    assert_eq!(error.holders(), pool.holders());
    assert!(pool.try_acquire().is_ok());
    let view = { block }.freeze();
    drop((pool, view));
    assert_eq!(large.idle(), 6, "any handle keeps all of them");
}

#[test]
fn the_sum_of_all_sizes_is_checked() {
    let builder = || Pool::builder().block_size(100).blocks(5);
    let text = refused(builder().class(0, 3)).to_string();
    assert!(text.starts_with("a pool of 3 blocks of 0 bytes holds nothing"), "{text}");
    let half = usize::MAX / 4;
    let text = refused(builder().class(half, 1).class(half, 2)).to_string();
    assert!(text.starts_with("the system refused") || text.contains("can be addressed"), "{text}");
    assert!(refused(builder().tail_padding(usize::MAX)).to_string().contains("addressed"));
}

#[test]
fn padding_is_zero_behind_what_is_filled_and_no_room() {
    for block_size in [10, 8192] {
        let builder = Pool::builder().block_size(block_size).blocks(1).tail_padding(32);
        let pool = builder.build().unwrap();
        assert_eq!(pool.ceiling(), block_size);
        assert!(pool.reserved() >= block_size + 32);
        for filled in [block_size, 3, 0] {
            let mut block = pool.acquire().unwrap();
            assert_eq!((block.capacity(), block.unfilled_mut().len()), (block_size, block_size));
            block.unfilled_mut().fill(0xff);
            block.advance(filled);
            let view = block.freeze_padded();
            assert_eq!(view.len(), filled + 32);
            let (bytes, padding) = view.split_at(filled);
            assert!(bytes.iter().all(|&b| b == 0xff) && padding.iter().all(|&b| b == 0));
        }
        let view = pool.acquire().unwrap().freeze_padded();
        let block = filereader::Block::try_from_shared(view).unwrap();
        assert!(block.len() <= block.capacity());
    }
}

#[test]
fn what_came_home_is_zero_if_it_was_asked_for() {
    for zero in [false, true] {
        let pool = Pool::builder().block_size(100).blocks(1).zero_on_return(zero).build().unwrap();
        let mut block = pool.acquire().unwrap();
        block.copy_from(&[7; 100]);
        drop(block.freeze().slice(50..));
        let is_zero = pool.acquire().unwrap().unfilled_mut().iter().all(|&byte| byte == 0);
        assert_eq!(is_zero, zero);
    }
}

#[test]
fn blocks_have_the_name_that_the_pool_gives_them() {
    let pool = Pool::builder().block_size(100).blocks(1).label("network in").build().unwrap();
    for _ in 0..2 {
        let mut block = pool.acquire().unwrap();
        block.copy_from(b"bytes");
        let view = block.freeze();
        assert_eq!(view.backing().unwrap().label(), Some("network in"));
    }
}
