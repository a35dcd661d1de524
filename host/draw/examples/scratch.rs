#![allow(clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
use codestrata_draw::*;
use std::collections::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let limit: usize = a[2].parse().unwrap();
    let mut nodes = HashMap::new();
    let mut edges = vec![];
    for l in std::io::stdin().lines() {
        let v: serde_json::Value = serde_json::from_str(&l.unwrap()).unwrap();
        let v = v.as_object().unwrap().values().next().unwrap().clone();
        if let Some(s) = v.get("source") {
            edges.push((
                s.as_str().unwrap().to_owned(),
                v["target"].as_str().unwrap().to_owned(),
                v["kind"].as_str().unwrap().to_owned(),
                v["attributes"]["resolution"].as_str().unwrap_or("").to_owned(),
            ));
        } else if let Some(id) = v.get("id") {
            nodes.insert(id.as_str().unwrap().to_owned(), v.clone());
        }
    }
    let start = a[1].clone();
    let mut seen = vec![start.clone()];
    let mut set: HashSet<String> = seen.iter().cloned().collect();
    let mut i = 0;
    while i < seen.len() && seen.len() < limit {
        for (s, t, k, _) in &edges {
            if k == "contains" {
                continue;
            }
            for (x, y) in [(s, t), (t, s)] {
                if *x == seen[i] && nodes.contains_key(y) && seen.len() < limit && set.insert(y.clone()) {
                    seen.push(y.clone());
                }
            }
        }
        i += 1;
    }
    let mut p = Picture::new(format!("{start} and what is around it"));
    p.remark("of version 3");
    let mut num = HashMap::new();
    for s in &seen {
        let n = &nodes[s];
        let mut sh = Shape::new(s, n["name"].as_str().unwrap(), n["kind"].as_str().unwrap()).at(format!(
            "{}:{}",
            n["file"].as_str().unwrap(),
            n["span"]["start_line"]
        ));
        if *s == start {
            sh = sh.as_centre();
        }
        num.insert(s.clone(), p.add(sh));
    }
    for (s, t, k, r) in &edges {
        if k == "contains" {
            continue;
        }
        if let (Some(x), Some(y)) = (num.get(s), num.get(t)) {
            p.connect(Arrow::new(
                *x,
                *y,
                k.clone(),
                match r.as_str() {
                    "unique-name" => Certainty::Likely,
                    "ambiguous" => Certainty::Doubtful,
                    _ => Certainty::Certain,
                },
            ));
        }
    }
    let t = std::time::Instant::now();
    std::fs::write(format!("{}.svg", a[3]), p.to_svg().unwrap()).unwrap();
    eprintln!("{:?}", t.elapsed());
    std::fs::write(format!("{}.html", a[3]), p.to_html().unwrap()).unwrap();
    std::fs::write(format!("{}.dot", a[3]), p.to_dot().unwrap()).unwrap();
    std::fs::write(format!("{}.mmd", a[3]), p.to_mermaid().unwrap()).unwrap();
}
