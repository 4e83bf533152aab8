// SPDX-License-Identifier: Apache-2.0

//! Writes the .proto files of Mesos below a folder: `mesos-protos FOLDER`.

use std::{error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: mesos-protos FOLDER")?;
    for file in mesos_protos::files() {
        let path = Path::new(&folder).join(file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, file.text)?;
    }
    Ok(())
}
