// SPDX-License-Identifier: Apache-2.0

//! Regular expressions that match a text as a whole, with RE2's limits and words.
//!
//! Mesos uses RE2; the `regex` crate has its syntax and its linear running time.
//! What RE2 would refuse is refused before anything is compiled: sizes are
//! estimated on the syntax tree, in RE2's instructions.
//!
//! Not the same: `\C` and `\Q…\E` are not known here, and `\w`, `\d`, `\s`, `\b`
//! know letters and digits beyond ASCII.

use regex::Regex;
use regex_syntax::ast::{
    self, Ast, ClassPerlKind, ClassSet, ClassSetItem, ErrorKind, RepetitionKind, RepetitionRange,
    parse::Parser,
};

use super::ConstraintLimits;

/// RE2 allows this many repetitions, nested ones multiplied.
const MAX_REPETITIONS: u64 = 1000;

/// Match, fail, and the loop in front of an unanchored program.
const FRAME_INSTRUCTIONS: u64 = 4;

/// RE2's fixed needs and its bytes for an instruction, out of two thirds of the memory.
const PROGRAM_BYTES: u64 = 432;
const INSTRUCTION_BYTES: u64 = 4 * 8;

#[derive(Debug)]
pub(super) struct Pattern(Regex);

impl Pattern {
    pub(super) fn compile(pattern: &str, limits: ConstraintLimits) -> Result<Self, String> {
        let failed =
            |reason| format!("Failed to construct regex from pattern '{pattern}': {reason}");
        // An instruction needs at least a byte of pattern, so this cannot be small enough.
        if pattern.len() as u64 > limits.max_memory_bytes {
            return Err(failed("pattern too large - compile failed".to_owned()));
        }
        let tree = Parser::new().parse(pattern).map_err(|error| failed(syntax_error(&error)))?;
        check_repetitions(&tree, pattern).map_err(failed)?;
        let size = instructions(&tree).saturating_add(FRAME_INSTRUCTIONS);
        let room = (limits.max_memory_bytes / 3).saturating_mul(2).saturating_sub(PROGRAM_BYTES);
        if size > room / INSTRUCTION_BYTES {
            return Err(failed("pattern too large - compile failed".to_owned()));
        }
        if size > limits.max_program_size {
            return Err(format!(
                "Regex '{pattern}' is too complex: program size of {size} is larger than \
                 maximum of {} allowed",
                limits.max_program_size
            ));
        }
        match Regex::new(&format!(r"\A(?:{pattern})\z")) {
            Ok(regex) => Ok(Pattern(regex)),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// What is wrong, as RE2 says it.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is another crate's, and open")]
fn syntax_error(error: &ast::Error) -> String {
    let pattern = error.pattern();
    let (start, end) = (error.span().start.offset, error.span().end.offset);
    let at = pattern.get(start..end).unwrap_or_default();
    let rest = pattern.get(start..).unwrap_or_default();
    match error.kind() {
        ErrorKind::ClassUnclosed => format!("missing ]: {rest}"),
        ErrorKind::ClassRangeInvalid | ErrorKind::ClassRangeLiteral => {
            format!("invalid character class range: {at}")
        }
        ErrorKind::UnicodeClassInvalid => format!("invalid character class range: {at}"),
        ErrorKind::GroupUnclosed => format!("missing ): {pattern}"),
        ErrorKind::GroupUnopened => format!("unexpected ): {pattern}"),
        ErrorKind::EscapeUnexpectedEof => "trailing \\".to_owned(),
        ErrorKind::EscapeUnrecognized
        | ErrorKind::ClassEscapeInvalid
        | ErrorKind::EscapeHexEmpty
        | ErrorKind::EscapeHexInvalid
        | ErrorKind::EscapeHexInvalidDigit
        | ErrorKind::UnsupportedBackreference => format!("invalid escape sequence: {at}"),
        ErrorKind::RepetitionMissing => {
            let operator = rest.chars().next().map(String::from).unwrap_or_default();
            format!("no argument for repetition operator: {operator}")
        }
        ErrorKind::RepetitionCountInvalid | ErrorKind::DecimalInvalid => {
            format!("invalid repetition size: {at}")
        }
        ErrorKind::GroupNameDuplicate { .. }
        | ErrorKind::GroupNameEmpty
        | ErrorKind::GroupNameInvalid
        | ErrorKind::GroupNameUnexpectedEof => format!("invalid named capture group: {at}"),
        ErrorKind::FlagUnrecognized
        | ErrorKind::FlagUnexpectedEof
        | ErrorKind::FlagDanglingNegation
        | ErrorKind::UnsupportedLookAround => format!("invalid perl operator: {at}"),
        other => format!("{other}: {at}"),
    }
}

/// Refuses repetitions that RE2 refuses, innermost first; gives the product of the
/// repetitions in `tree`.
fn check_repetitions(tree: &Ast, pattern: &str) -> Result<u64, String> {
    let all = |trees: &[Ast]| {
        trees.iter().try_fold(1, |most, tree| Ok(check_repetitions(tree, pattern)?.max(most)))
    };
    match tree {
        Ast::Repetition(repetition) => {
            let inner = check_repetitions(&repetition.ast, pattern)?;
            let RepetitionKind::Range(range) = &repetition.op.kind else { return Ok(inner) };
            let times = u64::from(match range {
                RepetitionRange::Exactly(times) | RepetitionRange::AtLeast(times) => *times,
                RepetitionRange::Bounded(_, times) => *times,
            });
            let product = inner.saturating_mul(times.max(1));
            if product > MAX_REPETITIONS {
                let span = &repetition.op.span;
                let operator = pattern.get(span.start.offset..span.end.offset);
                return Err(format!("invalid repetition size: {}", operator.unwrap_or_default()));
            }
            Ok(product)
        }
        Ast::Group(group) => check_repetitions(&group.ast, pattern),
        Ast::Alternation(alternation) => all(&alternation.asts),
        Ast::Concat(concat) => all(&concat.asts),
        Ast::Empty(_)
        | Ast::Flags(_)
        | Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::Assertion(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_)
        | Ast::ClassBracketed(_) => Ok(1),
    }
}

/// About how many instructions RE2 needs.
fn instructions(tree: &Ast) -> u64 {
    /// Of `.` and of negated classes: the forms of UTF-8 without a few characters.
    const ANY: u64 = 10;
    let sum = |trees: &[Ast]| trees.iter().map(instructions).fold(0, u64::saturating_add);
    match tree {
        Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) => 1,
        Ast::Literal(literal) => literal.c.len_utf8() as u64,
        Ast::Dot(_) => ANY,
        Ast::ClassUnicode(_) => 10 * ANY,
        Ast::ClassPerl(class) => perl_class(&class.kind) + if class.negated { ANY } else { 0 },
        Ast::ClassBracketed(class) => {
            class_set(&class.kind).saturating_add(if class.negated { ANY } else { 0 })
        }
        Ast::Repetition(repetition) => {
            let one = instructions(&repetition.ast);
            match &repetition.op.kind {
                RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore => one + 1,
                RepetitionKind::OneOrMore => one + 1,
                RepetitionKind::Range(RepetitionRange::Exactly(times)) => {
                    one.saturating_mul(u64::from(*times)).max(1)
                }
                RepetitionKind::Range(RepetitionRange::AtLeast(times)) => {
                    one.saturating_mul(u64::from(*times).max(1)) + 1
                }
                RepetitionKind::Range(RepetitionRange::Bounded(least, most)) => {
                    let optional = u64::from(most.saturating_sub(*least));
                    one.saturating_mul(u64::from(*most)).saturating_add(optional).max(1)
                }
            }
        }
        Ast::Group(group) => {
            instructions(&group.ast).saturating_add(if group.is_capturing() { 2 } else { 0 })
        }
        Ast::Alternation(alternation) => {
            sum(&alternation.asts).saturating_add(alternation.asts.len() as u64 - 1)
        }
        Ast::Concat(concat) => sum(&concat.asts),
    }
}

fn perl_class(kind: &ClassPerlKind) -> u64 {
    match kind {
        ClassPerlKind::Digit => 1,
        ClassPerlKind::Space => 3,
        ClassPerlKind::Word => 4,
    }
}

fn class_set(set: &ClassSet) -> u64 {
    match set {
        ClassSet::Item(item) => class_item(item),
        ClassSet::BinaryOp(operation) => {
            class_set(&operation.lhs).saturating_add(class_set(&operation.rhs))
        }
    }
}

fn class_item(item: &ClassSetItem) -> u64 {
    match item {
        ClassSetItem::Empty(_) => 0,
        ClassSetItem::Literal(literal) => literal.c.len_utf8() as u64,
        ClassSetItem::Range(range) => range.end.c.len_utf8() as u64,
        ClassSetItem::Ascii(_) => 2,
        ClassSetItem::Unicode(_) => 100,
        ClassSetItem::Perl(class) => perl_class(&class.kind),
        ClassSetItem::Bracketed(class) => class_set(&class.kind),
        ClassSetItem::Union(union) => union.items.iter().map(class_item).sum(),
    }
}
