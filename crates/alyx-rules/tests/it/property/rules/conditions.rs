//! Random conditions.

use super::{
    Text,
    scope::{Kind, Scope},
};

const COMPARABLE: [Kind; 8] =
    [Kind::Text, Kind::Int, Kind::Double, Kind::Moment, Kind::Duration, Kind::Bytes, Kind::Bool, Kind::Json];

impl Scope<'_, '_> {
    /// A condition; `exists_in` may stand in it where nothing needs its value.
    pub(super) fn condition(&mut self, depth: usize, may_ask: bool) -> Text {
        if depth == 0 {
            return self.atom(1);
        }
        match self.choices.below(12) {
            0 | 1 => self.group("&&", depth - 1, may_ask),
            2 | 3 => self.group("||", depth - 1, may_ask),
            4 => {
                self.feature("!");
                Text::with("!({})", &[&self.condition(depth - 1, may_ask)])
            }
            5 => {
                self.feature("?:");
                let condition = self.condition(depth - 1, may_ask);
                let (then, otherwise) = (self.condition(depth - 1, may_ask), self.condition(depth - 1, may_ask));
                Text::with("({} ? {} : {})", &[&condition, &then, &otherwise])
            }
            6 | 7 if may_ask && self.exists_in < 3 && self.documents.len() < 4 => self.exists_in(depth - 1),
            8 => self.bound(depth - 1, may_ask),
            _ => self.atom(depth),
        }
    }

    fn group(&mut self, sign: &'static str, depth: usize, may_ask: bool) -> Text {
        self.feature(sign);
        let mut text = self.condition(depth, may_ask);
        for _ in 0..=self.choices.below(3) {
            text = Text::with(&format!("{{}} {sign} {{}}"), &[&text, &self.condition(depth, may_ask)]);
        }
        Text::with("({})", &[&text])
    }

    fn exists_in(&mut self, depth: usize) -> Text {
        self.feature("exists_in");
        self.exists_in += 1;
        let collection = self.choices.of(&["memberships", "users", "teams", "posts"]);
        let name = self.new_name("m");
        self.documents.push((name.clone(), collection));
        let body = self.condition(depth.max(1), true);
        self.documents.pop();
        Text::new(
            format!("exists_in(\"{collection}\", {name}, {})", body.ours),
            format!("all_{collection}.exists({name}, {})", body.oracle),
        )
    }

    /// `cel.bind`, in whose place the oracle has the value itself.
    fn bound(&mut self, depth: usize, may_ask: bool) -> Text {
        self.feature("bind");
        let kind = self.choices.of(&[Kind::Text, Kind::Int, Kind::Bool]);
        let value = self.term(kind, depth.min(1));
        let name = self.new_name("b");
        self.variables.push((Text::new(name.clone(), format!("({})", value.oracle)), kind));
        let body = self.condition(depth, may_ask);
        self.variables.pop();
        Text::new(format!("cel.bind({name}, {}, {})", value.ours, body.ours), body.oracle)
    }

    fn atom(&mut self, depth: usize) -> Text {
        match self.choices.below(13) {
            0 => self.equality(depth),
            1 => self.order(depth),
            2 => self.null_test(),
            3 => self.membership(depth),
            4 => self.text_test(depth),
            5 => self.over_items(depth),
            6 => self.has(),
            7 => {
                self.feature("bool field");
                self.flag()
            }
            8 => self.fields(),
            9 => self.callers_own(),
            10 => self.json_test(),
            11 => self.recent(),
            _ => Text::same(self.choices.of(&["true", "false"])),
        }
    }

    fn equality(&mut self, depth: usize) -> Text {
        self.feature("==");
        let kind = self.choices.of(&COMPARABLE);
        let sign = self.choices.of(&["==", "!="]);
        let (left, right) = (self.term(kind, depth), self.term(kind, depth));
        Text::with(&format!("{{}} {sign} {{}}"), &[&left, &right])
    }

    fn order(&mut self, depth: usize) -> Text {
        self.feature("<");
        let kind = self.choices.of(&COMPARABLE);
        let sign = self.choices.of(&["<", "<=", ">", ">="]);
        let left = self.term(kind, depth);
        let right = match (kind, self.choices.below(4)) {
            // Numbers of all types have one order.
            (Kind::Int, 0) => self.term(Kind::Double, depth),
            (Kind::Double, 0) => self.term(Kind::Int, depth),
            (Kind::Int | Kind::Double, 1) => {
                self.feature("uint");
                Text::same(self.choices.of(&["2u", "0u", "18446744073709551615u"]))
            }
            _ => self.term(kind, depth),
        };
        Text::with(&format!("{{}} {sign} {{}}"), &[&left, &right])
    }

    fn null_test(&mut self) -> Text {
        self.feature("null test");
        let sign = self.choices.of(&["==", "!="]);
        if self.choices.one_in(3) {
            self.feature("anonymous test");
            let tested = self.choices.of(&["auth", "auth.id", "auth.role", "auth.metadata"]);
            let oracle = if sign == "==" { "anonymous" } else { "!anonymous" };
            return Text::new(format!("{tested} {sign} null"), oracle);
        }
        let (field, _) = self.nullable_field();
        Text::with(&format!("{{}} {sign} null"), &[&field])
    }

    fn membership(&mut self, depth: usize) -> Text {
        self.feature("in");
        let item = self.term(Kind::Text, depth.min(1));
        let list = match self.choices.below(3) {
            0 => {
                let others = [self.term(Kind::Text, 0), self.literal(Kind::Text), self.literal(Kind::Text)];
                Text::with("[{}, {}, {}]", &[&others[0], &others[1], &others[2]])
            }
            1 => {
                self.feature("json");
                self.json()
            }
            _ => self.term(Kind::Texts, depth),
        };
        Text::with("({}) in {}", &[&item, &list])
    }

    fn text_test(&mut self, depth: usize) -> Text {
        let name = self.choices.of(&["contains", "startsWith", "endsWith", "matches"]);
        self.feature(name);
        let text = match self.choices.below(2) {
            0 => self.field_or(Kind::Text, "title"),
            _ => self.receiver(Kind::Text, depth.min(1)),
        };
        let argument = match (name, self.choices.below(3)) {
            ("matches", _) => Text::same(self.choices.of(&["'^a'", "'[bu]1?$'", "'.*'", "'^(a|b)+$'"])),
            (_, 0) => self.term(Kind::Text, depth.min(1)),
            _ => self.literal(Kind::Text),
        };
        Text::with(&format!("{{}}.{name}({{}})"), &[&text, &argument])
    }

    fn over_items(&mut self, depth: usize) -> Text {
        let name = self.choices.of(&["exists", "all", "exists_one"]);
        self.feature(name);
        if self.choices.below(3) == 0 {
            // The form that an index of items can answer.
            let list = self.field_or(Kind::Texts, "labels");
            let (item, sign) = (self.literal(Kind::Text), if name == "all" { "!=" } else { "==" });
            let variable = Text::same(self.new_name("t"));
            return Text::with(&format!("{{}}.{name}({{}}, {{}} {sign} {{}})"), &[&list, &variable, &variable, &item]);
        }
        self.over_texts(&format!("{{}}.{name}({{}}, {{}})"), depth, |scope, depth| scope.condition(depth, false))
    }

    fn has(&mut self) -> Text {
        self.feature("has");
        match self.choices.below(4) {
            0 => {
                let relation = self.relation();
                Text::new(format!("has({})", relation.ours), format!("{} != null", relation.oracle))
            }
            1 => {
                let tested = self.choices.of(&["auth.id", "auth.email"]);
                Text::new(format!("has({tested})"), "!anonymous")
            }
            2 => {
                let all = ["request.body.s", "auth.metadata.s", "doc.extra.s", "doc.extra.o.s"];
                let tested = self.choices.of(if self.is_about("posts") { &all } else { &all[..2] });
                Text::same(format!("has({tested})"))
            }
            _ => {
                let (field, _) = self.nullable_field();
                Text::new(format!("has({})", field.ours), format!("{} != null", field.oracle))
            }
        }
    }

    /// Two fields against each other, such as stand in two documents.
    fn fields(&mut self) -> Text {
        let kind = self.choices.of(&[Kind::Text, Kind::Int, Kind::Moment, Kind::Double, Kind::Bool, Kind::Bytes]);
        let (left, right) = (self.field(kind), self.field(kind));
        let (Some(left), Some(right)) = (left, right) else { return self.null_test() };
        let sign = match kind {
            Kind::Bool | Kind::Bytes => self.choices.of(&["==", "!="]),
            _ => self.choices.of(&["==", "!=", "<", ">="]),
        };
        self.feature("order of fields");
        Text::with(&format!("{{}} {sign} {{}}"), &[&left, &right])
    }

    /// What most rules ask: whether something is the caller's.
    fn callers_own(&mut self) -> Text {
        self.feature("auth");
        let field = self.field_or(Kind::Text, "author_id");
        let template = self.choices.of(&[
            "auth.id == {}",
            "{} != auth.id",
            "auth.role == {}",
            "{} in auth.metadata.teams",
            "auth.metadata.teams.exists(x, x == {})",
            "auth.metadata.teams.all(x, {} != x)",
        ]);
        Text::with(template, &[&field])
    }

    fn json_test(&mut self) -> Text {
        self.feature("json");
        let json = self.json();
        let template = self.choices.of(&[
            "{} == 'a'",
            "{} == 1",
            "{} != 2.5",
            "{} == null",
            "{} > 1",
            "'a' in {}",
            "size({}) == 1",
            "{} == true",
            "{}.exists(x, x == 'ab')",
        ]);
        Text::with(template, &[&json])
    }

    /// A field of moments within a time of the request.
    fn recent(&mut self) -> Text {
        self.feature("shifted moment");
        self.feature("request");
        let field = self.field_or(Kind::Moment, "edited_at");
        let length = self.literal(Kind::Duration);
        let sign = self.choices.of(&["<", "<=", ">", ">=", "==", "!="]);
        let template = match self.choices.below(4) {
            0 => format!("request.time - {{}} {sign} {{}}"),
            1 => format!("{{}} - request.time {sign} {{}}"),
            2 => format!("{{}} + {{}} {sign} request.time"),
            _ => format!("{{}} - {{}} {sign} request.time"),
        };
        Text::with(&template, &[&field, &length])
    }
}
