//! A project folder read, checked, migrated and served.
