//! Bodies that once broke a parser, one test each.
