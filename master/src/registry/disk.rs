// SPDX-License-Identifier: Apache-2.0

//! The registry in one file on local disk, a transactional key-value store.
//!
//! | table | key | value |
//! |---|---|---|
//! | `format` | `version` | number |
//! | `admitted` | agent id | `AgentInfo` |
//! | `unreachable`, `gone` | agent id | since when, in nanoseconds |
//! | `frameworks` | framework id | [`FrameworkRecord`](super::record::FrameworkRecord) |
//! | `completed` | framework id | since when, in nanoseconds |
//!
//! A transaction is synced to the disk before it counts. The file is locked:
//! two masters cannot share it.

#![expect(clippy::result_large_err, reason = "an error of the store ends the master")]

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
};

use mesos_core::time::Time;
use mesos_master_state::{RegistryChange, RegistrySnapshot};
use mesos_proto::v1;
use prost::Message;
use redb::{
    Database, DatabaseError, ReadableTable, StorageError, Table, TableDefinition, WriteTransaction,
};

use super::{Store, StoreError, record::FrameworkRecord};

const FORMAT: TableDefinition<'_, &str, u64> = TableDefinition::new("format");
const ADMITTED: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("admitted");
const UNREACHABLE: TableDefinition<'_, &str, u64> = TableDefinition::new("unreachable");
const GONE: TableDefinition<'_, &str, u64> = TableDefinition::new("gone");
const FRAMEWORKS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("frameworks");
const COMPLETED: TableDefinition<'_, &str, u64> = TableDefinition::new("completed");

/// The key of the one number in the table `format`.
const VERSION_KEY: &str = "version";
/// The format that this version reads and writes.
const VERSION: u64 = 1;
/// The file's name in the work directory.
const FILE_NAME: &str = "registry.redb";

/// Keeps the registry in a file.
#[derive(Debug)]
pub struct DiskStore {
    path: PathBuf,
    database: Database,
}

impl DiskStore {
    /// Opens the registry of a work directory, and creates what is missing.
    pub fn open(work_dir: &Path) -> Result<Self, StoreError> {
        let path = work_dir.join(FILE_NAME);
        let refused = |reason| StoreError::Open { path: path.clone(), reason };
        fs::create_dir_all(work_dir).map_err(|error| refused(error.to_string()))?;
        // The store checks what it reads, partly by assertions.
        let opened = catch_unwind(|| Database::create(&path));
        let database = match opened {
            Ok(Ok(database)) => database,
            Ok(Err(DatabaseError::DatabaseAlreadyOpen)) => {
                return Err(refused("another master uses it".to_owned()));
            }
            Ok(Err(DatabaseError::Storage(StorageError::Corrupted(reason)))) => {
                return Err(StoreError::Damaged { path, reason });
            }
            Ok(Err(DatabaseError::Storage(StorageError::Io(error))))
                if error.kind() == std::io::ErrorKind::InvalidData =>
            {
                return Err(StoreError::Damaged { path, reason: error.to_string() });
            }
            Ok(Err(error)) => return Err(refused(error.to_string())),
            Err(_) => {
                let reason = "its structure is inconsistent".to_owned();
                return Err(StoreError::Damaged { path, reason });
            }
        };
        Ok(DiskStore { path, database })
    }

    fn read(&self) -> Result<RegistrySnapshot, StoreError> {
        self.check_format()?;
        let damaged = |reason: String| StoreError::Damaged { path: self.path.clone(), reason };
        let transaction = self.database.begin_read().map_err(|error| damaged(error.to_string()))?;
        let mut snapshot = RegistrySnapshot::default();
        read_all(&transaction, ADMITTED, |id, bytes: &[u8]| {
            let info = v1::AgentInfo::decode(bytes).map_err(|error| error.to_string())?;
            snapshot.admitted.insert(id, Arc::new(info));
            Ok(())
        })
        .map_err(damaged)?;
        read_all(&transaction, FRAMEWORKS, |id, bytes: &[u8]| {
            let record = FrameworkRecord::decode(bytes).map_err(|error| error.to_string())?;
            snapshot.frameworks.insert(id, Arc::new(record.into_entry()));
            Ok(())
        })
        .map_err(damaged)?;
        for (table, times) in [
            (UNREACHABLE, &mut snapshot.unreachable),
            (GONE, &mut snapshot.gone),
            (COMPLETED, &mut snapshot.completed),
        ] {
            read_all(&transaction, table, |id, nanos: u64| {
                times.insert(id, Time::from_nanos(nanos));
                Ok(())
            })
            .map_err(damaged)?;
        }
        Ok(snapshot)
    }

    /// Creates the tables of a new file; refuses a file of another format.
    fn check_format(&self) -> Result<(), StoreError> {
        let initialize = || -> Result<u64, redb::Error> {
            let transaction = self.database.begin_write()?;
            let found = {
                let mut format = transaction.open_table(FORMAT)?;
                let found = format.get(VERSION_KEY)?.map(|guard| guard.value());
                match found {
                    Some(found) => found,
                    None => {
                        format.insert(VERSION_KEY, VERSION)?;
                        VERSION
                    }
                }
            };
            transaction.open_table(ADMITTED)?;
            transaction.open_table(FRAMEWORKS)?;
            for table in [UNREACHABLE, GONE, COMPLETED] {
                transaction.open_table(table)?;
            }
            transaction.commit()?;
            Ok(found)
        };
        match initialize() {
            Ok(VERSION) => Ok(()),
            Ok(found) => {
                Err(StoreError::Format { path: self.path.clone(), found, expected: VERSION })
            }
            Err(error) => {
                Err(StoreError::Damaged { path: self.path.clone(), reason: error.to_string() })
            }
        }
    }
}

impl Store for DiskStore {
    fn load(&mut self) -> Result<RegistrySnapshot, StoreError> {
        catch_unwind(AssertUnwindSafe(|| self.read())).unwrap_or_else(|_| {
            let reason = "its structure is inconsistent".to_owned();
            Err(StoreError::Damaged { path: self.path.clone(), reason })
        })
    }

    fn apply(&mut self, changes: &[&RegistryChange]) -> Result<(), StoreError> {
        let store = || -> Result<(), redb::Error> {
            let transaction = self.database.begin_write()?;
            let mut tables = Tables::new(&transaction);
            changes.iter().try_for_each(|change| tables.apply(change))?;
            drop(tables);
            transaction.commit()?;
            Ok(())
        };
        store().map_err(|error| StoreError::Write(error.to_string()))
    }
}

/// Hands every record of a table to `take`.
fn read_all<V: redb::Value + 'static>(
    transaction: &redb::ReadTransaction,
    table: TableDefinition<'_, &'static str, V>,
    mut take: impl FnMut(String, V::SelfType<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let table = transaction.open_table(table).map_err(|error| error.to_string())?;
    for entry in table.iter().map_err(|error| error.to_string())? {
        let (key, value) = entry.map_err(|error| error.to_string())?;
        take(key.value().to_owned(), value.value())?;
    }
    Ok(())
}

/// The tables of a transaction, each opened when it is first written to: opening one
/// costs more than writing a record.
struct Tables<'t> {
    transaction: &'t WriteTransaction,
    admitted: Option<Table<'t, &'static str, &'static [u8]>>,
    unreachable: Option<Table<'t, &'static str, u64>>,
    gone: Option<Table<'t, &'static str, u64>>,
    frameworks: Option<Table<'t, &'static str, &'static [u8]>>,
    completed: Option<Table<'t, &'static str, u64>>,
    /// What a record is encoded in.
    buffer: Vec<u8>,
}

impl<'t> Tables<'t> {
    fn new(transaction: &'t WriteTransaction) -> Self {
        Tables {
            transaction,
            admitted: None,
            unreachable: None,
            gone: None,
            frameworks: None,
            completed: None,
            buffer: Vec::new(),
        }
    }

    /// Makes one change.
    fn apply(&mut self, change: &RegistryChange) -> Result<(), redb::Error> {
        let transaction = self.transaction;
        let admitted = &mut self.admitted;
        let unreachable = &mut self.unreachable;
        match change {
            RegistryChange::AdmitAgent { info } | RegistryChange::UpdateAgent { info } => {
                let record = encoded(&mut self.buffer, &**info);
                open(admitted, transaction, ADMITTED)?.insert(agent_id(info), record)?;
            }
            RegistryChange::MarkReachable { info } => {
                open(unreachable, transaction, UNREACHABLE)?.remove(agent_id(info))?;
                let record = encoded(&mut self.buffer, &**info);
                open(admitted, transaction, ADMITTED)?.insert(agent_id(info), record)?;
            }
            RegistryChange::MarkUnreachable { agent_id, since } => {
                open(admitted, transaction, ADMITTED)?.remove(agent_id.as_str())?;
                open(unreachable, transaction, UNREACHABLE)?
                    .insert(agent_id.as_str(), since.as_nanos())?;
            }
            RegistryChange::MarkGone { agent_id, since } => {
                open(admitted, transaction, ADMITTED)?.remove(agent_id.as_str())?;
                open(unreachable, transaction, UNREACHABLE)?.remove(agent_id.as_str())?;
                open(&mut self.gone, transaction, GONE)?
                    .insert(agent_id.as_str(), since.as_nanos())?;
            }
            RegistryChange::RemoveAgent { agent_id } => {
                open(admitted, transaction, ADMITTED)?.remove(agent_id.as_str())?;
            }
            RegistryChange::Prune { unreachable: before, gone } => {
                for id in before {
                    open(unreachable, transaction, UNREACHABLE)?.remove(id.as_str())?;
                }
                for id in gone {
                    open(&mut self.gone, transaction, GONE)?.remove(id.as_str())?;
                }
            }
            RegistryChange::PutFramework { framework } => {
                let id = framework.info.id.as_ref().map_or("", |id| id.value.as_str());
                let record = encoded(&mut self.buffer, &FrameworkRecord::of(framework));
                open(&mut self.frameworks, transaction, FRAMEWORKS)?.insert(id, record)?;
            }
            RegistryChange::CompleteFramework { framework_id, since } => {
                open(&mut self.frameworks, transaction, FRAMEWORKS)?
                    .remove(framework_id.as_str())?;
                open(&mut self.completed, transaction, COMPLETED)?
                    .insert(framework_id.as_str(), since.as_nanos())?;
            }
            RegistryChange::PruneFrameworks { framework_ids } => {
                for id in framework_ids {
                    open(&mut self.completed, transaction, COMPLETED)?.remove(id.as_str())?;
                }
            }
        }
        Ok(())
    }
}

fn open<'s, 't, V: redb::Value + 'static>(
    table: &'s mut Option<Table<'t, &'static str, V>>,
    transaction: &'t WriteTransaction,
    definition: TableDefinition<'_, &'static str, V>,
) -> Result<&'s mut Table<'t, &'static str, V>, redb::Error> {
    let opened = match table.take() {
        Some(opened) => opened,
        None => transaction.open_table(definition)?,
    };
    Ok(table.insert(opened))
}

fn encoded<'b>(buffer: &'b mut Vec<u8>, record: &impl Message) -> &'b [u8] {
    buffer.clear();
    record.encode(buffer).expect("a vector grows");
    buffer
}

fn agent_id(info: &v1::AgentInfo) -> &str {
    info.id.as_ref().map_or("", |id| id.value.as_str())
}
