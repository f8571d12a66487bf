//! Functions as the processes they are in the cloud: the real binary, fed by a runtime API.

mod corpus;
mod killed;
mod poison;
mod world;
