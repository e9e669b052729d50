//! The frameworks and checks that are built in: every TOML file below `controls/`, listed by the build script.

include!(concat!(env!("OUT_DIR"), "/controls.rs"));
