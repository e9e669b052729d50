//! An error with all that lies behind it: an outer message that hides its cause helps nobody.

/// The error's text, and after a colon each that caused it and that is not said already. One line, if the texts are.
#[must_use]
pub fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{words}")]
    struct Outer {
        words: &'static str,
        #[source]
        cause: io::Error,
    }

    #[test]
    fn causes_are_told_once() {
        let cause = || io::Error::other("no route");
        assert_eq!(told(&Outer { words: "cannot send", cause: cause() }), "cannot send: no route");
        assert_eq!(told(&Outer { words: "cannot send (no route)", cause: cause() }), "cannot send (no route)");
        assert_eq!(told(&cause()), "no route");
    }
}
