//! Rows that were listed together, so that what hangs on one of them is looked up for all of them at
//! once. It lives as long as the rows do, and no longer than their request.

use std::{collections::HashMap, hash::Hash};

use tokio::sync::OnceCell;

use crate::error::Result;

/// One kind of fact about rows that were listed together; looked up when it is first asked for.
pub(super) struct Facts<K, V>(OnceCell<HashMap<K, V>>);

impl<K, V> Default for Facts<K, V> {
    fn default() -> Self {
        Self(OnceCell::new())
    }
}

impl<K: Eq + Hash, V: Clone> Facts<K, V> {
    /// The fact about one of the rows; none where the look-up gave none for it. `look_up` is run
    /// once for all of them, whoever asks first.
    pub(super) async fn get<L>(&self, key: &K, look_up: L) -> Result<Option<V>>
    where
        L: Future<Output = Result<HashMap<K, V>>>,
    {
        let all = self.0.get_or_try_init(|| look_up).await?;
        Ok(all.get(key).cloned())
    }
}

/// Rows by what they hang on, each list in the order in which they came.
pub(super) fn by_key<K: Eq + Hash, V>(
    rows: impl IntoIterator<Item = V>,
    key: impl Fn(&V) -> K,
) -> HashMap<K, Vec<V>> {
    let mut lists: HashMap<K, Vec<V>> = HashMap::new();
    for row in rows {
        lists.entry(key(&row)).or_default().push(row);
    }
    lists
}
