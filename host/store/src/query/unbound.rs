//! What is referred to and not found: grouped by what it says, by file or by kind, and counted.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use codestrata_core::Result;
use serde::Serialize;

use super::answer::{Answer, Site};
use super::callers::{span_of, text_of};
use crate::graph::View;
use crate::limits::MAX_RESULTS;
use crate::link::LinkTarget;
use crate::model::Resolution;

/// Files read together in a pass over the links.
const FILES_PER_READ: usize = 256;

/// Why a reference leads to no node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnboundLabel {
    /// Nothing in the repository is meant: a library, a builtin, something made at run time, or a mistake.
    Unresolved,
    /// One of several things is meant, and the code does not say which.
    Ambiguous,
    /// The target was stated as an id that no node has.
    Dangling,
}

/// By what references are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnboundGrouping {
    /// By what they say.
    #[default]
    Text,
    /// By the file that they stand in.
    File,
    /// By the kind of the edge.
    Kind,
}

/// Which references are listed, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnboundOptions {
    /// Those of any of these labels.
    pub labels: BTreeSet<UnboundLabel>,
    /// Only those of this kind of edge.
    pub kind: Option<String>,
    /// Only those in files whose path contains this.
    pub file: Option<String>,
    /// Only those whose target contains this.
    pub text: Option<String>,
    /// By what they are put together.
    pub by: UnboundGrouping,
    /// How many places of each group are listed.
    pub sites: usize,
}

impl Default for UnboundOptions {
    /// Everything that was not found, by what it says, with three places.
    fn default() -> Self {
        Self {
            labels: BTreeSet::from([UnboundLabel::Unresolved, UnboundLabel::Dangling]),
            kind: None,
            file: None,
            text: None,
            by: UnboundGrouping::Text,
            sites: 3,
        }
    }
}

/// References that lead nowhere and belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnboundGroup {
    /// What they have in common: what they say, their file, or their kind.
    pub group: String,
    /// How many there are.
    pub references: u64,
    /// In how many files.
    pub files: u64,
    /// How many there are of each kind of edge.
    pub kinds: BTreeMap<String, u64>,
    /// How many there are of each label.
    pub labels: BTreeMap<UnboundLabel, u64>,
    /// The first of them by file and line.
    pub sites: Vec<UnboundSite>,
}

/// Where a reference stands that leads nowhere, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnboundSite {
    /// What it says: `unresolved:<text>`, `ambiguous:<name>`, or the id that no node has.
    pub target: String,
    /// Where it stands.
    #[serde(flatten)]
    pub site: Site,
}

/// A group that grows.
#[derive(Default)]
struct Group {
    references: u64,
    files: u64,
    last_file: Option<u32>,
    kinds: BTreeMap<String, u64>,
    labels: BTreeMap<UnboundLabel, u64>,
    sites: Vec<UnboundSite>,
}

/// What leads nowhere, the largest groups first.
///
/// The second figure is how many references there are in all groups, also in those that the limit left out.
pub(super) async fn unbound(
    view: &View<'_>,
    options: &UnboundOptions,
    limit: usize,
) -> Result<(Answer<UnboundGroup>, u64)> {
    let mut entries = view.all_entries().await?;
    if let Some(part) = &options.file {
        entries.retain(|(_, entry)| entry.path.contains(part.as_str()));
    }
    // Those without are passed over unread; `contains` makes none.
    entries.retain(|(_, entry)| entry.counts.unresolved + entry.counts.ambiguous + entry.counts.dangling > 0);
    entries.sort_by(|a, b| b.1.path.cmp(&a.1.path));
    let mut answer = Answer::of(view);
    let mut groups: HashMap<String, Group> = HashMap::new();
    let mut total = 0;
    while !entries.is_empty() {
        let rest = entries.len().saturating_sub(FILES_PER_READ);
        let mut now = entries.split_off(rest);
        now.reverse();
        for file in view.files_of(now).await? {
            let mut found = Vec::new();
            for (position, link) in (0_u32..).zip(file.links.links(file.ordinal)) {
                let kind = file.links.kind(&link);
                let stated = position.checked_sub(file.segment.reference_count());
                let says = stated.and_then(|edge| file.segment.edge_resolution(edge));
                let Some((label, how)) = label_of(link.target, says) else { continue };
                if options.labels.contains(&label)
                    && options.kind.as_ref().is_none_or(|wanted| wanted == kind)
                {
                    let span = span_of(&file, position);
                    found.push((span, position, label, how, kind));
                }
            }
            found.sort_unstable();
            for (span, position, label, how, kind) in found {
                let text = text_of(&file, position, how);
                if options.text.as_ref().is_some_and(|part| !text.contains(part.as_str())) {
                    continue;
                }
                total += 1;
                match label {
                    UnboundLabel::Ambiguous => answer.ambiguous += 1,
                    UnboundLabel::Unresolved | UnboundLabel::Dangling => answer.unresolved += 1,
                }
                let key = match options.by {
                    UnboundGrouping::Text => text.as_str(),
                    UnboundGrouping::File => file.segment.path(),
                    UnboundGrouping::Kind => kind,
                };
                if !groups.contains_key(key) {
                    if groups.len() >= MAX_RESULTS {
                        answer.truncated = true;
                        continue;
                    }
                    groups.insert(key.to_owned(), Group::default());
                }
                let Some(group) = groups.get_mut(key) else { continue };
                let how = (label != UnboundLabel::Dangling).then_some(how);
                group.add(file.ordinal, label, kind);
                if group.sites.len() < options.sites {
                    let site = Site::new(&file.entry.path, span, kind, how);
                    group.sites.push(UnboundSite { target: text, site });
                }
            }
        }
    }
    let mut groups: Vec<(String, Group)> = groups.into_iter().collect();
    groups.sort_by(|a, b| b.1.references.cmp(&a.1.references).then_with(|| a.0.cmp(&b.0)));
    answer.truncated |= groups.len() > limit;
    answer.results = groups.into_iter().take(limit).map(|(name, group)| group.finish(name)).collect();
    Ok((answer, total))
}

/// Why a target is no node; a stated edge may itself say that its target was not found, as one that was exported does.
fn label_of(target: LinkTarget, says: Option<Resolution>) -> Option<(UnboundLabel, Resolution)> {
    match target {
        LinkTarget::Bound(..) => None,
        LinkTarget::Dangling if says == Some(Resolution::Ambiguous) => {
            Some((UnboundLabel::Ambiguous, Resolution::Ambiguous))
        }
        LinkTarget::Dangling if says == Some(Resolution::Unresolved) => {
            Some((UnboundLabel::Unresolved, Resolution::Unresolved))
        }
        LinkTarget::Dangling => Some((UnboundLabel::Dangling, Resolution::Unresolved)),
        LinkTarget::Loose(Resolution::Ambiguous) => Some((UnboundLabel::Ambiguous, Resolution::Ambiguous)),
        LinkTarget::Loose(how) => Some((UnboundLabel::Unresolved, how)),
    }
}

impl Group {
    fn add(&mut self, file: u32, label: UnboundLabel, kind: &str) {
        self.references += 1;
        if self.last_file.replace(file) != Some(file) {
            self.files += 1;
        }
        match self.kinds.get_mut(kind) {
            Some(count) => *count += 1,
            None => {
                self.kinds.insert(kind.to_owned(), 1);
            }
        }
        *self.labels.entry(label).or_default() += 1;
    }

    fn finish(self, group: String) -> UnboundGroup {
        let Self { references, files, kinds, labels, sites, .. } = self;
        UnboundGroup { group, references, files, kinds, labels, sites }
    }
}
