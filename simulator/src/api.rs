//! The instance's REST APIs: one file each, and the table of their routes.
