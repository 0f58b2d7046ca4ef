//! Who alone keeps what alive.
//!
//! An object dominates another one if each way from a root to the other leads through it:
//! if it went, the other one would go too. The nearest of these is the other one's parent
//! in a tree, and what hangs below an object in that tree is what it retains.

use std::cmp::Reverse;

use super::snapshot::Snapshot;
use crate::memory::grid::Grid;
use crate::report::grouped;

/// The tree of dominators of a snapshot.
///
/// Found by the semi-dominators of Lengauer and Tarjan, with nearest common ancestors as
/// Georgiadis and Tarjan put it ("Semi-NCA"): near to linear in practice, and in memory 28
/// bytes for each object. Nothing recurs, so that no chain of objects is too long.
#[derive(Clone, Debug)]
pub struct Dominators {
    /// Each object's parent, or [`NOBODY`] for roots and what several of them keep.
    parents: Vec<u32>,
    retained: Vec<u64>,
    counts: Vec<u32>,
}

const NOBODY: u32 = u32::MAX;

impl Dominators {
    /// Builds the tree, from the snapshot's [`roots`](Snapshot::roots).
    pub fn of(snapshot: &Snapshot) -> Self {
        let order = Order::of(snapshot);
        let parents_in_order = semi_nca(snapshot, &order);
        let len = snapshot.len();
        let mut parents = vec![NOBODY; len];
        let mut retained: Vec<u64> = (0..len).map(|object| snapshot.size(object)).collect();
        let mut counts = vec![1; len];
        // Children come after their parents, so backwards each one is complete.
        for number in (1..order.objects.len()).rev() {
            let parent = parents_in_order[number] as usize;
            if parent == 0 {
                continue;
            }
            let object = order.objects[number] as usize;
            parents[object] = order.objects[parent];
            let parent = order.objects[parent] as usize;
            retained[parent] = retained[parent].saturating_add(retained[object]);
            counts[parent] += counts[object];
        }
        Self { parents, retained, counts }
    }

    /// The nearest object that alone keeps this one; `None` if none does.
    ///
    /// # Panics
    ///
    /// If there are not so many objects.
    pub fn parent(&self, object: usize) -> Option<usize> {
        Some(self.parents[object]).filter(|&parent| parent != NOBODY).map(|parent| parent as usize)
    }

    /// The bytes that would go with an object, its own among them.
    ///
    /// # Panics
    ///
    /// If there are not so many objects.
    pub fn retained_bytes(&self, object: usize) -> u64 {
        self.retained[object]
    }

    /// How many objects would go with it, itself among them.
    ///
    /// # Panics
    ///
    /// If there are not so many objects.
    pub fn retained_objects(&self, object: usize) -> u32 {
        self.counts[object]
    }

    /// The `top` objects that retain most.
    pub fn table(&self, snapshot: &Snapshot, top: usize) -> String {
        let mut objects: Vec<usize> = (0..snapshot.len()).collect();
        objects.sort_by_key(|&object| Reverse(self.retained[object]));
        let header = ["address", "kind", "name", "own bytes", "retained bytes", "objects"];
        let mut grid = Grid::new(header).words(3);
        for &object in objects.iter().take(top) {
            grid.row([
                format!("{:#x}", snapshot.address(object)),
                snapshot.kind(object).to_owned(),
                snapshot.name(object).to_owned(),
                grouped(snapshot.size(object)),
                grouped(self.retained[object]),
                grouped(self.counts[object].into()),
            ]);
        }
        grid.to_string()
    }
}

/// The objects in the order in which a search comes across them. Number 0 is nobody, who
/// refers to all roots.
struct Order {
    /// By number; that of nobody is [`NOBODY`].
    objects: Vec<u32>,
    /// By object.
    numbers: Vec<u32>,
    /// The number that the search came from, by number.
    came_from: Vec<u32>,
}

impl Order {
    fn of(snapshot: &Snapshot) -> Self {
        let mut order =
            Self { objects: vec![NOBODY], numbers: vec![0; snapshot.len()], came_from: vec![0] };
        // The place in each object's references, for going on after a way back.
        let mut stack: Vec<(u32, usize)> = Vec::new();
        for root in snapshot.roots() {
            order.visit(root, 0, &mut stack);
            while let Some((object, next)) = stack.last_mut() {
                let from = order.numbers[*object as usize];
                let Some(&other) = snapshot.refs(*object as usize).get(*next) else {
                    stack.pop();
                    continue;
                };
                *next += 1;
                order.visit(other, from, &mut stack);
            }
        }
        order
    }

    fn visit(&mut self, object: u32, from: u32, stack: &mut Vec<(u32, usize)>) {
        let number = &mut self.numbers[object as usize];
        if *number == 0 {
            *number = u32::try_from(self.objects.len()).expect("objects are numbered in 32 bits");
            self.objects.push(object);
            self.came_from.push(from);
            stack.push((object, 0));
        }
    }
}

/// Each number's dominator, by number.
fn semi_nca(snapshot: &Snapshot, order: &Order) -> Vec<u32> {
    let count = order.objects.len();
    let (starts, referrers) = referrers(snapshot, order);
    let numbers = || (0..count).map(|n| u32::try_from(n).expect("numbered in 32 bits"));
    let mut semi: Vec<u32> = numbers().collect();
    let mut best: Vec<u32> = numbers().collect();
    let mut ancestors = order.came_from.clone();
    let mut path = Vec::new();
    for number in (1..count).rev() {
        for &referrer in &referrers[starts[number] as usize..starts[number + 1] as usize] {
            let least = least(referrer, number, &mut ancestors, &mut best, &semi, &mut path);
            semi[number] = semi[number].min(semi[least as usize]);
        }
    }
    let mut dominators = order.came_from.clone();
    for number in 1..count {
        while dominators[number] > semi[number] {
            dominators[number] = dominators[dominators[number] as usize];
        }
    }
    dominators
}

/// On the way up from `from`, as far as numbers above `limit` go, the one with the least
/// semi-dominator. Shortens the way for those who come later.
fn least(
    from: u32,
    limit: usize,
    ancestors: &mut [u32],
    best: &mut [u32],
    semi: &[u32],
    path: &mut Vec<u32>,
) -> u32 {
    if from as usize <= limit {
        return from;
    }
    path.clear();
    let mut at = from;
    while ancestors[at as usize] as usize > limit {
        path.push(at);
        at = ancestors[at as usize];
    }
    let (top, mut least) = (ancestors[at as usize], best[at as usize]);
    for &passed in path.iter().rev() {
        let here = &mut best[passed as usize];
        if semi[least as usize] < semi[*here as usize] {
            *here = least;
        }
        least = *here;
        ancestors[passed as usize] = top;
    }
    least
}

/// Who refers to each number, by number: places of the first, and all of them.
fn referrers(snapshot: &Snapshot, order: &Order) -> (Vec<u32>, Vec<u32>) {
    let count = order.objects.len();
    let mut starts = vec![0_u32; count + 1];
    let pairs = || {
        (1..count).flat_map(|number| {
            let refs = snapshot.refs(order.objects[number] as usize).iter();
            refs.map(move |&other| (number, order.numbers[other as usize] as usize))
        })
    };
    let of_roots = (1..count).filter(|&number| order.came_from[number] == 0);
    let of_roots = of_roots.map(|number| (0, number));
    pairs().chain(of_roots.clone()).for_each(|(_, to)| starts[to + 1] += 1);
    for number in 0..count {
        starts[number + 1] += starts[number];
    }
    let mut next = starts.clone();
    let mut all = vec![0; starts[count] as usize];
    for (from, to) in pairs().chain(of_roots) {
        all[next[to] as usize] = u32::try_from(from).expect("numbered in 32 bits");
        next[to] += 1;
    }
    (starts, all)
}
