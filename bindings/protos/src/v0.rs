// SPDX-License-Identifier: Apache-2.0

//! The v0 API out of the v1 API.
//!
//! An agent is a slave in v0, in all names but three. What differs besides is
//! little, and each difference is a replacement here, which fails loudly if
//! the text that it replaces is gone.

/// Names that came after the renaming, and are the same in v0.
const NOT_RENAMED: [&str; 3] = ["AGENT_UPDATE", "AGENT_DRAINING", "AGENT_OPERATION_FEEDBACK"];

/// The only field that v0 has and v1 has not.
const CHECKPOINT: &str = "  optional bool checkpoint = 7;\n";

/// `mesos/mesos.proto` out of the merged `mesos/v1/mesos.proto`.
pub(crate) fn vocabulary(v1: &str) -> String {
    let with_checkpoint = replaced(
        v1,
        "  optional DomainInfo domain = 10;\n}\n\n// A container that runs a CSI plugin.",
        "  optional DomainInfo domain = 10;\n  optional bool checkpoint = 7 [default = false];\n}\n\n\
         // A container that runs a CSI plugin.",
    );
    let with_quota = replaced(
        &with_checkpoint,
        "      AGENT_DRAINING = 2;\n",
        "      AGENT_DRAINING = 2;\n      // It knows quota limits beside guarantees.\n      QUOTA_V2 = 3;\n",
    );
    renamed(&with_quota)
}

/// The vocabulary as v1 has it: `mesos-proto` declares the one field of v0 with the rest.
pub(crate) fn without_v0_fields(vocabulary: &str) -> String {
    let (before, rest) = vocabulary.split_once(CHECKPOINT).expect("AgentInfo has a checkpoint");
    // The comment above it goes too.
    let kept: Vec<&str> = before.lines().collect();
    let end =
        kept.iter().rposition(|line| !line.trim_start().starts_with("//") && !line.is_empty());
    let kept = &kept[..=end.expect("a message begins before its field")];
    format!("{}\n{rest}", kept.join("\n"))
}

/// `mesos/scheduler/scheduler.proto`, whose SUBSCRIBE has other numbers than in v1.
pub(crate) fn scheduler(v1: &str) -> String {
    let subscribe = in_message(v1, "  message Subscribe {", |body| {
        let body = replaced(body, "suppressed_roles = 2;", "suppressed_roles = 3;");
        let body = replaced(&body, "offer_constraints = 3;", "offer_constraints = 4;");
        let end = body.rfind('}').expect("a message ends");
        let force = "  // Whether to take over from a scheduler that is still connected.\n    \
                     optional bool force = 2;\n  ";
        format!("{}{force}{}", &body[..end], &body[end..])
    });
    // Not deprecated there, and the result of a call over HTTP is only in v1.
    let response = subscribe.replace(" [deprecated = true]", "");
    let result = response.find("message APIResult {").expect("v1 has APIResult");
    let comment = response[..result].rfind("\n\n").expect("a blank line before it");
    renamed(&format!("{}\n", &response[..comment]))
}

/// With the names of v0.
pub(crate) fn renamed(v1: &str) -> String {
    let mut text = String::with_capacity(v1.len());
    for line in v1.lines() {
        let (code, comment) = match line.find("//") {
            Some(at) => line.split_at(at),
            None => (line, ""),
        };
        let code = code.replace("mesos.v1", "mesos").replace("mesos/v1/", "mesos/");
        text.push_str(&words_renamed(&code));
        text.push_str(comment);
        text.push('\n');
    }
    text
}

fn words_renamed(code: &str) -> String {
    let mut text = String::with_capacity(code.len());
    let mut rest = code;
    while !rest.is_empty() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if NOT_RENAMED.contains(&word) {
            text.push_str(word);
        } else {
            let word = word.replace("Agent", "Slave").replace("AGENT", "SLAVE");
            text.push_str(&word.replace("agent", "slave"));
        }
        let others = after.find(is_word).unwrap_or(after.len());
        text.push_str(&after[..others]);
        rest = &after[others..];
    }
    text
}

/// Changes the text from `head` to the end of that message.
fn in_message(text: &str, head: &str, change: impl FnOnce(&str) -> String) -> String {
    let start = text.find(head).unwrap_or_else(|| panic!("'{head}' is not declared"));
    let indent = head.len() - head.trim_start().len();
    let end_mark = format!("\n{}}}", " ".repeat(indent));
    let end = text[start..].find(&end_mark).expect("a message ends") + start + end_mark.len();
    format!("{}{}{}", &text[..start], change(&text[start..end]), &text[end..])
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "'{from}' is not there exactly once");
    text.replacen(from, to, 1)
}
