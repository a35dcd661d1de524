//! Open attributes of nodes, edges and graphs.
//!
//! A graph has about one set of attributes for each edge, nearly all of them empty or the one word `resolution`. So a set
//! is one pointer, nothing is allocated for an empty one, and equal ones can be shared: a copy counts a reference, and
//! the one that is changed becomes its own.

use std::fmt;
use std::ops::Index;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

use super::Text;

/// One attribute.
type Entry = (Text, Value);

/// What an attribute that is not there reads as.
static NOTHING: Value = Value::Null;

/// So many attributes are made room for before they have been read.
const MOST_EXPECTED: usize = 64;

/// Open attributes, by name: whatever an analyser wants to keep beside a node or an edge, as JSON.
///
/// Numbers are kept as 64-bit integers where they are such, else as 64-bit floats, as most JSON libraries do.
///
/// It is a map, sorted by name. A clone shares what it holds until one of the two is changed.
///
/// ```
/// use codestrata::Attributes;
///
/// let mut attributes = Attributes::from([("score", 7.into()), ("async", true.into())]);
/// attributes.insert("decorators", vec!["cached"].into());
/// assert_eq!(attributes["score"], 7);
/// assert!(attributes["missing"].is_null());
/// assert_eq!(attributes.keys().collect::<Vec<_>>(), ["async", "decorators", "score"]);
/// ```
#[derive(Clone, Default)]
pub struct Attributes {
    /// Sorted by name, each name once.
    entries: Option<Arc<Vec<Entry>>>,
}

impl Attributes {
    /// No attributes.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: None }
    }

    fn entries(&self) -> &[Entry] {
        self.entries.as_deref().map_or(&[], Vec::as_slice)
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.entries().binary_search_by(|(other, _)| other.as_str().cmp(name))
    }

    /// Of entries in any order; of those with one name the last counts.
    fn of(mut entries: Vec<Entry>) -> Self {
        if !entries.is_sorted_by(|(before, _), (after, _)| before < after) {
            entries.sort_by(|(before, _), (after, _)| before.cmp(after));
            entries.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(later, earlier);
                }
                is_same
            });
        }
        Self { entries: (!entries.is_empty()).then(|| Arc::new(entries)) }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }

    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let (_, value) = self.entries().get(self.place(name).ok()?)?;
        Some(value)
    }

    /// The value of this name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let place = self.place(name).ok()?;
        let (_, value) = Arc::make_mut(self.entries.as_mut()?).get_mut(place)?;
        Some(value)
    }

    /// Whether there is one of this name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// Sets a value, and returns the one that it takes the place of.
    ///
    /// Cost: O(number of attributes); to set many, [`extend`](Extend::extend) is better.
    pub fn insert(&mut self, name: impl Into<Text>, value: Value) -> Option<Value> {
        let name = name.into();
        let place = self.place(&name);
        let entries = Arc::make_mut(self.entries.get_or_insert_with(|| Arc::new(Vec::with_capacity(1))));
        match place {
            Ok(place) => entries.get_mut(place).map(|(_, old)| std::mem::replace(old, value)),
            Err(place) => {
                entries.insert(place, (name, value));
                None
            }
        }
    }

    /// Takes one out, and returns its value.
    ///
    /// Cost: O(number of attributes); to take out many, [`retain`](Self::retain) is better.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let place = self.place(name).ok()?;
        let entries = Arc::make_mut(self.entries.as_mut()?);
        Some(entries.remove(place).1)
    }

    /// Keeps those that are wanted.
    pub fn retain(&mut self, mut is_wanted: impl FnMut(&str, &Value) -> bool) {
        if let Some(entries) = &mut self.entries {
            Arc::make_mut(entries).retain(|(name, value)| is_wanted(name, value));
        }
    }

    /// All of them, sorted by name.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.entries().iter())
    }

    /// The names, sorted.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.entries().iter().map(|(name, _)| name)
    }

    /// The values, sorted by name.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.entries().iter().map(|(_, value)| value)
    }
}

impl Index<&str> for Attributes {
    type Output = Value;

    /// The value of this name; `null` if there is none, as in `serde_json`.
    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&NOTHING)
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        let is_shared = match (&self.entries, &other.entries) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        is_shared || self.entries() == other.entries()
    }
}

impl Eq for Attributes {}

impl fmt::Debug for Attributes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self).finish()
    }
}

/// Attributes, borrowed, sorted by name.
#[derive(Clone, Debug)]
pub struct Iter<'a>(std::slice::Iter<'a, Entry>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Text, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Attributes {
    type Item = (&'a Text, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Attributes {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    /// The attributes, sorted by name; copied where they are shared.
    fn into_iter(self) -> Self::IntoIter {
        self.entries.map(Arc::unwrap_or_clone).unwrap_or_default().into_iter()
    }
}

impl<K: Into<Text>> FromIterator<(K, Value)> for Attributes {
    /// Of those with one name the last counts.
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        let given = entries.into_iter();
        let expected = given.size_hint().1.unwrap_or(0).min(MOST_EXPECTED);
        let mut entries = Vec::with_capacity(expected);
        entries.extend(given.map(|(name, value)| (name.into(), value)));
        Self::of(entries)
    }
}

impl<K: Into<Text>, const N: usize> From<[(K, Value); N]> for Attributes {
    /// Of those with one name the last counts.
    fn from(entries: [(K, Value); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Into<Text>> Extend<(K, Value)> for Attributes {
    /// Sets many; of those with one name the last counts.
    fn extend<I: IntoIterator<Item = (K, Value)>>(&mut self, entries: I) {
        let mut entries = entries.into_iter().map(|(name, value)| (name.into(), value)).peekable();
        if entries.peek().is_some() {
            let all = std::mem::take(self).into_iter().chain(entries).collect();
            *self = Self::of(all);
        }
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor)
    }
}

struct MapVisitor;

impl<'de> Visitor<'de> for MapVisitor {
    type Value = Attributes;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
        let mut entries = Vec::with_capacity(map.size_hint().unwrap_or(0).min(MOST_EXPECTED));
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Attributes::of(entries))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Attributes;

    fn names(attributes: &Attributes) -> Vec<&str> {
        attributes.keys().map(crate::model::Text::as_str).collect()
    }

    #[test]
    fn of_several_values_of_one_name_the_last_counts_however_they_come() {
        let given = [("b", 1), ("a", 2), ("b", 3), ("c", 4), ("a", 5)];
        let expected = Attributes::from([("a", json!(5)), ("b", json!(3)), ("c", json!(4))]);
        let collected: Attributes = given.iter().map(|(name, value)| (*name, json!(value))).collect();
        let mut inserted = Attributes::new();
        for (name, value) in given {
            inserted.insert(name, value.into());
        }
        let mut extended = Attributes::from([("c", json!("before")), ("b", json!("before"))]);
        extended.extend(given.iter().map(|(name, value)| (*name, json!(value))));
        let read: Attributes = serde_json::from_str(r#"{"b":1,"a":2,"b":3,"c":4,"a":5}"#).unwrap();
        for attributes in [collected, inserted, extended, read] {
            assert_eq!(attributes, expected);
            assert_eq!(names(&attributes), ["a", "b", "c"]);
        }
    }

    #[test]
    fn a_copy_does_not_change_with_what_it_was_copied_from() {
        let mut one = Attributes::from([("a", json!(1)), ("b", json!(2))]);
        let copy = one.clone();
        assert_eq!(one.insert("a", json!(9)), Some(json!(1)));
        assert_eq!(one.remove("b"), Some(json!(2)));
        assert_eq!(one.get_mut("a").map(std::mem::take), Some(json!(9)));
        assert_eq!((one.remove("b"), one.insert("c", Value::Null)), (None, None));
        assert_eq!(names(&one), ["a", "c"]);
        assert_eq!(copy, Attributes::from([("a", json!(1)), ("b", json!(2))]));
    }

    #[test]
    fn attributes_that_became_empty_equal_those_that_never_had_any() {
        let mut attributes = Attributes::from([("a", json!(1)), ("b", json!(2))]);
        attributes.retain(|name, _| name == "b");
        assert_eq!(names(&attributes), ["b"]);
        attributes.remove("b");
        assert!(attributes.is_empty());
        assert_eq!(attributes, Attributes::new());
        assert_eq!(serde_json::to_string(&attributes).unwrap(), "{}");
    }

    #[test]
    fn they_are_written_as_an_object_in_the_order_of_their_names() {
        let attributes = Attributes::from([("z", json!([1])), ("a", json!({"deep": null}))]);
        let text = r#"{"a":{"deep":null},"z":[1]}"#;
        assert_eq!(serde_json::to_string(&attributes).unwrap(), text);
        assert_eq!(serde_json::from_str::<Attributes>(text).unwrap(), attributes);
        assert!(serde_json::from_str::<Attributes>("[]").is_err());
    }

    #[test]
    fn a_set_of_attributes_takes_the_room_of_a_pointer() {
        assert_eq!(size_of::<Attributes>(), size_of::<usize>());
    }
}
