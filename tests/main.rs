//! The one integration binary: each further one would link DataFusion again.

mod corpus;
mod tidy;
