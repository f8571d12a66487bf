//! `hook-stamps`: records deliveries and refusals of a hook.
