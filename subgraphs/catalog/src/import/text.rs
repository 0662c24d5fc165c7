//! Plain text of what shops export: tags, entities and wild white space.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;

/// Removes every tag, and scripts and styles with what they hold.
static WITHOUT_TAGS: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder.clean_content_tags(HashSet::from(["script", "style", "template"]));
    builder
});

/// Tags after which a line ends where a browser shows the text.
const BREAKS: [&str; 12] =
    ["<br", "</p", "</div", "</li", "</tr", "</h1", "</h2", "</h3", "</h4", "</h5", "</h6", "</ul"];

/// The text that a browser would show of HTML, in lines without indentation. Text that is no HTML stays the same but
/// for its white space.
pub(crate) fn plain(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return spaced(html);
    }
    let mut broken = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        broken.push_str(before);
        let breaks = BREAKS.iter().any(|name| {
            let head = tag.get(..name.len());
            let end = tag.as_bytes().get(name.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(name))
                && end.is_some_and(|end| !end.is_ascii_alphanumeric())
        });
        if breaks {
            broken.push('\n');
        }
        broken.push('<');
        rest = &tag[1..];
    }
    broken.push_str(rest);
    // What is left are texts in which the cleaner escapes just these.
    let text = WITHOUT_TAGS.clean(&broken).to_string();
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ");
    spaced(&text.replace("&amp;", "&"))
}

/// Lines trimmed, blank ones and control characters left out.
fn spaced(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words = line.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    });
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_would_show_the_same_text() {
        let html = "<p>Soft &amp; warm<br/>3 &lt; 4</p><script>alert(1)</script><ul><li>one</li><li>two</li></ul>";
        assert_eq!(plain(html), "Soft & warm\n3 < 4\none\ntwo");
        assert_eq!(plain("<B onclick=x>Bold</B>&nbsp;text &eacute;"), "Bold text é");
        assert_eq!(plain("broken <b unclosed"), "broken");
        assert_eq!(plain("<brand>kept</brand>"), "kept");
    }

    #[test]
    fn text_without_tags_keeps_its_words() {
        assert_eq!(plain("  two\r\n\n  lines\u{7} here "), "two\nlines here");
        assert_eq!(plain("Áo thun\u{a0}đen"), "Áo thun đen");
    }
}
