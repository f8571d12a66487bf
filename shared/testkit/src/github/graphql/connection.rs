//! Connections: a page of a list, with cursors.

use std::rc::Rc;

use serde_json::{Value, json};

use super::resolve::{Args, Out, Resolved, Thing, unknown};

/// One page of a longer list.
pub(super) struct Connection<'w> {
    pub(super) type_name: &'static str,
    items: Vec<Thing<'w>>,
    offset: usize,
    total: usize,
    /// Further fields of this kind of connection.
    extra: Value,
}

impl<'w> Connection<'w> {
    /// The page that `first`, `after`, `last` and `before` ask for.
    pub(super) fn page(
        type_name: &'static str,
        all: Vec<Thing<'w>>,
        args: &Args<'_>,
        extra: Value,
    ) -> Out<'w> {
        let total = all.len();
        let position = |name: &str| args.text(name).and_then(|cursor| read_cursor(&cursor));
        let mut from = position("after").map_or(0, |at| at + 1).min(total);
        let mut to = position("before").unwrap_or(total).clamp(from, total);
        let size = |name: &str| {
            args.number(name)
                .and_then(|size| usize::try_from(size).ok())
        };
        if let Some(first) = size("first") {
            to = to.min(from.saturating_add(first));
        }
        if let Some(last) = size("last") {
            from = from.max(to.saturating_sub(last));
        }
        let items = all.into_iter().skip(from).take(to - from).collect();
        Out::One(Thing::Connection(Rc::new(Self {
            type_name,
            items,
            offset: from,
            total,
            extra,
        })))
    }

    /// A page of a connection that has no further fields.
    pub(super) fn of(
        type_name: &'static str,
        all: impl IntoIterator<Item = Thing<'w>>,
        args: &Args<'_>,
    ) -> Out<'w> {
        Self::page(type_name, all.into_iter().collect(), args, Value::Null)
    }

    pub(super) fn field(&self, field: &str) -> Resolved<'w> {
        match field {
            "totalCount" => Ok(Out::leaf(self.total)),
            "nodes" => Ok(Out::Many(self.items.clone())),
            "pageInfo" => Ok(Out::plain(self.page_info())),
            _ => match self.extra.get(field) {
                Some(value) => Ok(Out::Leaf(value.clone())),
                None => unknown(self.type_name, field),
            },
        }
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
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(format!("cursor:v2:{at}"))
}

fn read_cursor(cursor: &str) -> Option<usize> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(cursor)
        .ok()?;
    String::from_utf8(bytes)
        .ok()?
        .strip_prefix("cursor:v2:")?
        .parse()
        .ok()
}
