//! Rows of the `analytic` module.
