//! Runs templates. It has no I/O, and a number of steps, a size and a depth that end it.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::parse::{Base, Node, Operand, Pipeline, Template};
use super::value::GoValue;
use super::{MAX_DEPTH, MAX_SIZE, MAX_STEPS, TemplateError, format, functions};

/// Renders a template.
pub(super) fn run(
    template: &Template,
    context: &GoValue,
) -> Result<Zeroizing<Vec<u8>>, TemplateError> {
    let mut run = Run {
        defined: &template.defined,
        out: Zeroizing::new(Vec::with_capacity(4096)),
        variables: vec![(String::new(), context.clone())],
        steps: 0,
        depth: 0,
        line: 1,
    };
    match run.nodes(&template.nodes, context) {
        Ok(()) => Ok(run.out),
        Err(what) => Err(TemplateError { line: run.line, what }),
    }
}

struct Run<'t> {
    defined: &'t BTreeMap<String, Vec<Node>>,
    out: Zeroizing<Vec<u8>>,
    /// The variables in scope, the innermost last; `$` has the empty name.
    variables: Vec<(String, GoValue)>,
    steps: usize,
    depth: usize,
    line: usize,
}

impl Run<'_> {
    fn step(&mut self, cost: usize) -> Result<(), String> {
        self.steps += cost;
        if self.steps > MAX_STEPS {
            return Err("it takes too many steps".to_owned());
        }
        if self.out.len() > MAX_SIZE {
            return Err("its result is longer than 1 MiB".to_owned());
        }
        Ok(())
    }

    /// Appends; the buffer moves to a larger one and is wiped.
    fn write(&mut self, text: &[u8]) {
        if self.out.len() + text.len() > self.out.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity((self.out.len() + text.len()) * 2));
            larger.extend_from_slice(&self.out);
            self.out = larger;
        }
        self.out.extend_from_slice(text);
    }

    fn nodes(&mut self, nodes: &[Node], dot: &GoValue) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("it is nested too deeply".to_owned());
        }
        let scope = self.variables.len();
        for node in nodes {
            self.step(1)?;
            self.node(node, dot)?;
        }
        self.variables.truncate(scope);
        self.depth -= 1;
        Ok(())
    }

    fn node(&mut self, node: &Node, dot: &GoValue) -> Result<(), String> {
        match node {
            Node::Text(text) => self.write(text.as_bytes()),
            Node::Action(pipeline) => {
                let value = self.pipeline(pipeline, dot)?;
                if pipeline.variables.is_empty() {
                    let mut text = Zeroizing::new(Vec::new());
                    format::print(&value, &mut text);
                    self.write(&text);
                } else {
                    self.bind(pipeline, &value)?;
                }
            }
            Node::If(condition, body, otherwise) => {
                let scope = self.variables.len();
                let value = self.pipeline(condition, dot)?;
                self.declare(condition, &value);
                self.nodes(if value.is_true() { body } else { otherwise }, dot)?;
                self.variables.truncate(scope);
            }
            Node::With(condition, body, otherwise) => {
                let scope = self.variables.len();
                let value = self.pipeline(condition, dot)?;
                self.declare(condition, &value);
                if value.is_true() {
                    self.nodes(body, &value)?;
                } else {
                    self.nodes(otherwise, dot)?;
                }
                self.variables.truncate(scope);
            }
            Node::Range(over, body, otherwise) => self.range(over, body, otherwise, dot)?,
            Node::Template(name, argument, line) => {
                self.line = *line;
                let nodes = self.defined.get(name);
                let nodes = nodes
                    .ok_or_else(|| format!("there is no template \"{}\"", name.escape_debug()))?;
                let dot =
                    argument.as_ref().map(|argument| self.pipeline(argument, dot)).transpose()?;
                let dot = dot.unwrap_or(GoValue::Nil);
                let outer =
                    std::mem::replace(&mut self.variables, vec![(String::new(), dot.clone())]);
                self.nodes(nodes, &dot)?;
                self.variables = outer;
            }
        }
        Ok(())
    }

    /// Sets the variables of an action.
    fn bind(&mut self, pipeline: &Pipeline, value: &GoValue) -> Result<(), String> {
        if !pipeline.assigns {
            self.declare(pipeline, value);
            return Ok(());
        }
        for name in &pipeline.variables {
            let known = self.variables.iter_mut().rfind(|(known, _)| known == name);
            let (_, known) = known.ok_or_else(|| format!("`${name}` is not defined"))?;
            *known = value.clone();
        }
        Ok(())
    }

    fn declare(&mut self, pipeline: &Pipeline, value: &GoValue) {
        for name in &pipeline.variables {
            self.variables.push((name.clone(), value.clone()));
        }
    }

    fn range(
        &mut self,
        over: &Pipeline,
        body: &[Node],
        otherwise: &[Node],
        dot: &GoValue,
    ) -> Result<(), String> {
        let items: Vec<(GoValue, GoValue)> = match self.pipeline(over, dot)? {
            GoValue::List(items) => {
                (0..).map(GoValue::Integer).zip(items.iter().cloned()).collect()
            }
            GoValue::Map(map) | GoValue::Root(map) => {
                map.iter().map(|(key, item)| (GoValue::text(key), item.clone())).collect()
            }
            GoValue::Nil => Vec::new(),
            other => {
                return Err(format!(
                    "range over {}, which is no list and no map",
                    other.type_name()
                ));
            }
        };
        if items.is_empty() {
            return self.nodes(otherwise, dot);
        }
        for (key, item) in items {
            self.step(1)?;
            let scope = self.variables.len();
            match over.variables.as_slice() {
                [] => {}
                [name] => self.variables.push((name.clone(), item.clone())),
                [first, second, ..] => {
                    self.variables.push((first.clone(), key));
                    self.variables.push((second.clone(), item.clone()));
                }
            }
            self.nodes(body, &item)?;
            self.variables.truncate(scope);
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &Pipeline, dot: &GoValue) -> Result<GoValue, String> {
        self.step(1)?;
        self.line = pipeline.line;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("it is nested too deeply".to_owned());
        }
        let mut last = None;
        for command in &pipeline.commands {
            let value = self.command(command, last, dot)?;
            self.step(cost(&value))?;
            last = Some(value);
        }
        self.depth -= 1;
        Ok(last.unwrap_or(GoValue::Nil))
    }

    fn command(
        &mut self,
        command: &[Operand],
        piped: Option<GoValue>,
        dot: &GoValue,
    ) -> Result<GoValue, String> {
        let Some((first, rest)) = command.split_first() else { return Ok(GoValue::Nil) };
        let Base::Function(name) = &first.base else {
            if !rest.is_empty() || piped.is_some() {
                return Err("a value that is no function has arguments".to_owned());
            }
            return self.operand(first, dot);
        };
        // Their arguments are evaluated only as far as they matter.
        if let (true, None) = (matches!(name.as_str(), "and" | "or"), &piped) {
            let mut value = GoValue::Nil;
            for operand in rest {
                value = self.operand(operand, dot)?;
                if value.is_true() == (name == "or") {
                    break;
                }
            }
            return fields(value, &first.fields);
        }
        let mut arguments = Vec::with_capacity(rest.len() + 1);
        for operand in rest {
            arguments.push(self.operand(operand, dot)?);
        }
        arguments.extend(piped);
        fields(functions::call(name, &arguments)?, &first.fields)
    }

    fn operand(&mut self, operand: &Operand, dot: &GoValue) -> Result<GoValue, String> {
        let base = match &operand.base {
            Base::Dot => dot.clone(),
            Base::Variable(name) => {
                let known = self.variables.iter().rfind(|(known, _)| known == name);
                known.ok_or_else(|| format!("`${name}` is not defined"))?.1.clone()
            }
            Base::Text(text) => GoValue::text(text),
            Base::Integer(number) => GoValue::Integer(*number),
            Base::Float(number) => GoValue::Float(*number),
            Base::Bool(switch) => GoValue::Bool(*switch),
            Base::Nil => GoValue::Nil,
            Base::Function(name) => functions::call(name, &[])?,
            Base::Group(pipeline) => self.pipeline(pipeline, dot)?,
        };
        fields(base, &operand.fields)
    }
}

/// What it costs to make a value, in steps.
fn cost(value: &GoValue) -> usize {
    match value {
        GoValue::Text(text) => text.len() / 64,
        GoValue::List(items) => items.len() / 4,
        GoValue::Map(map) | GoValue::Root(map) => map.len() / 4,
        _ => 0,
    }
}

/// Follows fields. A missing key is an error, as with the operator's option `missingkey=error`.
fn fields(mut value: GoValue, names: &[String]) -> Result<GoValue, String> {
    for name in names {
        let shown = name.escape_debug();
        value = match &value {
            GoValue::Map(map) | GoValue::Root(map) => {
                let item = map.get(name).cloned();
                item.ok_or_else(|| format!("there is no key `{shown}`"))?
            }
            GoValue::Nil => return Err(format!("nothing has no field `{shown}`")),
            other => return Err(format!("a {} has no field `{shown}`", other.type_name())),
        };
    }
    Ok(value)
}
