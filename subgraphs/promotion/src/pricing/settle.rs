//! Which of the promotions that qualify apply: the best of each group, line by line.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use kernel::PromotionId;

use super::{EXCLUSIVE, candidate::Candidate, terms::Terms};

/// A promotion that qualifies, and what it would save by line.
pub(super) struct Entry<'a> {
    pub(super) promotion_id: PromotionId,
    group: &'a str,
    /// Whether it applies to all of its lines or to none.
    whole: bool,
    /// Whether it is credited later instead of lowering the price.
    later: bool,
    savings: BTreeMap<usize, i64>,
}

/// Who won what.
pub(super) struct Settlement {
    /// What applies, by line.
    pub(super) lines: Vec<Settled>,
    /// By line, whether an exclusive promotion has it.
    pub(super) exclusive: Vec<bool>,
}

/// What applies to one line and what it saves or credits; in the order of the promotions' ids.
#[derive(Default)]
pub(super) struct Settled {
    pub(super) savings: Vec<(PromotionId, i64)>,
    pub(super) cashback: Vec<(PromotionId, i64)>,
}

impl Settled {
    pub(super) fn saved_minor(&self) -> i64 {
        self.savings.iter().map(|(_, saving)| saving).sum()
    }
}

impl<'a> Entry<'a> {
    pub(super) fn new(candidate: &'a Candidate, savings: BTreeMap<usize, i64>) -> Self {
        Self {
            promotion_id: candidate.id,
            group: &candidate.group,
            whole: matches!(candidate.terms, Terms::Bundle(_)),
            later: matches!(candidate.terms, Terms::Cashback(_)),
            savings,
        }
    }
}

impl Settlement {
    pub(super) fn applies(&self, promotion_id: PromotionId) -> bool {
        self.lines.iter().flat_map(|line| line.savings.iter().chain(&line.cashback)).any(|(id, _)| *id == promotion_id)
    }

    pub(super) fn saved_minor(&self) -> i64 {
        self.lines.iter().map(Settled::saved_minor).sum()
    }
}

/// Settles the contests over lines with the list amounts given. Equal savings go to the older promotion.
pub(super) fn settle(list_minor: &[i64], entries: &[Entry<'_>]) -> Settlement {
    let open = vec![true; list_minor.len()];
    let alone = winners(entries, EXCLUSIVE, &open);
    let open: Vec<bool> = alone.iter().map(Option::is_none).collect();

    let mut lines: Vec<Vec<Win>> = alone.into_iter().map(|win| win.into_iter().collect()).collect();
    let groups: BTreeSet<&str> = entries.iter().map(|entry| entry.group).filter(|group| *group != EXCLUSIVE).collect();
    for group in groups {
        for (line, win) in lines.iter_mut().zip(winners(entries, group, &open)) {
            line.extend(win);
        }
    }
    let later: BTreeSet<PromotionId> = entries.iter().filter(|one| one.later).map(|one| one.promotion_id).collect();
    let lines = lines.into_iter().zip(list_minor).map(|(wins, list)| settled(wins, &later, *list)).collect();
    Settlement { lines, exclusive: open.into_iter().map(|open| !open).collect() }
}

/// A saving and who makes it; the greater saving is the greater win, and of equal ones that of the older promotion.
type Win = (i64, Reverse<PromotionId>);

/// The winner of one group on each line that is open.
fn winners(entries: &[Entry<'_>], group: &str, open: &[bool]) -> Vec<Option<Win>> {
    let mut best: Vec<Option<Win>> = vec![None; open.len()];
    let (mut wholes, singles): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) =
        entries.iter().filter(|entry| entry.group == group).partition(|entry| entry.whole);
    for entry in singles {
        for (line, saving) in entry.savings.iter().filter(|(line, _)| open[**line]) {
            best[*line] = best[*line].max(Some((*saving, Reverse(entry.promotion_id))));
        }
    }
    // A whole takes its lines from the others when it saves more than they do together, the best whole first.
    let mut free = open.to_vec();
    loop {
        wholes.retain(|entry| entry.savings.keys().all(|line| free[*line]));
        let gain = |entry: &Entry<'_>| -> i64 {
            entry.savings.iter().map(|(line, saving)| saving - best[*line].map_or(0, |(other, _)| other)).sum()
        };
        let Some(entry) = wholes.iter().copied().max_by_key(|entry| (gain(entry), Reverse(entry.promotion_id))) else {
            return best;
        };
        if gain(entry) <= 0 {
            return best;
        }
        for (line, saving) in &entry.savings {
            best[*line] = Some((*saving, Reverse(entry.promotion_id)));
            free[*line] = false;
        }
    }
}

/// What the winners of a line do: first the price falls, and cashback is at most what is then left to pay.
fn settled(wins: Vec<Win>, later: &BTreeSet<PromotionId>, list_minor: i64) -> Settled {
    let (cashback, savings): (Vec<Win>, Vec<Win>) = wins.into_iter().partition(|(_, Reverse(id))| later.contains(id));
    let mut settled = Settled { savings: within(savings, list_minor), cashback: Vec::new() };
    settled.cashback = within(cashback, list_minor - settled.saved_minor());
    settled
}

/// Cuts the savings of one line so that together they are not more than its list amount, the greatest first.
fn within(mut wins: Vec<Win>, list_minor: i64) -> Vec<(PromotionId, i64)> {
    wins.sort_unstable_by_key(|win| Reverse(*win));
    let mut left = list_minor;
    let mut applied: Vec<(PromotionId, i64)> = Vec::with_capacity(wins.len());
    for (saving, Reverse(promotion_id)) in wins {
        let saving = saving.min(left);
        left -= saving;
        if saving > 0 {
            applied.push((promotion_id, saving));
        }
    }
    applied.sort_unstable();
    applied
}
