//! Parses the variables of `[env]`, and finds the source that each reference means. Pure but for the building of
//! sources, which the registry does.

use std::sync::Arc;

use super::shape::Shape;
use super::template::Template;
use super::{BoundReference, EnvTable, EnvVariable, Expression, NAME};
use crate::config::{CacheIdentity, EnvDefinition, EnvEntry, EnvFileDelivery, Error, Origin};
use crate::reference::{Property, Reference, parse, scheme};
use crate::secret::{ObjectAddress, Value};

/// URL schemes that values have. No source may have such a name, so that no value is taken for a reference.
const URL_SCHEMES: &[&str] = &[
    "amqp",
    "amqps",
    "bolt",
    "clickhouse",
    "data",
    "dns",
    "ftp",
    "ftps",
    "git",
    "grpc",
    "grpcs",
    "gs",
    "http",
    "https",
    "imap",
    "imaps",
    "jdbc",
    "kafka",
    "ldap",
    "ldaps",
    "mailto",
    "mariadb",
    "memcached",
    "mongodb",
    "mongodb+srv",
    "mqtt",
    "mqtts",
    "mssql",
    "mysql",
    "nats",
    "neo4j",
    "postgres",
    "postgresql",
    "redis",
    "rediss",
    "rtmp",
    "s3",
    "sftp",
    "smb",
    "smtp",
    "smtps",
    "socks5",
    "socks5h",
    "sqlite",
    "sqlserver",
    "ssh",
    "tcp",
    "tls",
    "udp",
    "unix",
    "ws",
    "wss",
];

/// What the references need of the sources.
#[derive(Clone, Debug, Default)]
pub struct References {
    /// The objects of each source, each once.
    objects: Vec<(Arc<str>, Vec<ObjectAddress>)>,
    /// Those that are texts of the file, and no secrets.
    texts: Vec<String>,
    /// The values of other sources that are references: the source, and the name.
    values: Vec<(Arc<str>, String)>,
    /// The inherited variables whose value is another one than the text that was inherited.
    pub inherited: Vec<String>,
    /// Those that are delivered as files, with how.
    pub files: Vec<(String, EnvFileDelivery)>,
}

impl References {
    /// The objects of a source.
    pub fn of(&self, source: &str) -> &[ObjectAddress] {
        let found = self.objects.iter().find(|(name, _)| **name == *source);
        found.map_or(&[], |(_, objects)| objects)
    }

    /// Whether a variable of this source is a text of the file.
    pub fn is_text(&self, source: &str, variable: &str) -> bool {
        source == NAME && self.texts.iter().any(|text| text == variable)
    }

    /// Whether a value of this source is a reference.
    pub fn is_reference(&self, source: &str, name: &str) -> bool {
        self.values.iter().any(|(of, known)| **of == *source && known == name)
    }

    /// Adds a value of a source that is a reference.
    pub(in crate::provider) fn add_value(
        &mut self,
        (source, name): (&Arc<str>, &str),
        bound: &BoundReference,
    ) {
        self.values.push((Arc::clone(source), name.to_owned()));
        self.add(&bound.source, &bound.reference.address);
    }

    /// Binds an entry of the cache to the objects, since an entry of a run with other references
    /// lacks some of them.
    pub fn bind_cache(&self, source: &str, delivers: bool, identity: &mut CacheIdentity) {
        let objects = self.of(source).iter().map(|address| Some(address.to_string().into_bytes()));
        let objects = objects.chain((!delivers).then_some(None));
        identity.scope.extend(objects);
    }

    fn add(&mut self, source: &Arc<str>, address: &ObjectAddress) {
        let at = self.objects.iter().position(|(name, _)| name == source).unwrap_or_else(|| {
            self.objects.push((Arc::clone(source), Vec::new()));
            self.objects.len() - 1
        });
        if let Some((_, objects)) = self.objects.get_mut(at)
            && !objects.contains(address)
        {
            objects.push(address.clone());
        }
    }
}

/// Finds the source that a name before `://` means; `None` where there is none of that name or type.
pub(in crate::provider) type FindSource<'a> =
    dyn FnMut(&str, &Origin) -> Result<Option<Arc<str>>, Error> + 'a;

/// Whether values begin with this as the scheme of a URL.
pub(in crate::provider) fn is_url_scheme(scheme: &str) -> bool {
    URL_SCHEMES.contains(&&*scheme.to_ascii_lowercase())
}

/// Refuses a name of a source that values use as the scheme of a URL.
pub(in crate::provider) fn check_name(name: &str) -> Result<(), Error> {
    if URL_SCHEMES.contains(&name) {
        return Err(Error::SourceName { name: name.to_owned() });
    }
    Ok(())
}

/// The table, and what its references need.
pub(in crate::provider) fn bind(
    entries: Vec<EnvEntry>,
    find: &mut FindSource<'_>,
) -> Result<(EnvTable, References), Error> {
    let mut references = References::default();
    let mut variables = Vec::with_capacity(entries.len());
    for EnvEntry { name, origin, definition, file } in entries {
        let mut binder = Binder {
            variable: &name,
            origin: &origin,
            find: &mut *find,
            references: &mut references,
        };
        let expression = binder.expression(definition)?;
        if let Expression::Object { shape, prefix, .. } = &expression {
            let as_file = |field: &str| {
                let variable = format!("{prefix}{field}_FILE");
                let file = file.clone()?;
                Some((format!("{prefix}{field}"), EnvFileDelivery { variable, ..file }))
            };
            references.files.extend(shape.files().filter_map(as_file));
        } else {
            references.files.extend(file.map(|file| (name.clone(), file)));
        }
        if matches!(expression, Expression::Text(_)) {
            references.texts.push(name.clone());
        }
        variables.push(EnvVariable { name, origin, expression });
    }
    Ok((EnvTable { name: NAME.into(), variables: variables.into() }, references))
}

/// Binds the references of one variable.
struct Binder<'a, 'f> {
    variable: &'a str,
    origin: &'a Origin,
    find: &'a mut FindSource<'f>,
    references: &'a mut References,
}

impl Binder<'_, '_> {
    fn expression(&mut self, definition: EnvDefinition) -> Result<Expression, Error> {
        Ok(match definition {
            EnvDefinition::Literal(text) => Expression::Text(Value::from(text.as_str())),
            EnvDefinition::Text(text) => match scheme(&text) {
                Some(scheme) if !is_url_scheme(scheme) => Expression::Reference {
                    bound: self.bound(&text)?,
                    required: true,
                    default: None,
                },
                _ => Expression::Text(Value::from(text.as_str())),
            },
            EnvDefinition::Reference { reference, required, default } => Expression::Reference {
                bound: self.bound(&reference)?,
                required,
                default: default.map(|text| Value::from(text.as_str())),
            },
            EnvDefinition::Object { shape, prefix, rename, required } => {
                let shape = match shape {
                    None => Shape::Keys,
                    Some(name) => self.shape(name)?,
                };
                let prefix = prefix.unwrap_or_else(|| shape.default_prefix().to_owned());
                let bound = self.bound(self.variable)?;
                if bound.reference.property != Property::Whole {
                    let why =
                        "an object has no property; use a variable for a single one".to_owned();
                    return Err(self.fault("reference", why));
                }
                Expression::Object { bound, shape, prefix, rename, required }
            }
            EnvDefinition::Template { template, inputs } => {
                let fault = |why: String| self.fault("template", why);
                let template =
                    Template::parse(&template).map_err(|error| fault(error.to_string()))?;
                let is_input = |name: &String| inputs.iter().any(|(input, _)| input == name);
                if let Some(name) = template.names().into_iter().find(|name| !is_input(name)) {
                    return Err(fault(format!(
                        "`{}` is not defined beside it",
                        name.escape_debug()
                    )));
                }
                let inputs = inputs.into_iter().map(|(name, text)| Ok((name, self.bound(&text)?)));
                Expression::Template { template, inputs: inputs.collect::<Result<_, Error>>()? }
            }
        })
    }

    fn shape(&self, value: String) -> Result<Shape, Error> {
        let found = Shape::NAMES.iter().find(|(name, _)| *name == value);
        found.map(|(_, shape)| *shape).ok_or_else(|| Error::Choice {
            origin: self.origin.clone(),
            what: "shape",
            value,
            known: Shape::NAMES.map(|(name, _)| name.to_owned()).into(),
        })
    }

    fn bound(&mut self, text: &str) -> Result<BoundReference, Error> {
        let reference: Reference =
            parse(text).map_err(|error| self.fault("reference", error.to_string()))?;
        let source = (self.find)(&reference.source, self.origin)?;
        let source = source.ok_or_else(|| Error::NoSuchSource {
            origin: self.origin.clone(),
            variable: self.variable.to_owned(),
            wanted: reference.source.clone(),
        })?;
        self.references.add(&source, &reference.address);
        Ok(BoundReference { source, reference })
    }

    fn fault(&self, what: &'static str, why: String) -> Error {
        let (origin, variable) = (self.origin.clone(), self.variable.to_owned());
        Error::EnvVariable { origin, variable, what, why }
    }
}
