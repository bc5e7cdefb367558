//! Reports out of logs that are made here.
