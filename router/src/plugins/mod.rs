//! What this router adds to Hive Router, one plug-in a file. Each is turned on in `router.yaml`.

pub(crate) mod admission;
pub(crate) mod client_address;
pub(crate) mod document_recorder;
pub(crate) mod errors;
pub(crate) mod operation_size;
pub(crate) mod playground;
pub(crate) mod request_id;
pub(crate) mod response_headers;
