//! Fixed seed data: the same bytes for every product and every run.

/// The password of every seeded user.
pub(crate) const PASSWORD: &str = "Bench-pass-1234";

/// The address of a seeded user.
pub(crate) fn email(number: usize) -> String {
    format!("user{number:05}@example.com")
}

/// splitmix64: small, seedable, the same everywhere.
#[derive(Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len())]
    }
}

const WORDS: [&str; 32] = [
    "river", "copper", "quiet", "signal", "harbor", "meadow", "lantern", "orbit", "velvet", "cinder", "maple",
    "tundra", "saffron", "glacier", "prairie", "ember", "willow", "cobalt", "marble", "drift", "canyon", "thistle",
    "beacon", "juniper", "raven", "summit", "amber", "hollow", "breeze", "granite", "clover", "mosaic",
];

/// One post of about a kilobyte.
pub(crate) struct Post {
    pub(crate) title: String,
    pub(crate) slug: String,
    pub(crate) content: String,
    pub(crate) author: String,
    pub(crate) published: bool,
    pub(crate) view_count: u64,
    pub(crate) tags: [&'static str; 3],
}

impl Post {
    /// `space` keeps the unique slugs of different workloads apart.
    pub(crate) fn new(space: &str, number: usize, author: &str, published: bool) -> Self {
        let mut random = Random(number as u64 ^ 0xA17C_0000);
        let mut content = String::with_capacity(1100);
        while content.len() < 1024 {
            content.push_str(random.word());
            content.push(' ');
        }
        Self {
            title: format!("{} {} {} {number}", random.word(), random.word(), random.word()),
            slug: format!("{space}-{number}"),
            content: content.trim_end().to_owned(),
            author: author.to_owned(),
            published,
            tags: [random.word(), random.word(), random.word()],
            view_count: number as u64 % 1000,
        }
    }

    /// The post as both products take it.
    pub(crate) fn body(&self) -> serde_json::Value {
        serde_json::json!({"title": self.title, "slug": self.slug, "content": self.content, "author_id": self.author,
            "published": self.published, "view_count": self.view_count, "tags": self.tags})
    }
}
