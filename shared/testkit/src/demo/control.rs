//! What the control API shows and does: how `scripts/demo` and a curious person drive a fake.

use serde_json::{Value, json};

use super::world::{At, DemoWorld, Opinion, PullPlan, PullSeen, Standing};
use crate::fake::Problem;

/// Every repository with its open pull requests, in a form to print.
pub(crate) fn overview<W: DemoWorld>(world: &W) -> Value {
    let repos: Vec<Value> = world
        .repositories()
        .iter()
        .map(|repo| {
            let places = repo.open.iter().map(|number| At {
                repo: repo.id,
                number: *number,
            });
            let pulls: Vec<Value> = places.filter_map(|at| shown(world, at)).collect();
            json!({
                "name": repo.full_name,
                "private": repo.private,
                "archived": repo.archived,
                "pulls": pulls,
            })
        })
        .collect();
    json!({ "mark": W::MARK.to_string(), "repositories": repos })
}

fn shown<W: DemoWorld>(world: &W, at: At) -> Option<Value> {
    let pull = world.look_at(at).ok()?;
    Some(json!({
        "number": at.number,
        "title": pull.title,
        "author": pull.author,
        "draft": pull.draft,
        "checks": pull.standing(),
        "review": pull.verdict(),
        "conflict": world.in_conflict(at).ok()?,
    }))
}

impl PullSeen {
    /// One word for all its checks; none without any.
    fn standing(&self) -> Option<&'static str> {
        let any =
            |wanted: fn(Standing) -> bool| self.checks.iter().any(|check| wanted(check.standing));
        if self.checks.is_empty() {
            None
        } else if any(|standing| standing.is_over() && !standing.passes()) {
            Some("failed")
        } else if any(|standing| !standing.is_over()) {
            Some("running")
        } else {
            Some("passed")
        }
    }

    /// One phrase for all opinions; none without any.
    fn verdict(&self) -> Option<&'static str> {
        if !self.objectors.is_empty() {
            Some("changes requested")
        } else if self.approvers.is_empty() {
            None
        } else {
            Some("approved")
        }
    }
}

/// What was asked for: `verb`, `repo`, `number` and what the verb needs.
struct Order<'a>(&'a Value);

impl<'a> Order<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.0.get(key).and_then(Value::as_str)
    }

    fn is_set(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// Does one thing and tells it in a sentence.
pub(crate) fn obey<W: DemoWorld>(world: &mut W, order: &Value) -> Result<String, Problem> {
    let order = Order(order);
    let (repo, full_name) = find(world, order.text("repo").unwrap_or_default())?;
    let verb = order.text("verb").unwrap_or_default();
    if verb == "open" {
        return open(world, repo, &full_name, &order);
    }
    let number = order.0.get("number").and_then(Value::as_u64);
    let number = number.unwrap_or_default();
    let at = At { repo, number };
    let name = format!("{full_name}{}{number}", W::MARK);
    match verb {
        "push" => {
            let sha = world.push(at)?;
            Ok(format!("pushed {} to {name}", short(&sha)))
        }
        "run" | "fail" | "pass" | "status" => stand(world, at, verb, &order)
            .map(|(checks, word)| format!("{checks} {word} on {name}")),
        "approve" | "request-changes" | "comment" | "withdraw" => {
            speak(world, at, verb, &order).map(|done| format!("{done} {name}"))
        }
        _ => change(world, at, verb, &order).map(|became| format!("{name} {became}")),
    }
}

/// What its author or the one who merges does.
fn change<W: DemoWorld>(
    world: &mut W,
    at: At,
    verb: &str,
    order: &Order<'_>,
) -> Result<String, Problem> {
    let became = match verb {
        "draft" => world.set_draft_of(at, true).map(|()| "is a draft")?,
        "ready" => world
            .set_draft_of(at, false)
            .map(|()| "is ready for review")?,
        "conflict" => world
            .set_against_base(at)
            .map(|()| "conflicts with its base")?,
        "close" => world.close(at).map(|()| "is closed")?,
        "reopen" => world.reopen(at).map(|()| "is open again")?,
        "merge" => {
            let by = somebody_but(&world.look_at(at)?.author, order);
            world.merge(at, &by).map(|()| "is merged")?
        }
        "label" => {
            let word = order.text("label").unwrap_or("important");
            world.put_label(at, word)?;
            return Ok(format!("has the label {word}"));
        }
        _unknown => return Err(Problem::refused(format!("there is no verb {verb:?}"))),
    };
    Ok(became.to_owned())
}

fn open<W: DemoWorld>(
    world: &mut W,
    repo: u64,
    full_name: &str,
    order: &Order<'_>,
) -> Result<String, Problem> {
    let title = order.text("title").unwrap_or("Try something new");
    let at = world.open(PullPlan {
        repo,
        title: title.to_owned(),
        author: order.text("by").unwrap_or("ada").to_owned(),
        base: order.text("base").map(str::to_owned),
        fork: order.is_set("fork"),
        draft: order.is_set("draft"),
        ..PullPlan::default()
    })?;
    Ok(format!(
        "opened {full_name}{}{}: {title}",
        W::MARK,
        at.number
    ))
}

fn speak<W: DemoWorld>(
    world: &mut W,
    at: At,
    verb: &str,
    order: &Order<'_>,
) -> Result<String, Problem> {
    let pull = world.look_at(at)?;
    let by = somebody_but(&pull.author, order);
    let (opinion, done) = match verb {
        "approve" => (Opinion::Approves, "approved"),
        "request-changes" => (Opinion::WantsChanges, "requested changes on"),
        "comment" => (Opinion::Comments, "commented on"),
        _withdraw => {
            let by = order.text("by").map(str::to_owned);
            let by = by.or_else(|| pull.approvers.into_iter().next());
            let by = by.ok_or_else(|| Problem::refused("nobody approves it"))?;
            world.withdraw(at, &by)?;
            return Ok(format!("{by} no longer approves"));
        }
    };
    world.admit(at.repo, &by, false)?;
    world.review(at, &by, opinion)?;
    Ok(format!("{by} {done}"))
}

/// One check comes to stand as told, or all that the head has, or a new one called `ci/build`.
fn stand<W: DemoWorld>(
    world: &mut W,
    at: At,
    verb: &str,
    order: &Order<'_>,
) -> Result<(String, &'static str), Problem> {
    let wanted = order.text("check");
    let (standing, word) = match (verb, order.text("state").unwrap_or("success")) {
        ("pass", _) | ("status", "success") => (Standing::Passed, "passed"),
        ("fail", _) | ("status", "failure" | "error") => (Standing::Failed, "failed"),
        ("run", _) | ("status", "pending") => (Standing::Running, "runs"),
        (_, state) => return Err(Problem::refused(format!("a status is not {state:?}"))),
    };
    if verb == "status" {
        let name = wanted.unwrap_or("ci/external");
        world.report_outside(at, name, standing)?;
        return Ok((name.to_owned(), word));
    }
    let known = world.look_at(at)?.checks.into_iter().map(|own| own.name);
    let mut names: Vec<String> = known
        .filter(|name| wanted.is_none_or(|wanted| wanted == name))
        .collect();
    if names.is_empty() {
        names.push(wanted.unwrap_or("ci/build").to_owned());
    }
    for name in &names {
        world.report(at, name, standing)?;
    }
    Ok((names.join(", "), word))
}

/// By full name, or by the name alone where that is unique.
fn find<W: DemoWorld>(world: &W, name: &str) -> Result<(u64, String), Problem> {
    let repos = world.repositories().into_iter();
    let mut found: Vec<(u64, String)> = repos
        .filter(|repo| {
            repo.full_name.eq_ignore_ascii_case(name) || repo.name().eq_ignore_ascii_case(name)
        })
        .map(|repo| (repo.id, repo.full_name))
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(found), true) => Ok(found),
        (Some(_), false) => Err(Problem::refused(format!("there are several {name:?}"))),
        (None, _) => Err(Problem::missing(format!("repository {name:?}"))),
    }
}

fn somebody_but(author: &str, order: &Order<'_>) -> String {
    let somebody = if author == "grace" { "alan" } else { "grace" };
    order.text("by").unwrap_or(somebody).to_owned()
}

fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}
