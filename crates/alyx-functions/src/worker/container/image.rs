//! What an image is made from: the language's base, its worker and library, and what a function depends on.

use sha2::{Digest, Sha256};

use crate::{Dependencies, Function, Runtime, embedded, worker::StartError};

/// An image that can be built.
pub(super) struct Recipe {
    /// With its tag, which follows from everything in it.
    pub(super) name: String,
    pub(super) base: String,
    instructions: String,
    files: Vec<(String, Vec<u8>)>,
}

/// What a function's image is made from.
pub(super) fn recipe(function: &Function, base: &str) -> Result<Recipe, StartError> {
    if base.is_empty() || base.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(StartError::Engine(format!("{base:?} is no name of an image")));
    }
    let runtime = function.runtime;
    // A Go program needs nothing but itself, and its dependencies are in it.
    let dependencies = function.dependencies.as_ref().filter(|_| runtime != Runtime::Go);
    let base = if runtime == Runtime::Go { "scratch" } else { base };
    let mut files = Vec::new();
    if let Some(Dependencies { file, text, lock }) = dependencies {
        files.push((format!("dependencies/{file}"), text.clone().into_bytes()));
        files.extend(lock.iter().map(|(name, text)| (format!("dependencies/{name}"), text.clone().into_bytes())));
    }
    if runtime != Runtime::Go {
        let library = embedded::files(runtime).map(|(path, bytes)| (format!("library/{}", path.display()), bytes));
        files.extend(library);
    }
    files.sort();
    let instructions = instructions(runtime, base, dependencies);
    let name = match dependencies {
        Some(_) => format!("alyx-fn-{}:{}", function.name.to_ascii_lowercase(), hash(&instructions, &files)),
        None => format!("alyx-runtime-{runtime}:{}", hash(&instructions, &files)),
    };
    Ok(Recipe { name, base: base.to_owned(), instructions, files })
}

fn instructions(runtime: Runtime, base: &str, dependencies: Option<&Dependencies>) -> String {
    let install = dependencies.map(|dependencies| match runtime {
        Runtime::Node if dependencies.lock.is_some() => "npm ci --omit=dev --no-audit --no-fund",
        Runtime::Node => "npm install --omit=dev --no-audit --no-fund",
        _ => "python3 -m pip install --no-cache-dir --no-input --target /alyx/python -r requirements.txt",
    });
    let install = install.map_or(String::new(), |install| {
        format!("WORKDIR /alyx\nUSER 0:0\nCOPY dependencies/ /alyx/\nRUN {install}\n")
    });
    // The library comes after the installation, which may clear away what it does not know.
    let library = match runtime {
        Runtime::Node => "COPY library/ /alyx/node_modules/@alyx/functions/\n",
        Runtime::Python => {
            "COPY library/ /alyx/python/\nENV PYTHONPATH=/alyx/python PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1\n"
        }
        Runtime::Go => "",
    };
    format!("FROM {base}\n{install}{library}WORKDIR /alyx/function\nUSER 65534:65534\n")
}

fn hash(instructions: &str, files: &[(String, Vec<u8>)]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(instructions);
    for (path, bytes) in files {
        hasher.update(path);
        hasher.update([0]);
        hasher.update(Sha256::digest(bytes));
    }
    embedded::short(&hasher.finalize())
}

impl Recipe {
    /// Everything as the archive that an engine builds from.
    pub(super) fn archive(&self) -> Result<Vec<u8>, StartError> {
        let mut archive = Vec::new();
        add(&mut archive, "Dockerfile", self.instructions.as_bytes())?;
        for (path, bytes) in &self.files {
            add(&mut archive, path, bytes)?;
        }
        // An archive ends with two empty blocks.
        archive.resize(archive.len() + 2 * BLOCK, 0);
        Ok(archive)
    }
}

/// A tar archive is made of blocks of this size.
const BLOCK: usize = 512;

/// Adds a file to a tar archive.
fn add(archive: &mut Vec<u8>, path: &str, bytes: &[u8]) -> Result<(), StartError> {
    if path.len() > 100 {
        return Err(StartError::Engine(format!("the path {path} is too long for an image")));
    }
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, path);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", bytes.len()));
    // The time is always the same, so that an engine's cache recognises the file.
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    archive.extend_from_slice(&header);
    archive.extend_from_slice(bytes);
    archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    Ok(())
}
