//! What can go wrong between a batch and its destination.

use std::error::Error;
use std::io;

use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use parquet::errors::ParquetError;

/// Why a result set could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The reader of the output went away, as `head` does when it has seen enough: not a failure.
    #[error("the reader of the output closed it")]
    Closed,
    /// The destination refused the bytes.
    #[error("cannot write the output")]
    Io(#[source] io::Error),
    /// A value has no form in the format.
    #[error("cannot write a value of the result")]
    Value(#[source] Box<dyn Error + Send + Sync>),
    /// A column's type has no form in any format.
    #[error("cannot write column `{column}` of type {data_type}")]
    Unsupported {
        /// The column's name.
        column: String,
        /// Its type.
        data_type: DataType,
    },
    /// A file of bytes, asked for on a terminal.
    #[error("parquet is not text and does not belong on a terminal")]
    Terminal,
}

impl OutputError {
    /// Whether the reader of the output closed it, after which a program ends quietly and with success.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, OutputError::Closed)
    }

    /// Keeps the kind of an I/O error that came wrapped in another library's error.
    fn unwrap_io(error: Box<dyn Error + Send + Sync>) -> Self {
        error.downcast::<io::Error>().map_or_else(Self::Value, |io| Self::from(*io))
    }
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

impl From<ArrowError> for OutputError {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, io) => Self::from(io),
            ArrowError::ExternalError(inner) => Self::unwrap_io(inner),
            other => Self::Value(Box::new(other)),
        }
    }
}

impl From<ParquetError> for OutputError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(inner) => Self::unwrap_io(inner),
            other => Self::Value(Box::new(other)),
        }
    }
}
