//! The spellings that `rename_all` knows: those of serde.

/// A way to write a name of several words.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    name: &'static str,
    separator: &'static str,
    first: Word,
    others: Word,
}

#[derive(Clone, Copy)]
enum Word {
    Lower,
    Upper,
    Capital,
}

const fn case(name: &'static str, separator: &'static str, first: Word, others: Word) -> Case {
    Case { name, separator, first, others }
}

const CASES: [Case; 8] = [
    case("lowercase", "", Word::Lower, Word::Lower),
    case("UPPERCASE", "", Word::Upper, Word::Upper),
    case("PascalCase", "", Word::Capital, Word::Capital),
    case("camelCase", "", Word::Lower, Word::Capital),
    case("snake_case", "_", Word::Lower, Word::Lower),
    case("SCREAMING_SNAKE_CASE", "_", Word::Upper, Word::Upper),
    case("kebab-case", "-", Word::Lower, Word::Lower),
    case("SCREAMING-KEBAB-CASE", "-", Word::Upper, Word::Upper),
];

impl Case {
    pub(crate) fn named(name: &str) -> Option<Self> {
        CASES.into_iter().find(|case| case.name == name)
    }

    /// All there are, for messages.
    pub(crate) fn names() -> String {
        CASES.map(|case| format!("`{}`", case.name)).join(", ")
    }

    /// A variant's name, whose words begin with capitals, in this spelling.
    pub(crate) fn apply(self, variant: &str) -> String {
        let words = words(variant);
        let spelled = words.iter().enumerate().map(|(index, word)| {
            let style = if index == 0 { self.first } else { self.others };
            match style {
                Word::Lower => word.to_lowercase(),
                Word::Upper => word.to_uppercase(),
                Word::Capital => word.clone(),
            }
        });
        spelled.collect::<Vec<_>>().join(self.separator)
    }
}

fn words(variant: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for character in variant.chars() {
        match words.last_mut() {
            Some(word) if !character.is_uppercase() => word.push(character),
            _ => words.push(character.to_string()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (name, expected) in [
            ("lowercase", "mostrecent"),
            ("UPPERCASE", "MOSTRECENT"),
            ("PascalCase", "MostRecent"),
            ("camelCase", "mostRecent"),
            ("snake_case", "most_recent"),
            ("SCREAMING_SNAKE_CASE", "MOST_RECENT"),
            ("kebab-case", "most-recent"),
            ("SCREAMING-KEBAB-CASE", "MOST-RECENT"),
        ] {
            assert_eq!(Case::named(name).map(|case| case.apply("MostRecent")).as_deref(), Some(expected));
        }
        assert!(Case::named("Title Case").is_none());
    }
}
