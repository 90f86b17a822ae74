//! A page that posts a form by itself, as providers send with `response_mode=form_post`.

/// A form with the values that it comes with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) fields: Vec<(String, String)>,
}

impl Form {
    /// The form of a page whose script submits it at once.
    pub(super) fn submitted_by(page: &str) -> Option<Self> {
        let tags = || page.split('<').skip(1).filter_map(|rest| rest.split('>').next());
        let form =
            tags().find(|tag| tag.starts_with("form ") && attribute(tag, "method").as_deref() == Some("post"))?;
        if !page.contains(".submit()") {
            return None;
        }
        let inputs = tags().filter(|tag| tag.starts_with("input "));
        let fields = inputs.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)));
        Some(Self { action: attribute(form, "action")?, fields: fields.collect() })
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescape(rest.split('"').next()?))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn only_a_page_with_a_script_submits_its_form() {
        let form =
            r#"<form method="post" action="/a?b=1&amp;c=2"><input type="hidden" name="x" value="&lt;&quot;"></form>"#;
        let page = format!(r#"<body onload="document.forms[0].submit()">{form}"#);
        let fields = vec![("x".to_owned(), "<\"".to_owned())];
        assert_eq!(Form::submitted_by(&page), Some(Form { action: "/a?b=1&c=2".to_owned(), fields }));
        assert_eq!(Form::submitted_by(form), None);
    }
}
