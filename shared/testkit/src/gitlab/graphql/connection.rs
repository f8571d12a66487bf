//! Connections: a page of a list, with cursors. Without a size GitLab takes 100, which is also
//! the most it gives.

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::resolve::{Args, Out, Resolved, Thing, unknown};

const LARGEST_PAGE: usize = 100;

/// One page of a longer list.
pub(super) struct Connection<'w> {
    pub(super) type_name: &'static str,
    items: Vec<Thing<'w>>,
    offset: usize,
    total: usize,
}

impl<'w> Connection<'w> {
    /// The page that `first`, `after`, `last` and `before` ask for.
    pub(super) fn of(
        type_name: &'static str,
        all: impl IntoIterator<Item = Thing<'w>>,
        args: &Args<'_>,
    ) -> Out<'w> {
        let all: Vec<Thing<'w>> = all.into_iter().collect();
        let total = all.len();
        let position = |name: &str| args.text(name).and_then(|cursor| read_cursor(&cursor));
        let mut from = position("after").map_or(0, |at| at + 1).min(total);
        let mut to = position("before").unwrap_or(total).clamp(from, total);
        let size = |name: &str| {
            let size = args.number(name)?;
            usize::try_from(size)
                .ok()
                .map(|size| size.min(LARGEST_PAGE))
        };
        match (size("first"), size("last")) {
            (first, None) => to = to.min(from.saturating_add(first.unwrap_or(LARGEST_PAGE))),
            (_, Some(last)) => from = from.max(to.saturating_sub(last)),
        }
        let items = all.into_iter().skip(from).take(to - from).collect();
        Out::One(Thing::Connection(Rc::new(Self {
            type_name,
            items,
            offset: from,
            total,
        })))
    }

    pub(super) fn field(&self, field: &str) -> Resolved<'w> {
        match field {
            "count" => Ok(Out::leaf(self.total)),
            "nodes" => Ok(Out::Many(self.items.clone())),
            "edges" => Ok(Out::Many(self.edges())),
            "pageInfo" => Ok(Out::plain(self.page_info())),
            _ => unknown(self.type_name, field),
        }
    }

    fn edges(&self) -> Vec<Thing<'w>> {
        let items = self.items.iter().enumerate();
        items
            .map(|(place, item)| {
                let cursor = write_cursor(self.offset + place);
                Thing::Edge(cursor, Rc::new(item.clone()))
            })
            .collect()
    }

    fn page_info(&self) -> Value {
        let end = self.offset + self.items.len();
        let cursor = |at: usize| (!self.items.is_empty()).then(|| write_cursor(at));
        json!({
            "__typename": "PageInfo",
            "hasNextPage": end < self.total,
            "hasPreviousPage": self.offset > 0,
            "startCursor": cursor(self.offset),
            "endCursor": cursor(end.saturating_sub(1)),
        })
    }
}

fn write_cursor(at: usize) -> String {
    URL_SAFE_NO_PAD.encode(json!({ "position": at }).to_string())
}

fn read_cursor(cursor: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    usize::try_from(value.get("position")?.as_u64()?).ok()
}
