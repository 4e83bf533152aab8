// SPDX-License-Identifier: Apache-2.0

//! Compiles the .proto files to the descriptors that Python's protobuf makes its classes of.

use std::{env, error::Error, fmt::Write, fs, path::Path};

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let files = mesos_protos::files();
    for file in &files {
        let path = out.join("proto").join(file.path);
        fs::create_dir_all(path.parent().ok_or("no folder")?)?;
        fs::write(path, &file.text)?;
    }
    let paths = files.iter().map(|file| file.path);
    let set = protox::compile(paths, [out.join("proto")])?;
    let mut table = String::from("const DESCRIPTORS: &[(&str, &[u8])] = &[\n");
    for mut file in set.file {
        file.source_code_info = None;
        let name = file.name().to_owned();
        // Python's protobuf has its own.
        if name.starts_with("google/") {
            continue;
        }
        let place = out.join(name.replace('/', "."));
        fs::write(&place, file.encode_to_vec())?;
        writeln!(table, "    ({name:?}, include_bytes!({place:?})),")?;
    }
    table.push_str("];\n");
    fs::write(out.join("descriptors.rs"), table)?;
    Ok(())
}
