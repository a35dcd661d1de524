//! From links back to edges: the ids and texts that people see.

use codestrata_core::Result;

use super::view::{NodePlace, StoredFile, View};
use crate::keyspace::{FileOrd, Slot};
use crate::link::{Link, LinkTarget, target_text};
use crate::model::{Edge, Resolution};

/// Files kept at hand for the ids of targets; more are fetched again.
const FILES_AT_HAND: usize = 4_096;

/// Makes edges of links, with the ids of nodes in other files.
pub(crate) struct EdgeReader<'v, 'e> {
    view: &'v View<'e>,
    /// By ordinal.
    files: Vec<StoredFile>,
}

impl<'v, 'e> EdgeReader<'v, 'e> {
    pub(crate) fn new(view: &'v View<'e>) -> Self {
        Self { view, files: Vec::new() }
    }

    /// One that has a file already.
    pub(crate) fn beside(view: &'v View<'e>, file: &StoredFile) -> Self {
        Self { view, files: vec![file.clone()] }
    }

    fn file(&self, file: FileOrd) -> Option<&StoredFile> {
        let place = self.files.binary_search_by_key(&file, |file| file.ordinal).ok()?;
        self.files.get(place)
    }

    async fn fetch(&mut self, mut files: Vec<FileOrd>) -> Result<()> {
        files.retain(|file| self.file(*file).is_none());
        files.sort_unstable();
        files.dedup();
        if self.files.len() + files.len() > FILES_AT_HAND {
            self.files.clear();
        }
        self.files.extend(self.view.files(&files).await?);
        self.files.sort_unstable_by_key(|file| file.ordinal);
        Ok(())
    }

    fn id(&self, file: FileOrd, slot: Slot) -> Option<String> {
        let file = self.file(file)?;
        let row = file.links.slots().row(slot, file.segment.node_count())?;
        Some(file.segment.id(row))
    }

    /// The node at a place, fetching the files of all that will be asked for at the first call.
    pub(crate) async fn place(
        &mut self,
        files: &[FileOrd],
        (file, slot): (FileOrd, Slot),
    ) -> Result<Option<NodePlace>> {
        if self.file(file).is_none() {
            let chunk = files.chunks(FILES_AT_HAND).find(|chunk| chunk.contains(&file)).unwrap_or(&[]);
            self.fetch(chunk.to_vec()).await?;
        }
        let Some(file) = self.file(file) else { return Ok(None) };
        let row = file.links.slots().row(slot, file.segment.node_count());
        Ok(row.map(|row| NodePlace { file: file.clone(), row }))
    }

    /// The edges of a file whose links are wanted, in the order of the links.
    pub(crate) async fn edges(
        &mut self,
        file: &StoredFile,
        is_wanted: impl Fn(&Link, &str) -> bool,
    ) -> Result<Vec<Edge>> {
        let links: Vec<(u32, Link)> = (0..)
            .zip(file.links.links(file.ordinal))
            .filter(|(_, link)| is_wanted(link, file.links.kind(link)))
            .collect();
        let others = links.iter().filter_map(|(_, link)| match link.target {
            LinkTarget::Bound(other, ..) if other != file.ordinal => Some(other),
            _ => None,
        });
        self.fetch(others.collect()).await?;
        Ok(links.iter().map(|(position, link)| self.edge(file, *position, link)).collect())
    }

    fn edge(&self, file: &StoredFile, position: u32, link: &Link) -> Edge {
        let segment = &file.segment;
        if let Some(stated) = position.checked_sub(segment.reference_count()) {
            return segment.edge(stated);
        }
        let (target, resolution) = match link.target {
            LinkTarget::Bound(other, slot, how) => {
                let id = if other == file.ordinal {
                    file.links.slots().row(slot, segment.node_count()).map(|row| segment.id(row))
                } else {
                    self.id(other, slot)
                };
                (id.unwrap_or_default(), how.unwrap_or(Resolution::Exact))
            }
            LinkTarget::Loose(how) => (target_text(segment, segment.reference_target(position), how), how),
            LinkTarget::Dangling => (String::new(), Resolution::Unresolved),
        };
        let mut attributes = segment.reference_attributes(position);
        attributes.insert(Edge::RESOLUTION, resolution.as_str().into());
        Edge {
            source: segment.id(segment.reference_source(position)).into(),
            target: target.into(),
            kind: file.links.kind(link).into(),
            attributes,
            span: Some(segment.reference_span(position)),
        }
    }
}
