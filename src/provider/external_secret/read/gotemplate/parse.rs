//! The syntax of templates: blocks, pipelines and operands. Pure.

use std::collections::BTreeMap;

use super::lex::{Part, Token, parts};
use super::{MAX_DEPTH, TemplateError};

/// A parsed template.
#[derive(Debug, Default)]
pub(super) struct Template {
    pub(super) nodes: Vec<Node>,
    /// The templates that `define` makes.
    pub(super) defined: BTreeMap<String, Vec<Node>>,
}

#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    Action(Pipeline),
    If(Pipeline, Vec<Node>, Vec<Node>),
    With(Pipeline, Vec<Node>, Vec<Node>),
    Range(Pipeline, Vec<Node>, Vec<Node>),
    Template(String, Option<Pipeline>, usize),
}

/// Commands, each of which gets the result of the one before as its last argument.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) line: usize,
    /// The variables that get the result.
    pub(super) variables: Vec<String>,
    /// Whether they exist already.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Vec<Operand>>,
}

#[derive(Debug)]
pub(super) struct Operand {
    pub(super) base: Base,
    /// The fields behind it.
    pub(super) fields: Vec<String>,
}

#[derive(Debug)]
pub(super) enum Base {
    Dot,
    Variable(String),
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Nil,
    Function(String),
    Group(Pipeline),
}

/// Parses a template.
pub(super) fn parse(text: &str) -> Result<Template, TemplateError> {
    let mut parser = Parser { parts: parts(text)?.into_iter(), defined: BTreeMap::new(), depth: 0 };
    let (nodes, end) = parser.block()?;
    if let Some((word, line)) = end {
        return Err(fault(line, format!("`{}` without a block", word.name())));
    }
    Ok(Template { nodes, defined: parser.defined })
}

fn fault(line: usize, what: impl Into<String>) -> TemplateError {
    TemplateError { line, what: what.into() }
}

struct Parser<'t> {
    parts: std::vec::IntoIter<Part<'t>>,
    defined: BTreeMap<String, Vec<Node>>,
    depth: usize,
}

/// What ends a block.
#[derive(Debug)]
enum End {
    End,
    /// `else`, with what follows it.
    Else(Vec<Token>),
}

impl End {
    fn name(&self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Else(_) => "else",
        }
    }
}

/// The nodes of a block, and the action that ends it, with its line.
type Block = (Vec<Node>, Option<(End, usize)>);

impl Parser<'_> {
    /// The nodes up to an `end` or `else`, or to the end of the template.
    fn block(&mut self) -> Result<Block, TemplateError> {
        let mut nodes = Vec::new();
        while let Some(part) = self.parts.next() {
            match part {
                Part::Text(text) => nodes.push(Node::Text(text.to_owned())),
                Part::Action(tokens, line) => {
                    let (word, rest) = keyword(&tokens);
                    match word {
                        Some("end") => return Ok((nodes, Some((End::End, line)))),
                        Some("else") => {
                            return Ok((nodes, Some((End::Else(rest.to_vec()), line))));
                        }
                        Some(word @ ("if" | "with" | "range")) => {
                            nodes.push(self.control(word, rest, line)?);
                        }
                        Some("define") => self.define(rest, line)?,
                        Some("template") => nodes.push(template(rest, line)?),
                        Some(word @ ("break" | "continue" | "block")) => {
                            return Err(fault(line, format!("`{word}` is not supported")));
                        }
                        _ => nodes.push(Node::Action(pipeline(&tokens, line)?)),
                    }
                }
            }
        }
        Ok((nodes, None))
    }

    fn control(
        &mut self,
        word: &str,
        tokens: &[Token],
        line: usize,
    ) -> Result<Node, TemplateError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(fault(line, "blocks are nested too deeply"));
        }
        let condition = pipeline(tokens, line)?;
        let (body, end) = self.block()?;
        let otherwise = match end {
            None => return Err(fault(line, format!("`{word}` has no `end`"))),
            Some((End::End, _)) => Vec::new(),
            Some((End::Else(rest), line)) => match keyword(&rest) {
                (Some(word @ ("if" | "with")), rest) => vec![self.control(word, rest, line)?],
                _ => match self.block()? {
                    (nodes, Some((End::End, _))) => nodes,
                    _ => return Err(fault(line, "`else` has no `end`")),
                },
            },
        };
        self.depth -= 1;
        Ok(match word {
            "if" => Node::If(condition, body, otherwise),
            "with" => Node::With(condition, body, otherwise),
            _ => Node::Range(condition, body, otherwise),
        })
    }

    fn define(&mut self, tokens: &[Token], line: usize) -> Result<(), TemplateError> {
        let name = match words(tokens).as_slice() {
            [Token::Text(name)] => name.clone(),
            _ => return Err(fault(line, "`define` needs a name in quotes")),
        };
        let (nodes, end) = self.block()?;
        if !matches!(end, Some((End::End, _))) {
            return Err(fault(line, "`define` has no `end`"));
        }
        self.defined.insert(name, nodes);
        Ok(())
    }
}

/// The first word of an action, and what follows it.
fn keyword(tokens: &[Token]) -> (Option<&str>, &[Token]) {
    let start = tokens.iter().position(|token| *token != Token::Space).unwrap_or(tokens.len());
    match tokens.get(start..) {
        Some([Token::Word(word), rest @ ..]) => (Some(word), rest),
        _ => (None, tokens),
    }
}

fn words(tokens: &[Token]) -> Vec<Token> {
    tokens.iter().filter(|token| **token != Token::Space).cloned().collect()
}

fn template(tokens: &[Token], line: usize) -> Result<Node, TemplateError> {
    let start = tokens.iter().position(|token| *token != Token::Space).unwrap_or_default();
    match tokens.get(start..) {
        Some([Token::Text(name), rest @ ..]) => {
            let argument = if words(rest).is_empty() { None } else { Some(pipeline(rest, line)?) };
            Ok(Node::Template(name.clone(), argument, line))
        }
        _ => Err(fault(line, "`template` needs a name in quotes")),
    }
}

/// Parses a whole pipeline, with its variables.
fn pipeline(tokens: &[Token], line: usize) -> Result<Pipeline, TemplateError> {
    let mut cursor = Cursor { tokens, line, depth: 0 };
    let (mut variables, mut assigns) = (Vec::new(), false);
    let is_sign = |token: &&Token| matches!(token, Token::Sign(":=" | "="));
    if tokens.iter().any(|token| is_sign(&token)) {
        loop {
            cursor.skip_space();
            match cursor.take() {
                Some(Token::Variable(name)) if !name.is_empty() => variables.push(name.clone()),
                _ => return Err(fault(line, "`:=` needs variables in front, such as `$x`")),
            }
            cursor.skip_space();
            match cursor.take() {
                Some(Token::Sign(",")) => {}
                Some(Token::Sign(":=")) => break,
                Some(Token::Sign("=")) => {
                    assigns = true;
                    break;
                }
                _ => return Err(fault(line, "`:=` needs variables in front, such as `$x`")),
            }
        }
    }
    let commands = cursor.commands()?;
    if let Some(rest) = cursor.tokens.first() {
        return Err(fault(line, format!("{} is not expected here", describe(rest))));
    }
    Ok(Pipeline { line, variables, assigns, commands })
}

fn describe(token: &Token) -> String {
    match token {
        Token::Sign(sign) => format!("`{sign}`"),
        _ => "this".to_owned(),
    }
}

struct Cursor<'t> {
    tokens: &'t [Token],
    line: usize,
    depth: usize,
}

impl<'t> Cursor<'t> {
    fn take(&mut self) -> Option<&'t Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn skip_space(&mut self) {
        while let Some((Token::Space, rest)) = self.tokens.split_first() {
            self.tokens = rest;
        }
    }

    /// The commands of a pipeline, up to a closing parenthesis or the end.
    fn commands(&mut self) -> Result<Vec<Vec<Operand>>, TemplateError> {
        let mut commands = vec![Vec::new()];
        loop {
            self.skip_space();
            match self.tokens.first() {
                None | Some(Token::Sign(")")) => break,
                Some(Token::Sign("|")) => {
                    self.take();
                    commands.push(Vec::new());
                }
                Some(_) => {
                    let operand = self.operand()?;
                    if let Some(last) = commands.last_mut() {
                        last.push(operand);
                    }
                }
            }
        }
        if commands.iter().any(Vec::is_empty) {
            return Err(fault(self.line, "an empty command"));
        }
        Ok(commands)
    }

    fn operand(&mut self) -> Result<Operand, TemplateError> {
        let mut fields = Vec::new();
        let line = self.line;
        let base = match self.take() {
            Some(Token::Field(name)) => {
                fields.extend((!name.is_empty()).then(|| name.clone()));
                Base::Dot
            }
            Some(Token::Variable(name)) => Base::Variable(name.clone()),
            Some(Token::Text(text)) => Base::Text(text.clone()),
            Some(Token::Number(text)) => {
                number(text).ok_or_else(|| fault(line, "a number that is not supported"))?
            }
            Some(Token::Word(word)) => match word.as_str() {
                "true" => Base::Bool(true),
                "false" => Base::Bool(false),
                "nil" => Base::Nil,
                name => Base::Function(name.to_owned()),
            },
            Some(Token::Sign("(")) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(fault(line, "it is nested too deeply"));
                }
                let commands = self.commands()?;
                if self.take() != Some(&Token::Sign(")")) {
                    return Err(fault(line, "a parenthesis is not closed"));
                }
                self.depth -= 1;
                Base::Group(Pipeline { line, variables: Vec::new(), assigns: false, commands })
            }
            _ => return Err(fault(line, "something else is expected here")),
        };
        while let Some((Token::Field(name), rest)) = self.tokens.split_first() {
            if name.is_empty() {
                return Err(fault(line, "a dot without a name"));
            }
            fields.push(name.clone());
            self.tokens = rest;
        }
        Ok(Operand { base, fields })
    }
}

fn number(text: &str) -> Option<Base> {
    let text = text.replace('_', "");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(&text)),
    };
    let radix = |prefix: &str, radix| {
        let digits = digits.strip_prefix(prefix)?;
        i64::from_str_radix(digits, radix).ok()
    };
    let other = radix("0x", 16).or_else(|| radix("0b", 2)).or_else(|| radix("0o", 8));
    let octal = || digits.starts_with('0').then(|| i64::from_str_radix(digits, 8).ok()).flatten();
    if let Some(integer) = other.or_else(octal).or_else(|| digits.parse().ok()) {
        return Some(Base::Integer(sign * integer));
    }
    text.parse().ok().map(Base::Float)
}
