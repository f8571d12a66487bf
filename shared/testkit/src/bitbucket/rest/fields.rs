//! Partial answers: `fields=a,b.c` keeps only these, `-a` leaves out, `+a` adds what a list does
//! not show by itself. (A plus must be sent as `%2B`: a bare one is a space.)

use serde_json::Value;

use crate::fake::{Request, Response};

/// What lists of pull requests leave out.
const HIDDEN_IN_LISTS: [&str; 3] = ["values.participants", "values.reviewers", "values.rendered"];

type Path<'a> = Vec<&'a str>;

/// Applies `fields` to a good answer.
pub(super) fn select(request: &Request, mut response: Response) -> Response {
    let good = (200..300).contains(&response.status);
    let Some(body) = response.body.as_mut().filter(|_| good) else {
        return response;
    };
    let wanted: Vec<&str> = request
        .param("fields")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let named = |sign: char| {
        let part = wanted
            .iter()
            .filter_map(move |part| part.strip_prefix(sign));
        part.map(split).collect::<Vec<Path<'_>>>()
    };
    let (added, removed) = (named('+'), named('-'));
    let only: Vec<Path<'_>> = wanted
        .iter()
        .filter(|part| !part.starts_with(['+', '-']))
        .map(|part| split(part))
        .collect();
    let of_pulls = request.path.ends_with("/pullrequests");
    for hidden in HIDDEN_IN_LISTS.iter().filter(|_| of_pulls) {
        let hidden = split(hidden);
        let asked = added.iter().chain(&only);
        if !asked.into_iter().any(|path| path.starts_with(&hidden)) {
            remove(body, &hidden);
        }
    }
    if !only.is_empty() {
        let kept: Vec<&[&str]> = only.iter().chain(&added).map(Vec::as_slice).collect();
        keep(body, &kept);
    }
    for path in &removed {
        remove(body, path);
    }
    response
}

fn split(path: &str) -> Path<'_> {
    path.split('.').collect()
}

fn is_named(key: &str, part: &str) -> bool {
    part == "*" || part == key
}

/// Leaves out everything that no path leads to.
fn keep(value: &mut Value, paths: &[&[&str]]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| keep(item, paths)),
        Value::Object(map) => map.retain(|key, child| {
            let tails: Vec<&[&str]> = paths
                .iter()
                .filter_map(|path| path.split_first())
                .filter(|(part, _)| is_named(key, part))
                .map(|(_, tail)| tail)
                .collect();
            if tails.iter().all(|tail| !tail.is_empty()) {
                keep(child, &tails);
            }
            !tails.is_empty()
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Leaves out what one path leads to.
fn remove(value: &mut Value, path: &[&str]) {
    let Some((part, tail)) = path.split_first() else {
        return;
    };
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| remove(item, path)),
        Value::Object(map) if tail.is_empty() => map.retain(|key, _| !is_named(key, part)),
        Value::Object(map) => map
            .iter_mut()
            .filter(|(key, _)| is_named(key, part))
            .for_each(|(_, child)| remove(child, tail)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
