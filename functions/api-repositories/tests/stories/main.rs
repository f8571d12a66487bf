//! Stories of repositories, told through the routes against the fake GitHub and the local cloud.

mod reading;
mod secrets;
mod tracking;
mod untracking;
mod world;
