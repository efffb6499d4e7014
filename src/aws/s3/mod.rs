//! Objects in S3, and in stores that speak its language: listed, read, written.
//!
//! Reading needs `s3:ListBucket` on the bucket and `s3:GetObject` on what is in it, and nothing else:
//! no request is made to find out what a bucket is before something is wanted of it.

mod bucket;
mod endpoint;
mod get;
mod list;
mod location;
mod many;
mod pasted;
mod pause;
mod put;
mod ranged;
mod region;
mod trouble;
mod walk;

pub use bucket::{Bucket, S3Options};
pub use list::{Listed, Object, Scope};
pub use location::Location;
pub use put::{Before, Head, Put, PutOptions};
pub use ranged::{Fetch, RangedReader};
