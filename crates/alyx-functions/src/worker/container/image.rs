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
    /// Everything as the archive that an engine builds from. Times are always the same, so that its cache recognises
    /// the files.
    pub(super) fn archive(&self) -> Result<Vec<u8>, StartError> {
        let mut archive = tar::Builder::new(Vec::new());
        let dockerfile = ("Dockerfile", self.instructions.as_bytes());
        let files = self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
        let written = std::iter::once(dockerfile).chain(files).try_for_each(|(path, bytes)| {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, path, bytes)
        });
        let done = written.and_then(|()| archive.into_inner());
        done.map_err(|source| StartError::Io { doing: "packing an image".to_owned(), source })
    }
}
