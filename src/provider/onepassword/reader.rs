//! Finds vaults and items by name or ID, and reads each item once. It knows no reference.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::sync::OnceCell;

use super::error::Error;
use super::item::{File, Item};
use super::wire::{Summary, WireItem};
use crate::provider::token_api::{Answer, Api};
use crate::secret::Value;

/// How many answers a server may have for one name before it is taken for another server.
const MAX_FOUND: usize = 10_000;

/// Reads from a Connect server.
#[derive(Debug)]
pub(super) struct Reader {
    api: Api,
    /// The IDs of vaults by name.
    vaults: Once<String, String>,
    /// The IDs of items by the ID of the vault and the title.
    titles: Once<(String, String), String>,
    /// The items by the IDs of vault and item.
    items: Once<(String, String), Rc<Item>>,
    /// The contents of files by ID.
    files: Once<String, Value>,
}

/// Answers by key. Those who need the same answer at the same time share one request.
#[derive(Debug)]
struct Once<K, V>(RefCell<Vec<(K, Rc<OnceCell<V>>)>>);

impl<K: PartialEq, V: Clone> Once<K, V> {
    async fn get(&self, key: K, ask: impl Future<Output = Result<V, Error>>) -> Result<V, Error> {
        let cell = {
            let mut cells = self.0.borrow_mut();
            let known =
                cells.iter().find(|(known, _)| *known == key).map(|(_, cell)| Rc::clone(cell));
            known.unwrap_or_else(|| {
                let cell = Rc::default();
                cells.push((key, Rc::clone(&cell)));
                cell
            })
        };
        cell.get_or_try_init(|| ask).await.cloned()
    }
}

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl Reader {
    pub(super) fn new(api: Api) -> Self {
        let (vaults, titles, items, files) = Default::default();
        Self { api, vaults, titles, items, files }
    }

    pub(super) fn api(&self) -> &Api {
        &self.api
    }

    /// How many vaults the token may read.
    pub(super) async fn visible_vaults(&self) -> Result<usize, Error> {
        let vaults: Vec<Summary> =
            self.api.json(&self.api.url(&["v1", "vaults"], &[]), "list of vaults").await?;
        Ok(vaults.len())
    }

    /// An item of a vault.
    pub(super) async fn item(&self, vault: &str, name: &str) -> Result<Rc<Item>, Error> {
        let vault_id = self.vault(vault).await?;
        let item_id = if is_id(name) {
            name.to_owned()
        } else {
            let (path, place) = (["v1", "vaults", &vault_id, "items"], format!("vault `{vault}`"));
            let asked = self.lookup(&path, "title", name, "items", &place);
            self.titles.get((vault_id.clone(), name.to_owned()), asked).await?
        };
        let read = async {
            let url = self.api.url(&["v1", "vaults", &vault_id, "items", &item_id], &[]);
            let what = format!("item `{name}` in the vault `{vault}`");
            let found: WireItem = self.api.json(&url, &what).await?;
            Ok(Rc::new(Item::new(vault, found)))
        };
        self.items.get((vault_id.clone(), item_id.clone()), read).await
    }

    async fn vault(&self, name: &str) -> Result<String, Error> {
        if is_id(name) {
            return Ok(name.to_owned());
        }
        let asked = self.lookup(&["v1", "vaults"], "name", name, "vaults", "the server");
        self.vaults.get(name.to_owned(), asked).await
    }

    /// The ID of the vault or item of this name.
    async fn lookup(
        &self,
        path: &[&str],
        attribute: &str,
        name: &str,
        kind: &'static str,
        place: &str,
    ) -> Result<String, Error> {
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
        let filter = format!("{attribute} eq \"{escaped}\"");
        let url = self.api.url(path, &[("filter", &filter)]);
        let mut found: Vec<Summary> = self.api.json(&url, &format!("{kind} of {place}")).await?;
        if found.len() > MAX_FOUND {
            return Err(self.api.foreign("far too many names").into());
        }
        // A server that ignores the filter must not decide which one is meant.
        found.retain(|it| it.label().to_lowercase() == name.to_lowercase());
        if found.len() > 1 && found.iter().any(|it| it.label() == name) {
            found.retain(|it| it.label() == name);
        }
        match found.as_slice() {
            [one] => Ok(one.id.clone()),
            [] => Err(Error::NotFound { kind, name: name.to_owned(), place: place.to_owned() }),
            _ => {
                let ids = found.into_iter().map(|it| it.id).collect();
                let (name, place) = (name.to_owned(), place.to_owned());
                Err(Error::Ambiguous { what: kind, name, place, ids })
            }
        }
    }

    /// The content of a file.
    pub(super) async fn content(&self, item: &Item, file: &File) -> Result<Value, Error> {
        let vault = self.vault(&item.vault).await?;
        let read = async {
            let path = ["v1", "vaults", &vault, "items", &item.id, "files", &file.id, "content"];
            let what = format!("file of the item `{}`", item.place());
            match self.api.get(&self.api.url(&path, &[]), None).await? {
                Answer::Found(response) => Ok(Value::from(response.body.as_slice())),
                Answer::Refused(refusal) => Err(self.api.refused(refusal, &what).into()),
                Answer::Unchanged => Err(self.api.foreign("an answer without content").into()),
            }
        };
        self.files.get(file.id.clone(), read).await
    }
}

/// Whether a name has the form of an ID.
fn is_id(name: &str) -> bool {
    name.len() == 26 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}
