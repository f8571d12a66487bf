//! Every minute: finds due work and queues it.
