// SPDX-License-Identifier: Apache-2.0

//! The text of `--help`.

use crate::Flag;

/// Where the help text of a flag starts.
const INDENT: &str = "        ";

/// All flags, sorted, each with its help and default.
pub(crate) fn usage(program: &str, flags: &[Flag]) -> String {
    let mut flags: Vec<&Flag> = flags.iter().collect();
    flags.sort_by_key(|flag| flag.name);

    let mut text = format!("Usage: {program} [options]\n\n");
    for flag in flags {
        text.push_str("  ");
        text.push_str(&spelling(flag.name, flag.boolean));
        if let Some(alias) = flag.alias {
            text.push_str(", ");
            text.push_str(&spelling(alias, flag.boolean));
        }
        text.push('\n');
        for line in flag.help {
            text.push_str(INDENT);
            text.push_str(line.trim());
            text.push('\n');
        }
        if let Some(default) = flag.default {
            text.push_str(&format!("{INDENT}(default: {default})\n"));
        }
    }
    text
}

fn spelling(name: &str, boolean: bool) -> String {
    if boolean { format!("--[no-]{name}") } else { format!("--{name}=VALUE") }
}
