//! What a maker of a connector can do: a recipe per HTTP stack, for classes and for checks.

/// One line a recipe: the classes and checks that it is for, then the stacks.
const LIST: &str = include_str!("recipes.tsv");

/// The chapter `fix` of a class or a check; empty where there is no recipe.
pub(super) fn fix(name: &str) -> String {
    let mut lines = LIST.lines().map(|line| line.split('\t'));
    let stacks: Vec<&str> = lines.next().into_iter().flatten().skip(1).collect();
    let recipe = lines.find_map(|mut cells| {
        let mut wanted = cells.next()?.split(' ');
        wanted.any(|known| known == name).then_some(cells)
    });
    let Some(recipe) = recipe else {
        return String::new();
    };
    let width = stacks.iter().map(|stack| stack.len()).max().unwrap_or(0);
    let told: Vec<String> = stacks
        .iter()
        .zip(recipe)
        .map(|(stack, text)| format!("\n  {stack:<width$}  {text}"))
        .collect();
    format!("\n\nfix{}", told.concat())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::checks::Checks;
    use crate::diagnosis::Class;

    #[test]
    fn each_recipe_is_for_classes_and_checks_that_are_and_for_every_stack() {
        let mut seen = BTreeSet::new();
        for line in LIST.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), 5, "{line}");
            assert!(cells.iter().all(|cell| !cell.trim().is_empty()), "{line}");
            for name in cells[0].split(' ') {
                let known = Checks::ALL.iter().any(|check| check.id == name)
                    || name.parse::<Class>().is_ok();
                assert!(known, "{name}");
                assert!(seen.insert(name), "{name} has two recipes");
            }
        }
    }

    #[test]
    fn a_recipe_is_shown_by_stack() {
        let shown = fix("no-retry-on-401-basic");
        assert!(shown.starts_with("\n\nfix\n  urllib3  keep 400"), "{shown}");
        assert!(shown.contains("\n  go       "), "{shown}");
        assert_eq!(fix("net.dns"), "");
    }
}
