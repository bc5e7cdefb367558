//! Which records are an incident's.

use std::collections::HashSet;

use crate::audit::{entry::Kind, record::Record};

/// Places of the records of an incident: those that name it, those that share a run or a
/// `corr` with one that does, and, so that they can be read, the starts of their
/// sessions and every recovery.
pub fn chosen(records: &[Record], incident: &str) -> Vec<usize> {
    let mut chosen = vec![false; records.len()];
    let (mut runs, mut corrs) = (HashSet::new(), HashSet::new());
    loop {
        let before = (runs.len(), corrs.len());
        for (at, record) in records.iter().enumerate() {
            let joined = record.text("run").is_some_and(|run| runs.contains(run))
                || record.corr().is_some_and(|corr| corrs.contains(corr));
            // What names another incident belongs to that one, whatever it shares.
            let belongs = match record.incident() {
                Some(named) => named == incident,
                None => joined,
            };
            if belongs {
                chosen[at] = true;
                runs.extend(record.text("run"));
                corrs.extend(record.corr());
            }
        }
        if (runs.len(), corrs.len()) == before {
            break;
        }
    }
    let ours = records.iter().zip(&chosen).filter(|(_, chosen)| **chosen);
    let sessions: HashSet<&str> = ours.filter_map(|(record, _)| record.text("sess")).collect();
    if sessions.is_empty() {
        return Vec::new();
    }
    let is_context = |record: &Record| match record.kind() {
        Some(Kind::SessionStart) => record.text("sess").is_some_and(|s| sessions.contains(s)),
        Some(Kind::Recovered) => true,
        _ => false,
    };
    (0..records.len()).filter(|at| chosen[*at] || is_context(&records[*at])).collect()
}
