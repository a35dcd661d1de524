//! From where a bare name may mean a member.

/// From where the name of a member alone may mean it: behind a value of which nothing is known, `x.name`.
///
/// It is kept as the attribute [`ATTRIBUTE`](Self::ATTRIBUTE) of a node. Paths that are known to lead to the member do not
/// ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach<'a> {
    /// From all files of the family of languages: what is said without the attribute.
    Everywhere,
    /// From nowhere: it is a member of the type and not of its values, as a `static` one.
    Nowhere,
    /// From everywhere, but the language's own values have a member of this name as well: it is never guessed.
    Doubtful,
    /// From inside of the type whose member it is, in whichever file.
    Holder,
    /// From its own file.
    File,
    /// From the files of its namespace, a package.
    Namespace,
    /// From the files of this namespace, written without the family, and of those below it.
    Below(&'a str),
}

impl<'a> Reach<'a> {
    /// The name of the attribute.
    pub const ATTRIBUTE: &'static str = "reach";

    const BELOW: &'static str = "below:";

    /// As the value of the attribute; none for [`Everywhere`](Self::Everywhere), which is said by having none.
    #[must_use]
    pub fn to_text(self) -> Option<String> {
        let word = match self {
            Self::Everywhere => return None,
            Self::Nowhere => "nowhere",
            Self::Doubtful => "doubtful",
            Self::Holder => "holder",
            Self::File => "file",
            Self::Namespace => "namespace",
            Self::Below(stem) => return Some(format!("{}{stem}", Self::BELOW)),
        };
        Some(word.to_owned())
    }

    /// What a value of the attribute says. An unknown word says nothing.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        match text {
            "nowhere" => Self::Nowhere,
            "doubtful" => Self::Doubtful,
            "holder" => Self::Holder,
            "file" => Self::File,
            "namespace" => Self::Namespace,
            _ => text.strip_prefix(Self::BELOW).map_or(Self::Everywhere, Self::Below),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;

    #[test]
    fn what_is_written_is_read() {
        for reach in [
            Reach::Nowhere,
            Reach::Doubtful,
            Reach::Holder,
            Reach::File,
            Reach::Namespace,
            Reach::Below(""),
            Reach::Below("a/src"),
        ] {
            assert_eq!(reach.to_text().as_deref().map(Reach::parse), Some(reach));
        }
        assert_eq!(Reach::Everywhere.to_text(), None);
        assert_eq!(Reach::parse("far"), Reach::Everywhere);
    }
}
