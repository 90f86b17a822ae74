//! Settings that are one of a few words.

/// Declares an enum whose variants are words of the configuration.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])+
        $name:ident { $($(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal,)+ }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $variant_doc])+ $variant,)+
        }

        impl $name {
            /// The word for it in the configuration.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::value::Value for $name {
            fn kind() -> $crate::Kind {
                $crate::Kind::Choice(&[$($word),+])
            }

            fn parse(text: &str) -> Result<Self, $crate::value::Wrong> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::value::Wrong::default()),
                }
            }

            fn redacted(&self) -> serde_json::Value {
                self.as_str().into()
            }
        }
    };
}

pub(crate) use choice;
