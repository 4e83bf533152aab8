// SPDX-License-Identifier: Apache-2.0

//! The store of `ZooKeeperState`: a znode for each entry, below one that is given.

use std::time::Duration;

use prost::Message;
use tokio::{runtime::Runtime, time::timeout};
use zookeeper_client::{Acl, Acls, Client, CreateMode, Error, Permission};

use super::entry::Entry;

/// A session, opened when it is first needed and again when it is lost.
pub(super) struct ZooKeeperStore {
    servers: String,
    session_timeout: Duration,
    /// Without a slash at its end.
    root: String,
    /// Scheme and credentials.
    auth: Option<(String, Vec<u8>)>,
    runtime: Runtime,
    client: Option<Client>,
}

/// A server closes the connection on which more comes.
const ENTRY_BYTES_MAX: usize = 1 << 20;

/// How an entry came to be written, or not.
enum Written {
    Yes,
    /// Somebody else was faster.
    Conflict,
}

impl ZooKeeperStore {
    pub(super) fn new(
        servers: String,
        session_timeout: Duration,
        znode: &str,
        auth: Option<(String, Vec<u8>)>,
    ) -> Result<Self, String> {
        if !znode.starts_with('/') {
            return Err(format!("the znode '{znode}' does not begin with '/'"));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start an event loop: {error}"))?;
        let root = znode.trim_end_matches('/').to_owned();
        Ok(ZooKeeperStore { servers, session_timeout, root, auth, runtime, client: None })
    }

    pub(super) fn get(&mut self, name: &str) -> Result<Option<Entry>, String> {
        let path = self.path(name)?;
        Ok(self.read(&path)?.map(|(entry, _)| entry))
    }

    /// Puts an entry in place of the one with this uuid; `false` when there is another one.
    pub(super) fn put(&mut self, entry: &Entry, expected: &[u8]) -> Result<bool, String> {
        let path = self.path(&entry.name)?;
        let bytes = entry.encode_to_vec();
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(format!(
                "the variable '{}' has {} bytes; ZooKeeper takes {ENTRY_BYTES_MAX} at most",
                entry.name,
                bytes.len()
            ));
        }
        let version = match self.read(&path)? {
            Some((stored, _)) if stored.uuid != expected => return Ok(false),
            Some((_, version)) => Some(version),
            None => None,
        };
        let acls = if self.auth.is_some() { Acls::new(&PROTECTED) } else { Acls::anyone_all() };
        let root = self.root.clone();
        let written = self.attempt(async |client| {
            let mode = CreateMode::Persistent.with_acls(acls);
            let done = match version {
                Some(version) => client.set_data(&path, &bytes, Some(version)).await.map(drop),
                None => {
                    if !root.is_empty() {
                        client.mkdir(&root, &mode).await?;
                    }
                    client.create(&path, &bytes, &mode).await.map(drop)
                }
            };
            conflict(done)
        })?;
        Ok(matches!(written, Written::Yes))
    }

    /// Removes the entry with this uuid; `false` when there is none or another one.
    pub(super) fn remove(&mut self, name: &str, expected: &[u8]) -> Result<bool, String> {
        let path = self.path(name)?;
        let version = match self.read(&path)? {
            Some((stored, version)) if stored.uuid == expected => version,
            Some(_) | None => return Ok(false),
        };
        let removed =
            self.attempt(async |client| conflict(client.delete(&path, Some(version)).await))?;
        Ok(matches!(removed, Written::Yes))
    }

    pub(super) fn names(&mut self) -> Result<Vec<String>, String> {
        let root = if self.root.is_empty() { "/".to_owned() } else { self.root.clone() };
        let mut names = self.reading(async |client| match client.list_children(&root).await {
            Err(Error::NoNode) => Ok(Vec::new()),
            listed => listed,
        })?;
        names.sort();
        Ok(names)
    }

    fn path(&self, name: &str) -> Result<String, String> {
        if name.is_empty() || name.contains('/') || name == "." || name == ".." {
            return Err(format!("'{name}' is no name of a znode"));
        }
        Ok(format!("{}/{name}", self.root))
    }

    /// An entry and its version.
    fn read(&mut self, path: &str) -> Result<Option<(Entry, i32)>, String> {
        let found = self.reading(async |client| match client.get_data(path).await {
            Ok((data, stat)) => Ok(Some((data, stat.version))),
            Err(Error::NoNode) => Ok(None),
            Err(error) => Err(error),
        })?;
        let Some((data, version)) = found else { return Ok(None) };
        let entry = Entry::decode(data.as_slice())
            .map_err(|error| format!("the znode {path} is no variable: {error}"))?;
        Ok(Some((entry, version)))
    }

    /// Reads. What fails with a session that was lost since the last time is tried again with a
    /// new one; of a write nobody would know whether it was done.
    fn reading<T>(
        &mut self,
        operation: impl AsyncFn(&Client) -> Result<T, Error>,
    ) -> Result<T, String> {
        let had_session = self.client.is_some();
        match self.attempt(&operation) {
            Err(_) if had_session && self.client.is_none() => self.attempt(&operation),
            result => result,
        }
    }

    fn attempt<T>(
        &mut self,
        operation: impl AsyncFn(&Client) -> Result<T, Error>,
    ) -> Result<T, String> {
        let patience = self.session_timeout;
        let late = || format!("ZooKeeper at {} did not answer in {patience:?}", self.servers);
        let failed = |error: Error| format!("ZooKeeper at {}: {error}", self.servers);
        let client = match self.client.take() {
            Some(client) => client,
            None => {
                let mut connector = Client::connector().with_session_timeout(patience);
                if let Some((scheme, credentials)) = &self.auth {
                    connector = connector.with_auth(scheme, credentials);
                }
                let connected = self
                    .runtime
                    .block_on(async { timeout(patience, connector.connect(&self.servers)).await });
                connected.map_err(|_| late())?.map_err(failed)?
            }
        };
        let done = self.runtime.block_on(async { timeout(patience, operation(&client)).await });
        let done = done.map_err(|_| late())?.map_err(failed)?;
        self.client = Some(client);
        Ok(done)
    }
}

/// What is made with credentials: whoever has them may do anything, everyone may read.
static PROTECTED: [Acl; 2] = [
    Acl::new_const(Permission::ALL, "auth", ""),
    Acl::new_const(Permission::READ, "world", "anyone"),
];

fn conflict(done: Result<(), Error>) -> Result<Written, Error> {
    match done {
        Ok(()) => Ok(Written::Yes),
        Err(Error::BadVersion | Error::NodeExists | Error::NoNode) => Ok(Written::Conflict),
        Err(error) => Err(error),
    }
}
