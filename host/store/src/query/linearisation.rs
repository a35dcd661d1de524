//! The order in which a class and what it inherits from are asked for a member.
//!
//! Every language has a rule of its own. All of them work on numbers of classes and their bases in the order in which
//! they are named, and none recurses: the depth of a hierarchy is the source's to choose.
//!
//! C3 is that of "A Monotonic Superclass Linearization for Dylan" (Barrett and others, 1996), as Python has it since 2.3.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

/// The number of a class.
pub(super) type Class = u32;

/// By which rule classes are put into order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderRule {
    /// Python: every class stands before its bases, and bases in the order in which they are named.
    C3,
    /// Ruby: the modules of a class, the last first, before its superclass.
    ModulesFirst,
    /// PHP: the traits of a class before its superclass; interfaces come last.
    TraitsFirst,
    /// Java, C#, JavaScript and TypeScript: the superclasses, then the interfaces.
    ClassesFirst,
    /// Go: what is embedded less deeply comes first.
    NearestFirst,
    /// C++, Rust and all others, which have no such order themselves: as the bases are named, each with its own.
    AsNamed,
}

impl OrderRule {
    /// The rule of a family of languages.
    pub(super) fn of_family(family: &str) -> Self {
        match family {
            "python" => Self::C3,
            "ruby" => Self::ModulesFirst,
            "php" => Self::TraitsFirst,
            "java" | "csharp" | "javascript" => Self::ClassesFirst,
            "go" => Self::NearestFirst,
            _ => Self::AsNamed,
        }
    }
}

/// What a base is to the class that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Class,
    Interface,
    Trait,
}

/// One class, by the numbers of its bases.
#[derive(Clone, Debug, Default)]
pub(super) struct Bases {
    pub(super) named: Vec<(Class, Option<Role>)>,
}

impl Bases {
    fn all(&self) -> impl DoubleEndedIterator<Item = Class> + '_ {
        self.named.iter().map(|(base, _)| *base)
    }

    /// Those of one role. Of what is not known, the first base is the superclass and the others are interfaces.
    fn of(&self, role: Role) -> impl DoubleEndedIterator<Item = Class> + '_ {
        self.named.iter().enumerate().filter_map(move |(position, (base, known))| {
            let is = known.unwrap_or(if position == 0 { Role::Class } else { Role::Interface });
            (is == role).then_some(*base)
        })
    }
}

/// Why there is no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoOrder {
    /// A class inherits from itself.
    Cycle(Class),
    /// A class whose bases contradict each other; these are the ones that cannot be told apart.
    Conflict(Class, Vec<Class>),
    /// It would take too long to find.
    Limit,
}

/// The classes from `start` on, in the order of a rule; `steps` is how many places of lists may be looked at.
pub(super) fn linearise(
    rule: OrderRule,
    classes: &[Bases],
    start: Class,
    steps: usize,
) -> Result<Vec<Class>, NoOrder> {
    let walk = Walk { classes };
    match rule {
        OrderRule::C3 => Merging::new(classes, steps).run(start, Merging::c3),
        OrderRule::ModulesFirst => Merging::new(classes, steps).run(start, Merging::modules_first),
        OrderRule::TraitsFirst => Ok(walk.classes_first(start, &[Role::Trait], &[Role::Interface])),
        OrderRule::ClassesFirst => Ok(walk.classes_first(start, &[], &[Role::Trait, Role::Interface])),
        OrderRule::NearestFirst => Ok(walk.nearest_first(start)),
        OrderRule::AsNamed => Ok(walk.depth_first(start, &mut HashSet::new(), |bases| bases.all().collect())),
    }
}

/// Orders for which it is enough to walk: every class once, where it is met first.
struct Walk<'a> {
    classes: &'a [Bases],
}

impl Walk<'_> {
    fn bases(&self, class: Class) -> Option<&Bases> {
        self.classes.get(class as usize)
    }

    fn depth_first(
        &self,
        start: Class,
        seen: &mut HashSet<Class>,
        next: impl Fn(&Bases) -> Vec<Class>,
    ) -> Vec<Class> {
        let mut order = Vec::new();
        let mut waiting = vec![start];
        while let Some(class) = waiting.pop() {
            if seen.insert(class) {
                order.push(class);
                waiting.extend(self.bases(class).map(&next).unwrap_or_default().into_iter().rev());
            }
        }
        order
    }

    fn nearest_first(&self, start: Class) -> Vec<Class> {
        let mut seen = HashSet::from([start]);
        let mut order = vec![start];
        let mut done = 0;
        while let Some(class) = order.get(done).copied() {
            done += 1;
            let bases = self.bases(class).into_iter().flat_map(Bases::all);
            order.extend(bases.filter(|base| seen.insert(*base)));
        }
        order
    }

    /// The superclasses, each followed by what it has of some roles; then what they have of others.
    fn classes_first(&self, start: Class, beside: &[Role], after: &[Role]) -> Vec<Class> {
        let mut seen = HashSet::new();
        let superclasses = self.depth_first(start, &mut seen, |bases| bases.of(Role::Class).collect());
        let mut order = Vec::new();
        let mut add = |order: &mut Vec<Class>, class: Class, roles: &[Role]| {
            let roots: Vec<Class> = self
                .bases(class)
                .map(|bases| roles.iter().flat_map(|role| bases.of(*role)).collect())
                .unwrap_or_default();
            for root in roots {
                order.extend(self.depth_first(root, &mut seen, |bases| bases.all().collect()));
            }
        };
        for class in &superclasses {
            order.push(*class);
            add(&mut order, *class, beside);
        }
        for class in &superclasses {
            add(&mut order, *class, after);
        }
        order
    }
}

/// The order of one class.
enum Order {
    /// The class, then the order of its only base: so a long chain takes no room for each of its classes.
    Then(Class),
    /// Any other, the class itself included.
    List(Vec<Class>),
}

/// Orders that are made of the orders of the bases.
struct Merging<'a> {
    classes: &'a [Bases],
    orders: HashMap<Class, Order>,
    steps: usize,
}

impl<'a> Merging<'a> {
    fn new(classes: &'a [Bases], steps: usize) -> Self {
        Self { classes, orders: HashMap::new(), steps }
    }

    fn run(
        mut self,
        start: Class,
        merge: impl Fn(&mut Self, Class, &[(Class, Option<Role>)]) -> Result<Vec<Class>, NoOrder>,
    ) -> Result<Vec<Class>, NoOrder> {
        let classes = self.classes;
        for class in self.bases_before(start)? {
            let named = classes.get(class as usize).map(|bases| bases.named.as_slice()).unwrap_or_default();
            let order = match named {
                [] => Order::List(vec![class]),
                [(base, _)] => Order::Then(*base),
                _ => Order::List(merge(&mut self, class, named)?),
            };
            self.orders.insert(class, order);
        }
        self.order(start)
    }

    /// All classes that are needed, each after its bases.
    fn bases_before(&mut self, start: Class) -> Result<Vec<Class>, NoOrder> {
        let mut finished = Vec::new();
        let mut is_finished: HashMap<Class, bool> = HashMap::from([(start, false)]);
        let mut way: Vec<(Class, usize)> = vec![(start, 0)];
        while let Some((class, position)) = way.last_mut() {
            let next = self.classes.get(*class as usize).and_then(|bases| bases.named.get(*position));
            *position += 1;
            match next {
                None => {
                    is_finished.insert(*class, true);
                    finished.push(*class);
                    way.pop();
                }
                Some((base, _)) => match is_finished.get(base) {
                    Some(true) => {}
                    Some(false) => return Err(NoOrder::Cycle(*base)),
                    None => {
                        is_finished.insert(*base, false);
                        way.push((*base, 0));
                    }
                },
            }
        }
        Ok(finished)
    }

    fn spend(&mut self, steps: usize) -> Result<(), NoOrder> {
        self.steps = self.steps.checked_sub(steps).ok_or(NoOrder::Limit)?;
        Ok(())
    }

    fn order(&mut self, class: Class) -> Result<Vec<Class>, NoOrder> {
        let mut order = Vec::new();
        let mut at = class;
        while let Some(Order::Then(base)) = self.orders.get(&at) {
            order.push(at);
            at = *base;
        }
        if let Some(Order::List(list)) = self.orders.get(&at) {
            order.extend(list);
        }
        self.spend(order.len())?;
        Ok(order)
    }

    fn c3(&mut self, class: Class, named: &[(Class, Option<Role>)]) -> Result<Vec<Class>, NoOrder> {
        let mut lists = Vec::with_capacity(named.len() + 1);
        for (base, _) in named {
            lists.push(self.order(*base)?);
        }
        lists.push(named.iter().map(|(base, _)| *base).collect());
        // In how many lists a class stands behind the first place that is left.
        let mut behind: HashMap<Class, usize> = HashMap::new();
        for later in lists.iter().flat_map(|list| list.iter().skip(1)) {
            *behind.entry(*later).or_default() += 1;
        }
        let mut lists: Vec<std::iter::Peekable<std::vec::IntoIter<Class>>> =
            lists.into_iter().map(|list| list.into_iter().peekable()).collect();
        let mut order = vec![class];
        loop {
            lists.retain_mut(|list| list.peek().is_some());
            self.spend(lists.len() + 1)?;
            let heads: Vec<Class> = lists.iter_mut().filter_map(|list| list.peek().copied()).collect();
            if heads.is_empty() {
                return Ok(order);
            }
            let free = heads.iter().find(|head| behind.get(head).is_none_or(|count| *count == 0));
            let Some(next) = free.copied() else {
                let mut conflicting = Vec::new();
                for head in heads {
                    if !conflicting.contains(&head) {
                        conflicting.push(head);
                    }
                }
                return Err(NoOrder::Conflict(class, conflicting));
            };
            order.push(next);
            for list in &mut lists {
                if list.next_if_eq(&next).is_some()
                    && let Some(head) = list.peek()
                    && let Some(count) = behind.get_mut(head)
                {
                    *count = count.saturating_sub(1);
                }
            }
        }
    }

    fn modules_first(
        &mut self,
        class: Class,
        named: &[(Class, Option<Role>)],
    ) -> Result<Vec<Class>, NoOrder> {
        let bases = Bases { named: named.to_vec() };
        let superclass = bases.of(Role::Class).next();
        let above = superclass.map(|base| self.order(base)).transpose()?.unwrap_or_default();
        let mut seen: HashSet<Class> = above.iter().copied().collect();
        let mut modules: Vec<Vec<Class>> = Vec::new();
        for module in bases.all().filter(|base| Some(*base) != superclass) {
            let mut order = self.order(module)?;
            order.retain(|class| seen.insert(*class));
            modules.push(order);
        }
        let mut order = vec![class];
        order.extend(modules.into_iter().rev().flatten());
        order.extend(above);
        Ok(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(bases: &[&[(Class, Role)]]) -> Vec<Bases> {
        let bases_of = |named: &&[(Class, Role)]| Bases {
            named: named.iter().map(|(base, role)| (*base, Some(*role))).collect(),
        };
        bases.iter().map(bases_of).collect()
    }

    fn order(rule: OrderRule, classes: &[Bases]) -> Vec<Class> {
        linearise(rule, classes, 0, 10_000).unwrap()
    }

    use Role::{Class as C, Interface as I, Trait as T};

    #[test]
    fn ruby_asks_the_last_module_first_and_a_module_of_the_superclass_once() {
        // class A < B; include M; include N; end, where B includes M, and N includes O.
        let classes = classes(&[&[(1, C), (2, T), (3, T)], &[(2, T)], &[], &[(4, T)], &[]]);
        assert_eq!(order(OrderRule::ModulesFirst, &classes), [0, 3, 4, 1, 2]);
    }

    #[test]
    fn php_asks_traits_before_the_superclass_and_interfaces_last() {
        let classes = classes(&[&[(1, C), (2, I), (3, T)], &[(4, T)], &[], &[], &[]]);
        assert_eq!(order(OrderRule::TraitsFirst, &classes), [0, 3, 1, 4, 2]);
    }

    #[test]
    fn java_asks_superclasses_before_interfaces() {
        let classes = classes(&[&[(1, C), (2, I)], &[(3, C), (4, I)], &[(5, I)], &[], &[], &[]]);
        assert_eq!(order(OrderRule::ClassesFirst, &classes), [0, 1, 3, 2, 5, 4]);
    }

    #[test]
    fn go_asks_what_is_embedded_less_deeply_first() {
        let classes = classes(&[&[(1, C), (2, C)], &[(3, C)], &[], &[]]);
        assert_eq!(order(OrderRule::NearestFirst, &classes), [0, 1, 2, 3]);
        assert_eq!(order(OrderRule::AsNamed, &classes), [0, 1, 3, 2]);
    }

    #[test]
    fn circles_end_in_every_rule() {
        let classes = classes(&[&[(1, C)], &[(2, I), (0, C)], &[(0, T)]]);
        for rule in [OrderRule::C3, OrderRule::ModulesFirst] {
            assert_eq!(linearise(rule, &classes, 0, 100), Err(NoOrder::Cycle(0)), "{rule:?}");
        }
        for rule in
            [OrderRule::TraitsFirst, OrderRule::ClassesFirst, OrderRule::NearestFirst, OrderRule::AsNamed]
        {
            let mut found = order(rule, &classes);
            found.sort_unstable();
            assert_eq!(found, [0, 1, 2], "{rule:?}");
        }
    }

    #[test]
    fn an_order_that_would_take_too_long_is_given_up() {
        let ladder: Vec<Bases> = (0..50)
            .map(|rung| Bases { named: (rung + 1..50).take(2).map(|base| (base, Some(C))).collect() })
            .collect();
        let all: Vec<Class> = (0..50).collect();
        assert_eq!(linearise(OrderRule::C3, &ladder, 0, 100_000), Ok(all));
        assert_eq!(linearise(OrderRule::C3, &ladder, 0, 1_000), Err(NoOrder::Limit));
    }

    #[test]
    fn bases_that_contradict_each_other_have_no_order() {
        // class A(B, C), where C(B).
        let classes = classes(&[&[(1, C), (2, C)], &[], &[(1, C)]]);
        assert_eq!(linearise(OrderRule::C3, &classes, 0, 100), Err(NoOrder::Conflict(0, vec![1, 2])));
    }
}
