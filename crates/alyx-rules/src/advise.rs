//! What is legal and probably wrong.

use alyx_schema::{Collection, Diagnostic, Field, Severity};
use alyx_yaml::nearest;

use crate::{
    context::{Context, Identity, PlainRequest},
    fault::Fault,
    rule::CompiledRule,
    rule_set::{FieldOperation, Operation, RuleSet},
    tree::{Kind, Node, Operator, RequestPart},
    value::Value,
};

/// Fields of a profile that mirror the account and that no client writes.
const MIRRORED: [&str; 3] = ["email", "role", "verified"];

impl RuleSet {
    /// Warnings, in the order of the file. Roles are those that an account can have; without any, names of roles
    /// are not looked at.
    #[must_use]
    pub fn advise(&self, roles: &[String]) -> Vec<Diagnostic> {
        let mut advice = Vec::new();
        for collection in self.schema.collections.values() {
            for operation in Operation::ALL {
                if let Some(rule) = self.collection_rule(collection, operation) {
                    advice.extend(self.about_open(collection, operation, rule));
                    advice.extend(self.about_deciding(collection, operation, rule));
                    advice.extend(self.about_text(rule, roles));
                }
            }
            for index in 0..collection.fields.len() {
                let both = [FieldOperation::Read, FieldOperation::Write];
                let rules = both.into_iter().filter_map(|operation| self.field_rule(collection, index, operation));
                rules.for_each(|rule| advice.extend(self.about_text(rule, roles)));
            }
        }
        self.channel_rules().for_each(|rule| advice.extend(self.about_text(rule, roles)));
        advice.sort_by_key(|one: &Diagnostic| one.span);
        advice
    }

    fn warning(&self, rule: &CompiledRule, fault: Fault) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..rule.diagnostic(&self.file, fault) }
    }

    /// A write that everybody may do. Registration is open this way on purpose.
    fn about_open(&self, collection: &Collection, operation: Operation, rule: &CompiledRule) -> Option<Diagnostic> {
        let (verb, what) = match operation {
            Operation::Create if !collection.is_auth => ("create", "documents"),
            Operation::Update => ("change", "every document"),
            Operation::Delete => ("delete", "every document"),
            Operation::Read | Operation::Create => return None,
        };
        rule.is_always_true().then(|| {
            let message = format!("everyone may {verb} {what} of \"{}\", signed in or not", collection.name);
            self.warning(rule, Fault::new(0, "rule_open", message).hinted("ask for auth != null at least"))
        })
    }

    /// What the checker noticed.
    fn about_text(&self, rule: &CompiledRule, roles: &[String]) -> Vec<Diagnostic> {
        let mut faults = rule.program.advice.clone();
        let unknown = |name: &str| !roles.is_empty() && !roles.iter().any(|role| role == name);
        for (name, at) in rule.program.roles.iter().filter(|(name, _)| unknown(name)) {
            let fault = Fault::new(*at, "rule_unknown_role", format!("there is no role \"{name}\""));
            let near = nearest(name, roles.iter().map(String::as_str));
            let near = near
                .map_or_else(|| format!("roles are {}", roles.join(", ")), |near| format!("did you mean \"{near}\"?"));
            faults.push(fault.hinted(near));
        }
        faults.into_iter().map(|fault| self.warning(rule, fault)).collect()
    }

    /// A field that decides who may do something, and that those who may update can set.
    fn about_deciding(&self, collection: &Collection, operation: Operation, rule: &CompiledRule) -> Vec<Diagnostic> {
        let Some(update) = self.collection_rule(collection, Operation::Update) else { return Vec::new() };
        if operation == Operation::Create || !may_be_used_by_users(update) {
            return Vec::new();
        }
        let mut advice = Vec::new();
        for (index, at) in &rule.program.deciding {
            let field = &collection.fields[*index];
            let is_mirror = collection.is_auth && MIRRORED.contains(&field.name.as_str());
            let is_kept = field.primary || field.internal || is_mirror || field.rules.write.is_some();
            if is_kept || looks_at_change(&update.program.node, field.name.as_str()) {
                continue;
            }
            let message =
                format!("\"{}\" decides who may {}, and who may update can set it", field.name, operation.name());
            let hint =
                format!("give \"{}\" a rule of its own, such as write: \"{}\"", field.name, self.write_rule_for(field));
            advice.push(self.warning(rule, Fault::new(*at, "rule_deciding_field", message).hinted(hint)));
        }
        advice
    }

    /// A rule that suits the field: whose documents are somebody's may be given to nobody else.
    fn write_rule_for(&self, field: &Field) -> String {
        let target = field.references.as_ref().and_then(|to| self.schema.collection(to.collection.as_str()));
        match target {
            Some(users) if users.is_auth => format!("request.body.{} == auth.id", field.name),
            _ => "auth.role == 'admin'".to_owned(),
        }
    }
}

/// Whether somebody without a special role may pass the rule.
fn may_be_used_by_users(rule: &CompiledRule) -> bool {
    let nobody_special = Identity { id: "\u{1}".to_owned(), role: "\u{1}".to_owned(), ..Identity::default() };
    let request = PlainRequest::default();
    let context = Context { auth: Some(&nobody_special), request: &request };
    rule.decide(&context).predicate() != alyx_query::Predicate::FALSE
}

/// Whether the rule looks at what a field is to become.
fn looks_at_change(node: &Node, field: &str) -> bool {
    let mut looks = false;
    let is_body = |node: &Node| matches!(node.kind, Kind::Request(RequestPart::Body));
    let is_field = |node: &Node| matches!(node.value(), Some(Value::String(name)) if **name == *field);
    node.walk(&mut |part| {
        looks |= match &part.kind {
            Kind::Select(operand, name) | Kind::Has(operand, name) => is_body(operand) && **name == *field,
            Kind::Operator(Operator::Index | Operator::OptionalIndex | Operator::OptionalSelect, operands) => {
                is_body(&operands[0]) && is_field(&operands[1])
            }
            Kind::Operator(Operator::In, operands) => is_body(&operands[1]) && is_field(&operands[0]),
            _ => false,
        };
    });
    looks
}
