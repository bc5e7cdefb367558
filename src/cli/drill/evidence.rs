//! The evidence of a drill that a script plays: asked for where it can be, and written down.

use super::solve::Solver;
use crate::{
    cli::Output,
    cloud::TargetSettings,
    drill::{self, Drilling, Event, Evidence, Gathered, How, Item, State, fold},
    guard::{By, Incident},
    runtime::prober::Prober,
};

impl Solver<'_> {
    /// What stands before it; and whoever the role does not trust is made known.
    pub(super) fn before(&mut self, output: &mut Output<'_>) -> anyhow::Result<()> {
        let mut stranger = TargetSettings::of(drill::stranger(), None);
        stranger.access_key = self.script.stranger.clone();
        self.session.context.cloud.add_target(stranger);
        self.probe(Gathered::Before.items(), output)
    }

    /// What can be asked while the session is open; once.
    pub(super) fn inside(&mut self, output: &mut Output<'_>) -> anyhow::Result<()> {
        let mut missing = Vec::new();
        for item in Gathered::Inside.items() {
            if !self.asked(*item)? {
                missing.push(*item);
            }
        }
        self.probe(&missing, output)
    }

    /// What is asked when everything is taken back, what people are asked, and the last word.
    pub(super) fn after(&mut self, output: &mut Output<'_>) -> anyhow::Result<()> {
        if self.left.is_none() && !self.has(Item::Ended)? {
            // The session that was ended was another process's, and its credentials went with it.
            self.assume(output)?;
            self.leave("its end is proven", output);
        }
        self.probe(Gathered::After.items(), output)?;
        self.answers()?;
        self.probe(Gathered::Last.items(), output)
    }

    fn state(&self, item: Item) -> anyhow::Result<Option<State>> {
        let drills = fold(&self.session.records()?);
        let drill = drills.iter().find(|d| d.id == self.id);
        Ok(drill.and_then(|d| d.latest(item)).map(|kept| kept.evidence.state))
    }

    /// Whether it is there, and good.
    fn has(&self, item: Item) -> anyhow::Result<bool> {
        Ok(self.state(item)?.is_some_and(State::holds))
    }

    /// Whether halon has said its part of it.
    fn asked(&self, item: Item) -> anyhow::Result<bool> {
        let state = self.state(item)?;
        let partly = item.how() == How::Both && state == Some(State::NotAnswered);
        Ok(partly || state.is_some_and(State::holds))
    }

    fn probe(&mut self, items: &[Item], output: &mut Output<'_>) -> anyhow::Result<()> {
        let Some(drilling) = self.drilling() else { return Ok(()) };
        let Some(actor) = self.session.actor.clone() else { return Ok(()) };
        let incident = Incident::new(self.id.as_str(), self.world.title(), "evidence of the drill")
            .map_err(|why| anyhow::anyhow!(why))?;
        let by = By { mode: drilling.mode.name(), caller_arn: Some(drilling.operator.arn.clone()) };
        let (cloud, clock) = (&self.session.context.cloud, &self.session.context.clock);
        let prober = Prober { cloud, actor: &actor, clock, by, incident };
        let probing = prober.probe(&drilling, items, &|_| ());
        let found = self.session.tasks.block_on(probing).map_err(|f| anyhow::anyhow!(f))?;
        for evidence in found {
            self.tell(evidence, output)?;
        }
        Ok(())
    }

    fn tell(&mut self, evidence: Evidence, output: &mut Output<'_>) -> anyhow::Result<()> {
        let (number, words) = (evidence.item.number(), evidence.state.words());
        let text = crate::domain::untrusted::display_in(&evidence.text, 160);
        writeln!(output.err, "halon: evidence {number}: {words}: {text}")?;
        self.write(&Event::Evidence(evidence))
    }

    /// What the script says where people are asked.
    fn answers(&mut self) -> anyhow::Result<()> {
        let records = self.session.records()?;
        let drills = fold(&records);
        let Some(mine) = drills.iter().find(|d| d.id == self.id) else { return Ok(()) };
        let was = drill::before(&drills, mine);
        let asked = Item::ALL.into_iter().filter(|item| item.how() != How::Automatic);
        let now = self.now();
        let said: Vec<Evidence> = asked
            .filter(|item| {
                let latest = mine.latest(*item).map(|k| k.evidence.state);
                latest.is_none_or(|state| state == State::NotAnswered)
            })
            .filter_map(|item| drill::scripted(item, self.script, mine, was, now))
            .collect();
        said.into_iter().try_for_each(|evidence| self.write(&Event::Evidence(evidence)))
    }

    fn drilling(&self) -> Option<Drilling> {
        let of = (&self.id, &self.script.role, &self.script.canary);
        Drilling::of(&self.session.case, of, self.left.clone(), &self.session.mode)
    }
}
