//! A ServiceNow connector done right, and its sins.
