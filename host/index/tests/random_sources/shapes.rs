//! Random types without a name, object literals and callbacks of TypeScript: types that are made of each other in cycles too.

use super::{CLASSES, FUNCTIONS, METHODS, Random};

/// A declaration whose type or value is more than a name, or one that goes through such.
pub(super) fn shape(random: &mut Random) -> String {
    let (class, function, method) = (random.pick(CLASSES), random.pick(FUNCTIONS), random.pick(METHODS));
    let exported = if random.chance(70) { "export " } else { "" };
    let said = said(random, 2);
    match random.below(14) {
        0 => format!("{exported}type {class} = {said};"),
        1 => format!("{exported}const {function}: {said} = null as any;"),
        2 => format!(
            "{exported}function {function}(x: {said}, y: {class}): {} {{ x.{method}(); }}",
            self::said(random, 1)
        ),
        3 => format!(
            "{exported}interface {class} {{ (x: {said}): {class}; {method}: {}; }}",
            self::said(random, 1)
        ),
        4 => format!(
            "{exported}const {function} = {{ {method}() {{}}, {}, {}: new {class}(), ...{} }} as const;",
            random.pick(FUNCTIONS),
            random.pick(METHODS),
            random.pick(FUNCTIONS)
        ),
        5 => format!(
            "{exported}function {function}() {{ return {{ {method}: () => new {class}(), {} }}; }}",
            random.pick(FUNCTIONS)
        ),
        6 => format!(
            "{function}((x) => {{ x.{method}(); }}, {{ {method}: (y) => y.{}() }});",
            random.pick(METHODS)
        ),
        7 => format!(
            "for (const x of {function}()) {{ x.{method}(); {function}.filter((y) => y.{method}())[0].{}(); }}",
            random.pick(METHODS)
        ),
        8 => format!(
            "{exported}let {function}: {said} = {{ {method}() {{ this.{}(); }}, {} }};",
            random.pick(METHODS),
            random.pick(FUNCTIONS)
        ),
        9 => format!(
            "{exported}const {function} = {{ {method}: {} }} as {class}; {function}.{method}();",
            random.pick(FUNCTIONS)
        ),
        10 => format!(
            "{exported}let {function} = {{ {method}() {{}} }}; {function} = new {class}(); {function}.{method}();"
        ),
        11 => format!(
            "{exported}interface {class} extends {} {{ {method}(): {said}; }}\n{exported}class {class} {{ {}() {{}} }}",
            random.pick(CLASSES),
            random.pick(METHODS)
        ),
        12 => format!("{exported}const {function} = {}; {function}();", random.pick(FUNCTIONS)),
        _ => format!(
            "const [a, ...b] = {function}; a.{method}(); b.map((x) => x.{method}()); (await {function}()).{method}();"
        ),
    }
}

fn said(random: &mut Random, depth: usize) -> String {
    if depth == 0 {
        return random.pick(CLASSES).to_owned();
    }
    let (one, other) = (said(random, depth - 1), said(random, depth - 1));
    let (class, method) = (random.pick(CLASSES), random.pick(METHODS));
    match random.below(12) {
        0 => format!("{one} | {other}"),
        1 => format!("{one} & {{ {method}(): {other} }}"),
        2 => format!("{{ {method}: {one}; (x: {other}): {class} }}"),
        3 => format!("({one})[]"),
        4 => format!("(x: {one}) => {other}"),
        5 => format!("Map<string, {one}>"),
        6 => format!("Promise<{one}>"),
        7 => format!("Partial<{one}> | undefined"),
        8 => format!("ReturnType<typeof {}>", random.pick(FUNCTIONS)),
        9 => format!("{class}[\"{method}\"]"),
        10 => format!("typeof {}", random.pick(FUNCTIONS)),
        _ => class.to_owned(),
    }
}
