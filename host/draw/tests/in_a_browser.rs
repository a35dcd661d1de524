//! The page in a real browser: it is searched, clicked, moved and enlarged.
//!
//! It runs where there is a Chromium: the program that `CODESTRATA_CHROMIUM` names, else `chromium`,
//! `chromium-browser` or `google-chrome` on the path. Where there is none it says so; `.ci/run` installs one if it can.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::path::Path;
use std::process::{Command, Stdio};

use codestrata_draw::{Arrow, Certainty, Picture, Shape};

/// What a person would do, and what the page then shows, as lines of an element that the test reads.
const PERSON: &str = r#"
<script>
(() => {
  const seen = [];
  const say = (name, value) => seen.push(`${name}=${value}`);
  const stage = document.getElementById("stage");
  const svg = stage.querySelector("svg");
  const search = document.getElementById("search");
  const details = document.getElementById("details");
  const boxes = [...document.querySelectorAll(".shape")];
  const bright = () => boxes.filter((box) => !box.classList.contains("dimmed")).length;
  const scale = () => Number(/scale\(([^)]*)\)/.exec(svg.style.transform)[1]);
  const place = () => /translate\(([^)]*)\)/.exec(svg.style.transform)[1];
  const pointer = (kind, x, y) => new PointerEvent(kind, { bubbles: true, pointerId: 1, clientX: x, clientY: y });

  say("boxes", boxes.length);
  say("bright at first", bright());
  say("details at first", !details.hidden);

  search.value = "NAME7";
  search.dispatchEvent(new Event("input"));
  say("found", document.getElementById("found").textContent);
  say("bright when searched", bright());
  search.value = "";
  search.dispatchEvent(new Event("input"));

  boxes[0].querySelector("rect").dispatchEvent(new MouseEvent("click", { bubbles: true }));
  say("title", details.querySelector("h2").textContent);
  say("headings", [...details.querySelectorAll("h3")].map((heading) => heading.textContent).join("; "));
  say("scripts in details", details.querySelectorAll("script, img").length);
  details.querySelector("button.link").click();
  say("followed", details.querySelector("h2").textContent);
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  say("details after escape", !details.hidden);

  const small = scale();
  stage.dispatchEvent(new WheelEvent("wheel", { deltaY: -400, clientX: 300, clientY: 300, bubbles: true, cancelable: true }));
  say("larger by the wheel", scale() > small);
  const still = place();
  boxes[1].dispatchEvent(pointer("pointerdown", 100, 100));
  window.dispatchEvent(pointer("pointermove", 180, 140));
  window.dispatchEvent(pointer("pointerup", 180, 140));
  say("moved by dragging", place() !== still);
  boxes[1].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  say("selected by dragging", !details.hidden);
  document.getElementById("fit").click();
  say("fits again", scale() === small);
  boxes[2].dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  say("opened by the keyboard", details.querySelector("h2").textContent);


  // The legend stays where it is, and hides what it explains.
  const legend = document.getElementById("legend");
  const seen_at = () => { const at = legend.getBoundingClientRect(); return `${at.left} ${at.top}`; };
  const first = seen_at();
  for (let step = 0; step < 40; step += 1) {
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
  }
  const at = legend.getBoundingClientRect();
  say("legend moved", seen_at() !== first);
  say("legend in the window", at.width > 0 && at.height > 0 && at.top >= 0 && at.bottom <= innerHeight && at.right <= innerWidth);
  say("picture gone", boxes.every((box) => box.getBoundingClientRect().left > innerWidth));
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "0", bubbles: true }));
  const stage_at = stage.getBoundingClientRect();
  const within = (box, room) => box.left >= room.left - 1 && box.right <= room.right + 1 && box.top >= room.top - 1 && box.bottom <= room.bottom + 1;
  say("all in view", boxes.every((box) => within(box.getBoundingClientRect(), stage_at)));
  legend.querySelector("[data-class=k0]").click();
  say("hidden by the legend", boxes.filter((box) => getComputedStyle(box).display === "none").length);
  legend.querySelector("[data-class=k0]").click();
  say("shown by the legend", boxes.filter((box) => getComputedStyle(box).display === "none").length);

  // Names stay in their boxes, near and far.
  const tight = () => boxes.every((box) => {
    const room = box.querySelector("rect").getBoundingClientRect();
    return [...box.querySelectorAll("text")]
      .filter((text) => getComputedStyle(text).display !== "none")
      .every((text) => within(text.getBoundingClientRect(), room));
  });
  for (const key of ["-", "-", "-", "-", "+", "+", "+", "+", "+", "+", "+"]) {
    document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    if (!tight()) say("names out of their boxes at", scale());
  }
  say("names from afar", svg.classList.contains("far"));

  const answer = document.createElement("pre");
  answer.id = "answer";
  answer.textContent = seen.join("\n");
  document.body.append(answer);
})();
</script>
"#;

fn chromium() -> Option<String> {
    let named = std::env::var("CODESTRATA_CHROMIUM").ok();
    let usual = ["chromium", "chromium-browser", "google-chrome"].map(str::to_owned);
    named.into_iter().chain(usual).find(|program| {
        let mut version = Command::new(program);
        version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        version.status().is_ok_and(|status| status.success())
    })
}

/// The document after its scripts have run.
fn opened(program: &str, folder: &Path, address: &str) -> String {
    let output = Command::new(program)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,800"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .args(["--virtual-time-budget=5000", "--dump-dom", address])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_is_searched_clicked_moved_and_enlarged() {
    let Some(program) = chromium() else {
        println!("There is no Chromium here (see CODESTRATA_CHROMIUM): the page was not tried.");
        return;
    };
    let mut picture = Picture::new("a page");
    picture.add(
        Shape::new("id0", "<img src=x onerror=alert(1)>", "class").at("a.py:1").with_detail("lines", "12"),
    );
    for number in 1..20 {
        picture.add(Shape::new(format!("id{number}"), format!("name{number}."), "function").at("a.py"));
        picture.connect(Arrow::new(number, (number - 1) / 2, "calls", Certainty::Likely).times(2));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let page = picture.to_html().unwrap();
    std::fs::write(&file, page.replace("</body>", &format!("{PERSON}</body>"))).unwrap();
    let document = opened(&program, folder.path(), &format!("file://{}", file.display()));
    let answer =
        document.split("<pre id=\"answer\">").nth(1).unwrap_or_else(|| panic!("no answer in {document}"));
    let answer: Vec<&str> = answer.split("</pre>").next().unwrap().lines().collect();
    assert_eq!(
        answer,
        [
            "boxes=20",
            "bright at first=20",
            "details at first=false",
            "found=1 box",
            "bright when searched=1",
            "title=&lt;img src=x onerror=alert(1)&gt;",
            "headings=From (2)",
            "scripts in details=0",
            "followed=name1.",
            "details after escape=false",
            "larger by the wheel=true",
            "moved by dragging=true",
            "selected by dragging=false",
            "fits again=true",
            "opened by the keyboard=name2.",
            "legend moved=false",
            "legend in the window=true",
            "picture gone=true",
            "all in view=true",
            "hidden by the legend=19",
            "shown by the legend=0",
            "names from afar=false",
        ]
    );

    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));

    // An address that says what to show.
    std::fs::write(&file, page).unwrap();
    let document = opened(&program, folder.path(), &format!("file://{}#select=id3", file.display()));
    assert!(document.contains("<h2>name3.</h2>"), "{document}");
    // The page's own policy lets nothing be loaded, and nothing tries to.
    assert!(document.contains("default-src 'none'"));
}

/// What a page shows when nobody has touched it yet.
const FIRST_VIEW: &str = r#"
<script>
(() => {
  const stage = document.getElementById("stage").getBoundingClientRect();
  const within = (box) => box.left >= stage.left && box.right <= stage.right && box.top >= stage.top && box.bottom <= stage.bottom;
  const boxes = [...document.querySelectorAll(".shape")];
  const seen = boxes.filter((box) => within(box.getBoundingClientRect()));
  const scale = Number(/scale\(([^)]*)\)/.exec(document.querySelector("main > svg").style.transform)[1]);
  const label = (box) => Number(box.querySelector("text").getAttribute("font-size") ?? 12) * scale;
  const answer = document.createElement("pre");
  answer.id = "answer";
  answer.textContent = [seen.length === boxes.length, boxes.every((box) => label(box) >= 9), within(document.querySelector(".centre").getBoundingClientRect())].join(" ");
  document.body.append(answer);
})();
</script>
"#;

#[test]
fn a_page_opens_as_a_whole_where_that_can_be_read_and_else_at_what_it_is_about() {
    let Some(program) = chromium() else {
        println!("There is no Chromium here (see CODESTRATA_CHROMIUM): the page was not tried.");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (boxes, expected) in [(8, "true true true"), (40, "false true true"), (150, "false true true")] {
        let mut picture = Picture::new("a page");
        for number in 0..boxes {
            let shape = Shape::new(number.to_string(), format!("a_name_of_some_length_{number}"), "function");
            picture.add(if number == 0 { shape.at("a.py").as_centre() } else { shape.at("a.py") });
        }
        for number in 1..boxes {
            let (source, target) = if number % 3 == 0 { (0, number) } else { (number, number / 2) };
            picture.connect(Arrow::new(source, target, "calls", Certainty::Certain));
        }
        let file = folder.path().join(format!("{boxes}.html"));
        let page = picture.to_html().unwrap();
        std::fs::write(&file, page.replace("</body>", &format!("{FIRST_VIEW}</body>"))).unwrap();
        let document = opened(&program, folder.path(), &format!("file://{}", file.display()));
        let answer = document.split("<pre id=\"answer\">").nth(1).unwrap().split("</pre>").next().unwrap();
        assert_eq!(answer, expected, "all in view, all readable, and the centre in view, of {boxes} boxes");
    }
}
