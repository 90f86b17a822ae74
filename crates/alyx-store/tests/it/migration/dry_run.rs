//! Migrations tried on a copy.

use alyx_store::migration::{self, Error, Project, Trial};

use super::{BLOG, Lab, edited, file};
use crate::fixture::schema;

/// Tries the files, and checks that the folder is byte for byte what it was.
async fn trial(lab: &Lab, text: &str) -> Trial {
    let bytes = || -> Vec<_> {
        let entries = std::fs::read_dir(lab.folder()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries.filter(|path| !path.to_string_lossy().ends_with("-shm")).collect();
        files.sort();
        files
            .into_iter()
            .map(|path| (std::fs::read(&path).unwrap(), path))
            .filter(|(bytes, _)| !bytes.is_empty())
            .collect()
    };
    let (schema, files, before) = (schema(text), lab.parsed(), bytes());
    let project = Project { schema_text: text, schema: &schema, files: &files };
    let trial = migration::dry_run(&lab.options, &project, &mut |_| ()).await.unwrap();
    assert!(bytes() == before, "the real database is untouched and the copy is gone");
    trial
}

#[tokio::test]
async fn a_dry_run_tells_rows_and_time_and_touches_nothing() {
    let mut lab = Lab::blog().await;
    let text = edited(BLOG, "views: {type: string", "views: {type: int");
    lab.files = vec![
        (
            "002_int.yaml".to_owned(),
            file("  - {type: change_type, collection: posts, field: views, to: {type: int, nullable: true}}\n"),
        ),
        ("003_names.yaml".to_owned(), file("  - {type: sql, up: \"UPDATE users SET name = 'x'\"}\n")),
    ];
    let trial = trial(&lab, &text).await;
    let rows: Vec<_> = trial.applied.iter().map(|applied| (&*applied.title, applied.rows_changed)).collect();
    assert_eq!(rows, [("002_int", 2), ("003_names", 2)]);
    assert!(trial.failed.is_none() && trial.broken_references == 0);
}

#[tokio::test]
async fn a_dry_run_names_rows_that_would_fail() {
    let mut lab = Lab::blog().await;
    lab.sql("UPDATE posts SET views = 'many' WHERE title <> 'One'").await;
    lab.files =
        vec![("002_int.yaml".to_owned(), file("  - {type: change_type, collection: posts, field: views, to: int}\n"))];
    let trial = trial(&lab, &edited(BLOG, "views: {type: string, nullable: true}", "views: {type: int}")).await;
    let Some(Error::FailingRows(failing)) = trial.failed else { panic!("{trial:?}") };
    assert_eq!(
        failing.to_string(),
        "002_int: 2 documents of posts cannot keep views\n  bbbbbbbbbbbbbbb: many is no int\n  ccccccccccccccc: many is no int"
    );
    assert!(trial.applied.is_empty());
}
