//! `codestrata draw`.

mod around;
mod modules;
mod signature;
mod split;
mod strength;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, ValueEnum};
use codestrata::Resolution;
use codestrata_draw::{Certainty, DrawError, Picture, limits};
use serde::Serialize;

use crate::arguments::{Settings, whole_number, with_notes};
use crate::failure::{Code, Failure};
use crate::freshness::{self, OfAll};
use crate::output::note;
use crate::replacement::Replacement;
use crate::repository;
use crate::store::Store;
use crate::walking::{ABOUT_KINDS, Towards, odd_kind};
use crate::words::{Shown, counted};

const EXAMPLES: &str = "\
Examples:
  codestrata draw User.save --output save.svg
  codestrata draw User.save --depth 2 --direction in --output callers.html
  codestrata draw --file app/user.py --format mermaid
  codestrata draw --modules --output modules.html";

const NOTES: &str = "\
Boxes are definitions, coloured by kind, or files and folders with --modules. An arrow leads from what refers to what \
    is referred to; it is dashed where it was bound by a name alone, and dotted where several may be meant. Boxes with the \
    same neighbours stand in one frame and share its arrows. The nearest boxes come first, and of these the ones with most \
    edges to what is drawn: what does not fit --max-nodes is left out, and the picture and a note say so. What has more than \
    40 neighbours is drawn with their number, and not followed.

An HTML file stands by itself: drag and wheel move it, the field searches it, a click on a box shows what is known of it. \
    `#select=ID` and `#search=TEXT` behind its address open it so.";

/// How many steps are followed at most: what is further off has no place in a picture.
const MAX_STEPS: u32 = 100;

/// Draw a part of the graph: around a definition, of a file, or of all files.
#[derive(Args, Debug)]
#[command(
    after_help = EXAMPLES,
    after_long_help = with_notes(EXAMPLES, &format!("{NOTES}\n\n{ABOUT_KINDS}")),
    group(ArgGroup::new("what").required(true).multiple(true).args(["symbol", "file", "modules"]))
)]
pub(crate) struct Draw {
    /// What to draw the neighbourhood of: an id, a name, or the end of a qualified name.
    #[arg(value_name = "SYMBOL", conflicts_with = "modules")]
    symbol: Option<String>,

    /// Draw what this file defines; with a symbol, only its definitions in files whose path contains this.
    #[arg(long, value_name = "FILE", conflicts_with = "modules")]
    file: Option<String>,

    /// Draw which files refer to which, or folders where files are too many.
    #[arg(long)]
    modules: bool,

    /// Only definitions of the symbol that are of this kind.
    #[arg(long, value_name = "KIND", requires = "symbol")]
    kind: Option<String>,

    /// How many steps to follow [default: 1 around a symbol, 0 around a file]; with --modules, how deep folders are
    /// told apart [default: as deep as fits].
    #[arg(long, value_name = "N", value_parser = |text: &str| whole_number(text, &(0..=MAX_STEPS)))]
    depth: Option<u32>,

    /// Which way to follow edges: out to what is referred to, in to what refers, or both.
    #[arg(long, value_name = "WAY", default_value = "both")]
    direction: Towards,

    /// The kinds of edges, with commas between them; `all` is every kind but contains.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_value = "all")]
    kinds: Vec<String>,

    /// The most boxes, up to 1,000 [default: 150, with --modules 60].
    #[arg(long, value_name = "N", value_parser = few_enough)]
    max_nodes: Option<usize>,

    /// What to write [default: what the name of --output says, else svg].
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    /// Where to; a file there is replaced once the new one is whole [default: stdout].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn few_enough(text: &str) -> Result<usize, String> {
    whole_number(text, &(1..=limits::MAX_SHAPES))
}

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Format {
    /// An image for any page or viewer.
    Svg,
    /// A page to move about in, in one file.
    Html,
    /// The language of Graphviz.
    Dot,
    /// The language of Mermaid, for Markdown.
    Mermaid,
}

impl Format {
    fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "svg" => Some(Self::Svg),
            "html" | "htm" => Some(Self::Html),
            "dot" | "gv" => Some(Self::Dot),
            "mmd" | "mermaid" => Some(Self::Mermaid),
            _ => None,
        }
    }

    fn of(self, picture: &Picture) -> Result<String, DrawError> {
        match self {
            Self::Svg => picture.to_svg(),
            Self::Html => picture.to_html(),
            Self::Dot => picture.to_dot(),
            Self::Mermaid => picture.to_mermaid(),
        }
    }
}

/// A picture and what is known of it.
pub(super) struct Drawing {
    picture: Picture,
    version: u64,
    arrows: u64,
    /// Whether boxes or arrows were left out.
    truncated: bool,
    /// How many boxes are known to be left out.
    left_out: u64,
    /// What was left out, in words.
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Document {
    repository: String,
    version: u64,
    format: Format,
    nodes: usize,
    edges: u64,
    truncated: bool,
    left_out: u64,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// The text itself, where no file was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
}

impl Draw {
    /// The file that the picture goes to; none for stdout.
    fn file_named(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| path.as_os_str() != "-")
    }

    fn written_as(&self) -> Format {
        self.format.or_else(|| self.file_named().and_then(Format::of_name)).unwrap_or(Format::Svg)
    }

    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let output = self.file_named().map(Path::to_path_buf);
        let by_name = output.as_deref().and_then(Format::of_name);
        if let (None, None, Some(path)) = (self.format, by_name, &output)
            && let Some(ending) = path.extension()
        {
            let message = format!("no picture is written as `.{}`", ending.to_string_lossy());
            return Err(Failure::new(Code::Usage, "usage", message)
                .with_help("end the name in .svg, .html, .dot or .mmd, or say --format"));
        }
        let format = self.written_as();
        if output.is_none() && !settings.json && io::stdout().is_terminal() && format != Format::Mermaid {
            return Err(Failure::new(Code::Usage, "usage", "a terminal does not show pictures").with_help(
                "name a file with --output, send it on with a pipe, or use --format mermaid to read its text",
            ));
        }
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let mut drawing = if self.modules {
            modules::draw(&self, &store, &queries).await?
        } else {
            around::draw(&self, &store, &queries).await?
        };
        if drawing.arrows == 0 {
            drawing.notes.extend(odd_kind(&self.kinds));
        }
        let text = format.of(&drawing.picture).map_err(|error| {
            Failure::input(error.to_string()).with_help("ask for less with --max-nodes, --depth or --kinds")
        })?;
        let mut document = Document {
            repository: queries.repository().to_owned(),
            version: drawing.version,
            format,
            nodes: drawing.picture.len(),
            edges: drawing.arrows,
            truncated: drawing.truncated,
            left_out: drawing.left_out,
            file: output.as_ref().map(|path| path.display().to_string()),
            picture: None,
        };
        let Some(path) = output else {
            if !settings.json {
                freshness::answer(settings, &queries, &OfAll(&document), |out| {
                    out.write_all(text.as_bytes())
                })
                .await?;
                drawing.notes.iter().for_each(|text| note(settings, text));
                return Ok(());
            }
            document.picture = Some(text);
            return freshness::answer(settings, &queries, &OfAll(&document), |_| Ok(())).await;
        };
        write_file(&path, &text)?;
        freshness::answer(settings, &queries, &OfAll(&document), |out| {
            let (boxes, arrows) = (document.nodes as u64, document.edges);
            let boxes = if boxes == 1 { "1 box".to_owned() } else { format!("{boxes} boxes") };
            writeln!(
                out,
                "drew {boxes} and {} to {}",
                counted(arrows, "arrow"),
                Shown(&path.display().to_string())
            )
        })
        .await?;
        if !settings.json {
            drawing.notes.iter().for_each(|text| note(settings, text));
        }
        Ok(())
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || {
        let mut replacement = Replacement::begin(path)?;
        replacement.file().write_all(text.as_bytes())?;
        replacement.finish()
    };
    write().map_err(|error: io::Error| {
        let message = format!("{} cannot be written: {error}", path.display());
        Failure::new(Code::Store, "unavailable", message).with_help("name another file with --output")
    })
}

/// How an edge is drawn.
fn certainty(resolution: Option<Resolution>) -> Certainty {
    match resolution {
        None | Some(Resolution::Exact | Resolution::Import) => Certainty::Certain,
        Some(Resolution::UniqueName) => Certainty::Likely,
        Some(Resolution::Ambiguous | Resolution::Unresolved) => Certainty::Doubtful,
    }
}
