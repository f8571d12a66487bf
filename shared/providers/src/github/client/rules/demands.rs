//! What rules demand, from whichever place they stand in.

use std::collections::BTreeSet;

use ampel_domain::facts::Fact;

/// What a set of rules demands of a merge into a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Demands {
    /// The names of checks that must pass.
    pub(super) checks: Fact<BTreeSet<String>>,
    /// How many approvals it takes.
    pub(super) approvals: Fact<u32>,
    /// Whether the head must contain the base.
    pub(super) up_to_date: Fact<bool>,
    /// Whether merge commits are kept out.
    pub(super) linear: Fact<bool>,
}

impl Demands {
    /// No demands at all.
    pub(super) fn none() -> Self {
        Self {
            checks: Fact::Known(BTreeSet::new()),
            approvals: Fact::Known(0),
            up_to_date: Fact::Known(false),
            linear: Fact::Known(false),
        }
    }

    /// Rules that can not be read.
    pub(super) fn unreadable(why: &str) -> Self {
        Self {
            checks: Fact::Unavailable(why.to_owned()),
            approvals: Fact::Unavailable(why.to_owned()),
            up_to_date: Fact::Unavailable(why.to_owned()),
            linear: Fact::Unavailable(why.to_owned()),
        }
    }

    /// Both hold: GitHub takes the stricter of each.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            checks: both(self.checks, other.checks, |mut all, more| {
                all.extend(more);
                all
            }),
            approvals: both(self.approvals, other.approvals, u32::max),
            up_to_date: either(self.up_to_date, other.up_to_date),
            linear: either(self.linear, other.linear),
        }
    }
}

/// Known only where both are.
fn both<T>(one: Fact<T>, other: Fact<T>, join: impl FnOnce(T, T) -> T) -> Fact<T> {
    match (one, other) {
        (Fact::Known(one), Fact::Known(other)) => Fact::Known(join(one, other)),
        (Fact::Unavailable(why), _) | (_, Fact::Unavailable(why)) => Fact::Unavailable(why),
        (Fact::Computing, _) | (_, Fact::Computing) => Fact::Computing,
    }
}

/// Known as soon as one of them is so.
fn either(one: Fact<bool>, other: Fact<bool>) -> Fact<bool> {
    if one == Fact::Known(true) || other == Fact::Known(true) {
        return Fact::Known(true);
    }
    both(one, other, |one, other| one || other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_readable_is_not_assumed_and_what_is_demanded_is() {
        let mut strict = Demands::none();
        strict.checks = Fact::Known(BTreeSet::from(["build".to_owned()]));
        strict.approvals = Fact::Known(2);
        strict.up_to_date = Fact::Known(true);
        let mut lenient = Demands::none();
        lenient.checks = Fact::Known(BTreeSet::from(["lint".to_owned()]));
        lenient.approvals = Fact::Known(1);
        let joined = strict.clone().and(lenient);
        let all = BTreeSet::from(["build".to_owned(), "lint".to_owned()]);
        assert_eq!(joined.checks, Fact::Known(all));
        assert_eq!(joined.approvals, Fact::Known(2));
        let half = strict.and(Demands::unreadable("no"));
        assert_eq!(half.checks, Fact::Unavailable("no".to_owned()));
        assert_eq!(half.approvals, Fact::Unavailable("no".to_owned()));
        assert_eq!(half.up_to_date, Fact::Known(true));
        assert_eq!(half.linear, Fact::Unavailable("no".to_owned()));
    }
}
