//! The running marketplace, through its router.
