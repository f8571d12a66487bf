//! Stories of the pipeline: the fake GitHub on one side, the table on the other, and between them
//! ingest, recompute and sync as the functions run them.

mod calls;
mod deliveries;
mod lights;
mod losses;
mod replays;
mod untracked;
mod world;
