//! The same tree twice: pointers of eight bytes, and indices of four.

use std::hint::black_box;

use crate::meter::{Held, held};

/// What a tree takes.
#[derive(Clone, Debug)]
pub struct Nodes {
    /// How its nodes lead to each other.
    pub name: &'static str,
    /// Bytes of a node itself.
    pub node: usize,
    /// What all of them hold.
    pub held: Held,
}

/// A node with pointers: each is an allocation.
struct Boxed {
    key: u32,
    left: Option<Box<Boxed>>,
    right: Option<Box<Boxed>>,
}

/// A node in one list of all, which leads to others by their place.
struct Indexed {
    key: u32,
    left: u32,
    right: u32,
}

/// Where nothing is.
const NONE: u32 = u32::MAX;

/// Builds a balanced search tree of `n` nodes in both ways, and measures each.
///
/// # Panics
///
/// If a tree has not all of its nodes, which cannot be.
pub fn nodes(n: u32) -> Vec<Nodes> {
    let (boxed, with_pointers) = held(|| boxed(0, n));
    assert_eq!(boxed.as_deref().map_or(0, count), n, "each node is there");
    // Not by recursion into deep boxes: the tree is balanced, so this is a few levels.
    drop(boxed);
    let (list, with_indices) = held(|| {
        let mut list = Vec::with_capacity(n as usize);
        let root = indexed(0, n, &mut list);
        (root, list)
    });
    assert_eq!(count_indexed(list.0, &list.1), n, "each node is there");
    vec![
        Nodes { name: "Option<Box<Node>>, 8 bytes", node: size_of::<Boxed>(), held: with_pointers },
        Nodes { name: "u32 into a Vec, 4 bytes", node: size_of::<Indexed>(), held: with_indices },
    ]
}

fn boxed(from: u32, to: u32) -> Option<Box<Boxed>> {
    let key = from.midpoint(to);
    (from < to).then(|| {
        Box::new(Boxed { key: black_box(key), left: boxed(from, key), right: boxed(key + 1, to) })
    })
}

fn indexed(from: u32, to: u32, list: &mut Vec<Indexed>) -> u32 {
    if from >= to {
        return NONE;
    }
    let key = from.midpoint(to);
    let place = list.len();
    list.push(Indexed { key: black_box(key), left: NONE, right: NONE });
    let left = indexed(from, key, list);
    let right = indexed(key + 1, to, list);
    list[place] = Indexed { left, right, ..list[place] };
    u32::try_from(place).expect("there are at most u32::MAX nodes")
}

fn count(node: &Boxed) -> u32 {
    let children = [&node.left, &node.right].into_iter().flatten();
    u32::from(node.key != NONE) + children.map(|child| count(child)).sum::<u32>()
}

fn count_indexed(place: u32, list: &[Indexed]) -> u32 {
    let Some(node) = list.get(place as usize) else { return 0 };
    let children = [node.left, node.right].into_iter();
    u32::from(node.key != NONE) + children.map(|child| count_indexed(child, list)).sum::<u32>()
}
