#![allow(clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
use codestrata_draw::*;
fn main() {
    let names = [
        "operator<=>",
        "</script><script>alert(1)</script>",
        "a\"b'c`d\\e",
        "&amp; &lt; %%{init}%% #35;",
        "]]>",
        "-- > <!--title-->",
        "\u{0}\u{7}\u{1b}[31m\n\ttwo lines",
        "数え上げる関数",
        "\u{202e}drawkcab\u{202c}",
        "\\N\\G\\l",
        "",
        "end",
        "a; b",
        "x[y]{z}(w)|v|",
    ];
    let mut p = Picture::new("odd %%{init: {}}%% names");
    p.remark("a\nb");
    for n in names {
        p.add(Shape::new(n, n, n).at(n).with_detail(n, n));
    }
    for i in 0..names.len() {
        p.connect(Arrow::new(i, (i + 1) % names.len(), names[i], Certainty::Doubtful));
        p.connect(Arrow::new(i, i, "calls", Certainty::Certain).times(3));
    }
    std::fs::write("odd.svg", p.to_svg().unwrap()).unwrap();
    std::fs::write("odd.mmd", p.to_mermaid().unwrap()).unwrap();
    std::fs::write("odd.dot", p.to_dot().unwrap()).unwrap();
}
