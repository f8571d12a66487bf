//! The living demo: organizations at all providers, with pull requests in all lights.
//!
//! A provider's world shows the demo by being a [`DemoWorld`]; its lines are in [`script`], what
//! can have become of a pull request in [`scenes`].

mod control;
mod living;
mod organization;
mod scenes;
mod script;
mod seed;
mod stand;
mod state_file;
mod world;

pub(crate) use control::{obey, overview};
pub use living::step;
pub use organization::{DemoRepository, Entry, Organization};
pub use scenes::Scene;
pub(crate) use script::{BITBUCKET, GITEA, GITHUB, GITLAB};
pub(crate) use seed::find;
pub use seed::seed;
pub use stand::{Plot, Stand, StandError};
pub use state_file::StateFile;
pub use world::{At, Check, DemoWorld, Opinion, PullPlan, PullSeen, RepositorySeen, Standing};
