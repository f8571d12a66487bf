//! The objects a query walks over, and how their fields become answers.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::{JsonMap, JsonValue};
use serde_json::Value;

use super::connection::Connection;
use super::{pipelines, projects, pulls, users};
use crate::gitlab::model::{Job, Pipeline, Pull, PullRef, Repo, User};
use crate::gitlab::rest::Caller;
use crate::gitlab::world::World;

/// What every resolver may look at.
pub(super) struct Context<'w> {
    pub(super) world: &'w World,
    pub(super) caller: &'w Caller,
    /// What the query weighs.
    pub(super) score: u64,
    /// Merge requests that were checked for conflicts on the spot.
    pub(super) checked: RefCell<BTreeSet<PullRef>>,
}

/// An object of the graph.
#[derive(Clone)]
pub(super) enum Thing<'w> {
    Root,
    /// A user, by the type that the place gives it.
    User(&'static str, &'w User),
    /// A user beside a merge request.
    Participant(&'static str, &'w Repo, &'w Pull, &'w User),
    Repo(&'w Repo),
    Pull(&'w Repo, &'w Pull),
    Pipeline(&'w Repo, &'w Pipeline),
    Job(&'w Repo, &'w Job),
    Connection(Rc<Connection<'w>>),
    Edge(String, Rc<Thing<'w>>),
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
        let value = self.0.get(name).and_then(JsonValue::as_str);
        value.map(str::to_owned)
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(JsonValue::as_u64)
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(JsonValue::as_bool)
    }

    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.0.get(name)?.as_array()?.iter();
        let texts = items.filter_map(JsonValue::as_str).map(str::to_owned);
        Some(texts.collect())
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
        let name = format!("{}.{field}", self.type_name());
        if context.world.broken_fields.contains(&name) {
            return Err(format!("Timeout on {name}"));
        }
        match &self.thing {
            Thing::Root => projects::root(context, field, args),
            Thing::User(_, user) => users::user(context, user, field),
            Thing::Participant(_, repo, pull, user) => {
                users::participant(context, repo, pull, user, field)
            }
            Thing::Repo(repo) => projects::repo(context, repo, field, args),
            Thing::Pull(repo, pull) => pulls::pull(context, repo, pull, field, args),
            Thing::Pipeline(repo, pipeline) => {
                pipelines::pipeline(context, repo, pipeline, field, args)
            }
            Thing::Job(repo, job) => pipelines::job(repo, job, field),
            Thing::Connection(connection) => connection.field(field),
            Thing::Edge(cursor, node) => match field {
                "cursor" => Ok(Out::leaf(cursor.as_str())),
                "node" => Ok(Out::One(Thing::clone(node))),
                _ => unknown("Edge", field),
            },
            Thing::Plain(value) => value.get(field).map_or_else(
                || unknown("Plain", field),
                |value| Ok(Out::leaf(value.clone())),
            ),
        }
    }

    fn convert<'a>(&self, out: Out<'w>) -> ResolvedValue<'a>
    where
        'c: 'a,
    {
        let context = self.context;
        match out {
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
            Thing::User(name, _) | Thing::Participant(name, ..) => name,
            Thing::Repo(_) => "Project",
            Thing::Pull(..) => "MergeRequest",
            Thing::Pipeline(..) => "Pipeline",
            Thing::Job(..) => "CiJob",
            Thing::Connection(connection) => connection.type_name,
            Thing::Edge(..) => "MergeRequestEdge",
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
    Err(format!("the fake GitLab cannot answer {type_name}.{field}"))
}

/// A global id.
pub(super) fn gid(kind: &str, id: u64) -> String {
    format!("gid://gitlab/{kind}/{id}")
}
