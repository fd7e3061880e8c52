//! A data directory is for its owner alone.

use std::os::unix::fs::PermissionsExt;

use qb_store::testing;
use qb_store::{Place, Store, StoreError};

use super::filled;

pub(super) fn mode_of(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub(super) fn open_to_all(path: &std::path::Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn a_data_directory_is_its_owners_alone_however_it_was_made() {
    let folder = testing::scratch_dir("modes");
    std::fs::create_dir_all(folder.join("raw/deep")).unwrap();
    std::fs::write(folder.join("raw/deep/a.csv"), "x").unwrap();
    open_to_all(&folder, 0o755);
    open_to_all(&folder.join("raw"), 0o755);
    open_to_all(&folder.join("raw/deep/a.csv"), 0o644);
    let store = Store::open(Place::sqlite(&folder)).unwrap();
    filled(&store, 1);
    let mut folders = vec![folder.clone()];
    while let Some(one) = folders.pop() {
        assert_eq!(mode_of(&one), 0o700, "{}", one.display());
        for entry in std::fs::read_dir(&one).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(mode_of(&path), 0o600, "{}", path.display());
            }
        }
    }
    drop(store);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_directory_that_others_share_is_refused_and_left_as_it_is() {
    let folder = testing::scratch_dir("shared");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("letters.txt"), "x").unwrap();
    open_to_all(&folder, 0o755);
    let opened = Store::open(Place::sqlite(&folder));
    assert!(matches!(opened, Err(StoreError::Exposed(_))), "{opened:?}");
    assert_eq!((mode_of(&folder), std::fs::read_dir(&folder).unwrap().count()), (0o755, 1));
    open_to_all(&folder, 0o700);
    Store::open(Place::sqlite(&folder)).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}
