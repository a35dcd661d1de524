//! Which arrows go against the layers, where arrows go in circles.
//!
//! The layout library could decide that too, but does not tell before it has placed everything; and how many arrows reach
//! a box on which side decides how high it is. The way is that of Eades, Lin and Smyth: take away what nothing leads to
//! and what leads nowhere, else what has the most arrows out over those in.

/// For each of some links, given as two numbers below a count: whether it goes backwards.
///
/// Cost: the square of the count, and of the links their number for each step that finds neither kind of end.
pub(crate) fn backwards(count: usize, links: &[(usize, usize)]) -> Vec<bool> {
    let mut degrees: Vec<Degree> = vec![Degree::default(); count];
    let mut beside: Vec<Vec<(usize, bool)>> = vec![Vec::new(); count];
    for (source, target) in links.iter().copied().filter(|(source, target)| source != target) {
        for (one, other, is_out) in [(source, target, true), (target, source, false)] {
            if let (Some(degree), Some(list)) = (degrees.get_mut(one), beside.get_mut(one)) {
                *degree.side(is_out) += 1;
                list.push((other, is_out));
            }
        }
    }
    let (mut first, mut last, mut left) = (Vec::new(), Vec::new(), vec![true; count]);
    for _ in 0..count {
        let Some(next) = next(&degrees, &left) else { break };
        let is_end = degrees.get(next).is_some_and(|degree| degree.outgoing == 0 && degree.incoming > 0);
        if is_end { &mut last } else { &mut first }.push(next);
        if let Some(left) = left.get_mut(next) {
            *left = false;
        }
        for (other, is_out) in beside.get(next).into_iter().flatten() {
            if let Some(degree) = degrees.get_mut(*other) {
                let side = degree.side(!is_out);
                *side = side.saturating_sub(1);
            }
        }
    }
    let mut position = vec![0; count];
    for (place, node) in first.into_iter().chain(last.into_iter().rev()).enumerate() {
        if let Some(position) = position.get_mut(node) {
            *position = place;
        }
    }
    links.iter().map(|(source, target)| position.get(*source) > position.get(*target)).collect()
}

/// How many links a node has that are still there.
#[derive(Clone, Copy, Default)]
struct Degree {
    outgoing: usize,
    incoming: usize,
}

impl Degree {
    fn side(&mut self, is_out: bool) -> &mut usize {
        if is_out { &mut self.outgoing } else { &mut self.incoming }
    }
}

/// What is taken next: an end, a beginning, or what has the most arrows out over those in; the first of several.
fn next(degrees: &[Degree], left: &[bool]) -> Option<usize> {
    let remaining = || degrees.iter().enumerate().filter(|(node, _)| left.get(*node) == Some(&true));
    let end = remaining().find(|(_, degree)| degree.outgoing == 0);
    let beginning = || remaining().find(|(_, degree)| degree.incoming == 0);
    let most = || {
        remaining().max_by(|(a, one), (b, other)| {
            (one.outgoing + other.incoming).cmp(&(other.outgoing + one.incoming)).then(b.cmp(a))
        })
    };
    end.or_else(beginning).or_else(most).map(|(node, _)| node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_backwards_without_circles_and_one_link_of_each_circle_does() {
        assert_eq!(backwards(4, &[(3, 2), (2, 1), (3, 1), (1, 0)]), [false; 4]);
        assert_eq!(backwards(3, &[(0, 1), (1, 2), (2, 0)]), [false, false, true]);
        assert_eq!(backwards(2, &[(0, 1), (1, 0), (1, 1)]), [false, true, false]);
    }
}
