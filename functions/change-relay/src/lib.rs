//! The table's stream: publishes committed changes to the bus.
