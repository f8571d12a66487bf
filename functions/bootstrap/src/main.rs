//! The one binary: `_HANDLER` names the function it becomes.

fn main() {}
