//! The objects a query walks over, and how their fields become answers.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::{JsonMap, JsonValue};
use serde_json::Value;

use super::connection::Connection;
use super::cost::Cost;
use super::{checks, plain, pulls, repositories};
use crate::github::model::{
    CheckRun, CheckSuite, Commit, Pull, PullRef, Repo, Review, StatusUpdate, User, UserKind,
};
use crate::github::rest::Caller;
use crate::github::world::World;

/// Begins the message of an error that belongs to the object around the field it happened at.
pub(super) const DENIED: &str = "denied: ";

/// What every resolver may look at.
pub(super) struct Context<'w> {
    pub(super) world: &'w World,
    pub(super) caller: &'w Caller,
    pub(super) cost: Cost,
    /// Pull requests whose mergeability was asked for.
    pub(super) asked: RefCell<BTreeSet<PullRef>>,
}

/// An object of the graph.
#[derive(Clone)]
pub(super) enum Thing<'w> {
    Root,
    User(&'w User),
    Repo(&'w Repo),
    Pull(&'w Repo, &'w Pull),
    Review(&'w Repo, &'w Pull, &'w Review),
    Commit(&'w Repo, &'w Commit),
    PullCommit(&'w Repo, &'w Pull, &'w Commit),
    Branch(&'w Repo, &'w str, &'w str),
    Rollup(&'w Repo, &'w str),
    Run(&'w Repo, &'w CheckRun),
    Suite(&'w Repo, &'w CheckSuite),
    Status(&'w Repo, &'w StatusUpdate),
    Connection(Rc<Connection<'w>>),
    /// Something in a list that may not be shown: its type, and why. All its fields are errors,
    /// which become one error at its place in the list.
    Denied(&'static str, String),
    /// An object that is nothing but its JSON, which names its type in `__typename`.
    Plain(Rc<Value>),
}

/// What a field resolves to.
pub(super) enum Out<'w> {
    Leaf(Value),
    One(Thing<'w>),
    Many(Vec<Thing<'w>>),
}

/// What a resolver answers; the error's text becomes a GraphQL error at the field's path.
pub(super) type Resolved<'w> = Result<Out<'w>, String>;

impl<'w> Out<'w> {
    pub(super) fn null() -> Self {
        Self::Leaf(Value::Null)
    }

    pub(super) fn leaf(value: impl Into<Value>) -> Self {
        Self::Leaf(value.into())
    }

    /// Anything that serializes, such as a time.
    pub(super) fn json(value: impl serde::Serialize) -> Self {
        Self::Leaf(serde_json::to_value(value).unwrap_or(Value::Null))
    }

    pub(super) fn maybe(thing: Option<Thing<'w>>) -> Self {
        thing.map_or_else(Self::null, Self::One)
    }

    pub(super) fn plain(value: Value) -> Self {
        Self::One(Thing::Plain(Rc::new(value)))
    }
}

/// The arguments of a field.
pub(super) struct Args<'a>(&'a JsonMap);

impl Args<'_> {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0
            .get(name)
            .and_then(JsonValue::as_str)
            .map(str::to_owned)
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(JsonValue::as_u64)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.0
            .get(name)
            .and_then(JsonValue::as_bool)
            .unwrap_or(false)
    }

    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.0.get(name)?.as_array()?;
        Some(
            items
                .iter()
                .filter_map(JsonValue::as_str)
                .map(str::to_owned)
                .collect(),
        )
    }

    /// A text inside an input object.
    pub(super) fn inner(&self, name: &str, key: &str) -> Option<String> {
        let object = self.0.get(name)?.as_object()?;
        object
            .get(key)
            .and_then(JsonValue::as_str)
            .map(str::to_owned)
    }
}

/// A thing together with what its resolvers need.
pub(super) struct Bound<'c, 'w> {
    pub(super) context: &'c Context<'w>,
    pub(super) thing: Thing<'w>,
}

impl<'c, 'w: 'c> Bound<'c, 'w> {
    fn resolved(&self, field: &str, args: &Args<'_>) -> Resolved<'w> {
        let context = self.context;
        match &self.thing {
            Thing::Root => repositories::root(context, field, args),
            Thing::User(user) => plain::user(context, user, field),
            Thing::Repo(repo) => repositories::repo(context, repo, field, args),
            Thing::Branch(repo, name, sha) => {
                repositories::branch(context, repo, name, sha, field, args)
            }
            Thing::Pull(repo, pull) => pulls::pull(context, repo, pull, field, args),
            Thing::Review(repo, pull, review) => pulls::review(context, repo, pull, review, field),
            Thing::PullCommit(repo, pull, commit) => {
                pulls::pull_commit(context, repo, pull, commit, field)
            }
            Thing::Commit(repo, commit) => checks::commit(context, repo, commit, field, args),
            Thing::Rollup(repo, sha) => checks::rollup(context, repo, sha, field, args),
            Thing::Run(repo, run) => checks::run(context, repo, run, field, args),
            Thing::Suite(repo, suite) => checks::suite(context, repo, suite, field, args),
            Thing::Status(repo, status) => checks::status(context, repo, status, field, args),
            Thing::Connection(connection) => connection.field(field),
            Thing::Denied(_, why) => Err(format!("{DENIED}{why}")),
            Thing::Plain(value) => plain::field(value, field),
        }
    }

    fn convert<'a>(&self, out: Out<'w>) -> ResolvedValue<'a>
    where
        'c: 'a,
    {
        let context = self.context;
        match out {
            Out::Leaf(Value::Array(items)) => {
                let leaf = |item| ResolvedValue::leaf(JsonValue::from(item));
                ResolvedValue::list(items.into_iter().map(leaf))
            }
            Out::Leaf(value) => ResolvedValue::leaf(JsonValue::from(value)),
            Out::One(thing) => ResolvedValue::object(Bound { context, thing }),
            Out::Many(things) => {
                let objects = things.into_iter();
                ResolvedValue::list(
                    objects.map(move |thing| ResolvedValue::object(Bound { context, thing })),
                )
            }
        }
    }
}

impl<'c, 'w: 'c> ObjectValue for Bound<'c, 'w> {
    fn type_name(&self) -> &str {
        match &self.thing {
            Thing::Root => "Query",
            Thing::User(user) => match user.kind {
                UserKind::User => "User",
                UserKind::Organization => "Organization",
                UserKind::Bot => "Bot",
            },
            Thing::Repo(_) => "Repository",
            Thing::Pull(..) => "PullRequest",
            Thing::Review(..) => "PullRequestReview",
            Thing::Commit(..) => "Commit",
            Thing::PullCommit(..) => "PullRequestCommit",
            Thing::Branch(..) => "Ref",
            Thing::Rollup(..) => "StatusCheckRollup",
            Thing::Run(..) => "CheckRun",
            Thing::Suite(..) => "CheckSuite",
            Thing::Status(..) => "StatusContext",
            Thing::Connection(connection) => connection.type_name,
            Thing::Denied(type_name, _) => type_name,
            Thing::Plain(value) => value
                .get("__typename")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        }
    }

    fn resolve_field<'a>(
        &'a self,
        info: &'a ResolveInfo<'a>,
    ) -> Result<ResolvedValue<'a>, FieldError> {
        let out = self.resolved(info.field_name(), &Args(info.arguments()));
        out.map(|out| self.convert(out))
            .map_err(|message| FieldError { message })
    }
}

/// The answer for a field of the schema that no resolver knows: a mistake in this fake.
pub(super) fn unknown<'w>(type_name: &str, field: &str) -> Resolved<'w> {
    Err(format!("the fake GitHub cannot answer {type_name}.{field}"))
}
