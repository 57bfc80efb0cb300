//! Which keys open a local store: recipients that are added and removed, and a change of the key.

use std::path::Path;

use super::{Contents, Error, LocalStore};
use crate::provider::StoreRecipient;
use crate::seal::envelope::{self, Opener, Recipient};
use crate::seal::key::{self, Key, KeySource};
use crate::seal::private_file;
use crate::seal::x25519::{X25519Identity, X25519Recipient};

impl LocalStore {
    /// Creates the key file, and returns its recipient.
    pub fn create_key(&self) -> Result<X25519Recipient, Error> {
        let KeySource::File(path) = &self.key else { return Err(Error::NoKeyFile) };
        self.check_apart(path)?;
        private_file::create_directory(path.parent().unwrap_or(Path::new("")))?;
        let key = key::create(path)?;
        key.identity().map(|identity| identity.recipient()).ok_or(Error::NoKeyFile)
    }

    /// Who can open the store. A key that does not open it shows the list as well, which is not verified then.
    pub fn recipients(&self) -> Result<Vec<StoreRecipient>, Error> {
        let sealed = self.read_sealed()?;
        let failed = |source| self.sealed_error(&self.file, source);
        let key = self.load_key().ok();
        let own = match key.as_ref().map(|key| self.open(key, sealed.clone())) {
            Some(Ok(contents)) => contents.own,
            None
            | Some(Err(Error::Sealed {
                source:
                    envelope::Error::WrongKey
                    | envelope::Error::NeedsKeyFile
                    | envelope::Error::NeedsPassphrase,
                ..
            })) => None,
            Some(Err(error)) => return Err(error),
        };
        let identity = key.as_ref().and_then(Key::identity);
        let openers = envelope::openers(sealed.expose()).map_err(failed)?;
        let recipient = |(number, opener): (usize, Opener)| {
            let is_own = own == Some(number);
            let public_key = match &opener {
                Opener::Recipient(recipient) => Some(recipient.public_key()),
                _ => identity.as_ref().filter(|_| is_own).map(X25519Identity::recipient),
            };
            let is_passphrase =
                matches!(opener, Opener::Passphrase | Opener::Recipient(Recipient::Passphrase(_)));
            StoreRecipient { public_key, is_passphrase, is_own }
        };
        Ok(openers.into_iter().enumerate().map(recipient).collect())
    }

    /// Adds recipients; for each, whether it is new.
    pub fn grant(&self, new: &[X25519Recipient]) -> Result<Vec<bool>, Error> {
        let (lock, key, mut contents) = self.begin_change()?;
        let mut recipients = self.public_recipients(&key, &contents)?;
        let mut added = Vec::new();
        for recipient in new {
            let is_new = recipients.iter().all(|known| known.public_key() != *recipient);
            if is_new {
                recipients.push(Recipient::X25519(*recipient));
            }
            added.push(is_new);
        }
        if added.contains(&true) {
            contents.openers = recipients.into_iter().map(Opener::Recipient).collect();
            self.write(lock, &key, &contents)?;
        }
        Ok(added)
    }

    /// Removes recipients. Each write seals with a new content key, so they cannot open what follows.
    pub fn revoke(&self, revoked: &[X25519Recipient]) -> Result<(), Error> {
        let (lock, key, mut contents) = self.begin_change()?;
        let recipients = self.public_recipients(&key, &contents)?;
        for recipient in revoked {
            let number = recipients.iter().position(|known| known.public_key() == *recipient);
            match number {
                None => return Err(Error::NotARecipient { recipient: *recipient }),
                Some(number) if Some(number) == contents.own => return Err(Error::OwnRecipient),
                Some(_) => {}
            }
        }
        let is_kept = |known: &Recipient| !revoked.contains(&known.public_key());
        contents.openers = recipients.into_iter().filter(is_kept).map(Opener::Recipient).collect();
        self.write(lock, &key, &contents)
    }

    /// Seals the store with another key in place of this one.
    pub fn rekey(&self, new: &Key) -> Result<(), Error> {
        let (lock, key, mut contents) = self.begin_change()?;
        if contents.openers.len() > 1 {
            let new = self.recipient(new)?;
            let public_key = new.public_key();
            let recipients = self.public_recipients(&key, &contents)?;
            let is_kept = |(number, known): &(usize, Recipient)| {
                contents.own != Some(*number) && known.public_key() != public_key
            };
            let others = recipients.into_iter().enumerate().filter(is_kept);
            let recipients: Vec<_> = others.map(|(_, known)| known).chain([new]).collect();
            contents.openers = recipients.into_iter().map(Opener::Recipient).collect();
        } else {
            contents.openers = Vec::new();
        }
        self.write(lock, new, &contents)
    }

    /// Everybody who can open the store, as a recipient.
    fn public_recipients(&self, key: &Key, contents: &Contents) -> Result<Vec<Recipient>, Error> {
        let own = match contents.own_recipient() {
            Some(own) => own,
            None => self.recipient(key)?,
        };
        self.recipients_with(&own, contents)
    }

    /// Everybody who can open the store, with this recipient for the key that opened it.
    pub(super) fn recipients_with(
        &self,
        own: &Recipient,
        contents: &Contents,
    ) -> Result<Vec<Recipient>, Error> {
        let recipient = |(number, opener): (usize, &Opener)| match opener {
            _ if contents.own == Some(number) => Ok(own.clone()),
            Opener::Recipient(recipient) => Ok(recipient.clone()),
            _ => Err(self.sealing_error(envelope::Error::OtherRecipients)),
        };
        contents.openers.iter().enumerate().map(recipient).collect()
    }

    /// The recipient of a key.
    pub(super) fn recipient(&self, key: &Key) -> Result<Recipient, Error> {
        key.to_recipient().map_err(|source| self.sealing_error(source))
    }
}
