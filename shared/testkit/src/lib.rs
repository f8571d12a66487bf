//! The fake providers, the local cloud and the verbs stories are told with.

pub mod cloud;
pub mod front_door;
