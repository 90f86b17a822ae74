//! Random terms of each type.

use super::{
    Text,
    scope::{Kind, Scope},
};
use crate::property::documents::{MOMENTS, TEXTS};

/// A text as a literal, which both languages read alike.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

impl Scope<'_, '_> {
    /// A term of the type.
    pub(super) fn term(&mut self, kind: Kind, depth: usize) -> Text {
        if self.choices.one_in(3)
            && let Some(variable) = self.variable(kind)
        {
            return variable;
        }
        if self.choices.below(2) == 0
            && let Some(field) = self.field(kind)
        {
            return field;
        }
        if depth == 0 {
            return self.literal(kind);
        }
        match kind {
            Kind::Text => self.text(depth - 1),
            Kind::Int => self.int(depth - 1),
            Kind::Double => self.double(depth - 1),
            Kind::Bool => self.flag(),
            Kind::Moment => self.moment(depth - 1),
            Kind::Duration => self.duration(depth - 1),
            Kind::Texts => self.texts(depth - 1),
            Kind::Json => self.json(),
            Kind::Bytes | Kind::Ints => self.literal(kind),
        }
    }

    pub(super) fn literal(&mut self, kind: Kind) -> Text {
        Text::same(match kind {
            Kind::Text => quoted(self.choices.of(&TEXTS)),
            Kind::Int => self.choices.of(&["0", "1", "2", "-1", "1000000"]).to_owned(),
            Kind::Double => {
                self.feature("double");
                self.choices.of(&["0.0", "0.5", "2.5", "-1.0", "1e10"]).to_owned()
            }
            Kind::Bool => self.choices.of(&["true", "false"]).to_owned(),
            Kind::Moment => format!("timestamp('{}')", self.choices.of(&MOMENTS).replace(".001Z", ".0010001Z")),
            Kind::Duration => format!("duration('{}')", self.choices.of(&["15m", "1ms", "-1h", "2000000h", "0s"])),
            Kind::Bytes => {
                self.feature("bytes");
                self.choices.of(&["b'a'", "b''", "b'u1'"]).to_owned()
            }
            Kind::Texts => {
                self.feature("constant list");
                self.choices.of(&["['a', 'b']", "['u1', 'u2', 't1']", "['live']", "[]"]).to_owned()
            }
            Kind::Ints => self.choices.of(&["[1, 2]", "[0]", "[]"]).to_owned(),
            Kind::Json => self.choices.of(&["dyn(1)", "dyn('a')", "dyn(null)", "dyn([1])"]).to_owned(),
        })
    }

    fn text(&mut self, depth: usize) -> Text {
        match self.choices.below(9) {
            0 => self.auth(&["auth.id", "auth.role", "auth.email"]),
            1 => self.request(&["request.method", "request.ip", "request.headers['a']", "request.query.a"]),
            2 => {
                self.feature("text function");
                let template = self.choices.of(&["{}.lowerAscii()", "{}.upperAscii()", "{}.trim()", "{}.substring(1)"]);
                Text::with(template, &[&self.receiver(Kind::Text, depth)])
            }
            3 => {
                self.feature("arithmetic");
                Text::with("({} + {})", &[&self.term(Kind::Text, depth), &self.term(Kind::Text, depth)])
            }
            4 => {
                self.feature("conversion");
                Text::with("string({})", &[&self.term(Kind::Int, depth)])
            }
            5 => {
                self.feature("list item");
                Text::with("{}[{}]", &[&self.receiver(Kind::Texts, depth), &self.term(Kind::Int, 0)])
            }
            6 => {
                self.feature("?:");
                let condition = self.condition(depth.min(1), false);
                Text::with(
                    "({} ? {} : {})",
                    &[&condition, &self.term(Kind::Text, depth), &self.term(Kind::Text, depth)],
                )
            }
            7 => {
                self.feature("optional");
                let (field, kind) = self.nullable_field();
                if kind != Kind::Text || field.ours.matches('.').count() > 1 {
                    return self.literal(Kind::Text);
                }
                let (document, name) = field.ours.rsplit_once('.').expect("a field stands behind a dot");
                let oracle = format!("({0} != null ? optional.of({0}) : optional.none()).orValue('a')", field.ours);
                Text::new(format!("{document}.?{name}.orValue('a')"), oracle)
            }
            _ => self.literal(Kind::Text),
        }
    }

    fn int(&mut self, depth: usize) -> Text {
        match self.choices.below(6) {
            0 => {
                self.feature("arithmetic");
                let sign = self.choices.of(&["+", "-", "*", "/", "%"]);
                let left = self.field_or(Kind::Int, "views");
                let right = self.field(Kind::Int).unwrap_or_else(|| Text::same("2"));
                Text::with(&format!("({{}} {sign} {{}})"), &[&left, &right])
            }
            1 => {
                self.feature("size");
                let kind = self.choices.of(&[Kind::Text, Kind::Texts]);
                Text::with("size({})", &[&self.term(kind, depth)])
            }
            2 => {
                self.feature("conversion");
                Text::with("int({})", &[&self.field_or(Kind::Double, "score")])
            }
            3 => {
                self.feature("time");
                let template =
                    self.choices.of(&["{}.getFullYear()", "{}.getHours('Europe/Berlin')", "{}.getDayOfWeek()"]);
                Text::with(template, &[&self.receiver(Kind::Moment, depth)])
            }
            4 => {
                self.feature("arithmetic");
                Text::with("(-{})", &[&self.field_or(Kind::Int, "views")])
            }
            _ => self.literal(Kind::Int),
        }
    }

    fn double(&mut self, depth: usize) -> Text {
        self.feature("double");
        match self.choices.below(3) {
            0 => {
                let sign = self.choices.of(&["+", "-", "*", "/"]);
                Text::with(
                    &format!("({{}} {sign} {{}})"),
                    &[&self.term(Kind::Double, depth), &self.term(Kind::Double, 0)],
                )
            }
            1 => Text::with("double({})", &[&self.term(Kind::Int, depth)]),
            _ => self.literal(Kind::Double),
        }
    }

    pub(super) fn flag(&mut self) -> Text {
        match self.choices.below(3) {
            0 => self.auth(&["auth.verified"]),
            1 => self.field_or(Kind::Bool, "pinned"),
            _ => self.literal(Kind::Bool),
        }
    }

    fn moment(&mut self, depth: usize) -> Text {
        self.feature("time");
        match self.choices.below(4) {
            0 => self.request(&["request.time"]),
            1 => {
                self.feature("shifted moment");
                let field = self.field_or(Kind::Moment, "edited_at");
                let template = self.choices.of(&["({} + {})", "({} - {})"]);
                Text::with(template, &[&field, &self.term(Kind::Duration, depth.min(1))])
            }
            _ => self.literal(Kind::Moment),
        }
    }

    fn duration(&mut self, _depth: usize) -> Text {
        self.feature("duration");
        match self.choices.below(3) {
            0 => {
                self.feature("shifted moment");
                let field = self.field_or(Kind::Moment, "created_at");
                let other = match self.choices.below(3) {
                    0 => self.field_or(Kind::Moment, "edited_at"),
                    1 => self.literal(Kind::Moment),
                    _ => self.request(&["request.time"]),
                };
                let parts = if self.choices.below(2) == 0 { [&field, &other] } else { [&other, &field] };
                Text::with("({} - {})", &parts)
            }
            _ => self.literal(Kind::Duration),
        }
    }

    fn texts(&mut self, depth: usize) -> Text {
        match self.choices.below(6) {
            0 => {
                self.feature("text function");
                Text::with("{}.split('b')", &[&self.receiver(Kind::Text, depth)])
            }
            1 => Text::with("[{}, {}]", &[&self.term(Kind::Text, depth), &self.term(Kind::Text, 0)]),
            2 => {
                self.feature("filter");
                self.over_texts("{}.filter({}, {})", depth, |scope, depth| scope.condition(depth, false))
            }
            3 => {
                self.feature("map");
                self.over_texts("{}.map({}, {})", depth, |scope, depth| scope.term(Kind::Text, depth))
            }
            4 => {
                self.feature("metadata");
                self.auth(&["auth.metadata.teams", "auth.metadata['teams']"])
            }
            _ => self.literal(Kind::Texts),
        }
    }

    /// A macro over texts, whose body may use the item.
    pub(super) fn over_texts(
        &mut self,
        template: &str,
        depth: usize,
        body: impl FnOnce(&mut Self, usize) -> Text,
    ) -> Text {
        let range = self.receiver(Kind::Texts, depth);
        let name = Text::same(self.new_name("t"));
        self.variables.push((name.clone(), Kind::Text));
        let body = body(self, depth.min(2));
        self.variables.pop();
        Text::with(template, &[&range, &name, &body])
    }

    pub(super) fn json(&mut self) -> Text {
        match self.choices.below(4) {
            0 => {
                self.feature("body");
                self.request(&["request.body.s", "request.body['l']", "request.body.o.n", "request.body.n"])
            }
            1 => {
                self.feature("metadata");
                self.auth(&["auth.metadata.s", "auth.metadata.n", "auth.metadata.l", "auth.metadata['o']"])
            }
            _ => {
                self.feature("json");
                let field = self.field_or(Kind::Json, "extra");
                let template = self.choices.of(&["{}.s", "{}.n", "{}.l", "{}.o", "{}.o.s", "{}['l']", "{}"]);
                Text::with(template, &[&field])
            }
        }
    }

    fn auth(&mut self, texts: &[&str]) -> Text {
        self.feature("auth");
        Text::same(self.choices.of(texts))
    }

    fn request(&mut self, texts: &[&str]) -> Text {
        self.feature("request");
        Text::same(self.choices.of(texts))
    }

    /// A term that a method can be written behind.
    pub(super) fn receiver(&mut self, kind: Kind, depth: usize) -> Text {
        Text::with("({})", &[&self.term(kind, depth)])
    }
}
