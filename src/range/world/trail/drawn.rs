//! Background noise: events drawn by a recipe, the same for the same seed.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::{
    Event, Origin, Places, body,
    told::{Beginning, ROTATED},
};
use crate::range::{
    scenario::{By, Noise, NoiseCall},
    seed::Numbers,
};

/// One event of a recipe, before anybody looks at it.
struct Drawn<'n> {
    /// Milliseconds relative to the start.
    at: i64,
    region: &'n str,
    /// Its position in the recipe, and the caller.
    by: (usize, &'n By),
    call: &'n NoiseCall,
    ip: &'n str,
    agent: &'n str,
    refused: bool,
}

/// Streams of numbers that no recipe of findings has.
const STREAM: usize = 1 << 12;

fn draw(seed: u64, recipe: usize, noise: &Noise, index: u32) -> Drawn<'_> {
    let mut numbers = Numbers::new(seed, STREAM + recipe, index);
    let mut one = |end: usize| numbers.below(end);
    let span = noise.to - noise.from;
    let slot = |n: u32| noise.from + span * i64::from(n) / i64::from(noise.count);
    let (begin, end) = (slot(index), slot(index + 1));
    let at = begin + one((end - begin).max(1) as usize) as i64;
    let who = one(noise.by.len());
    let by = &noise.by[who];
    let total: usize = noise.calls.iter().map(|c| c.weight as usize).sum();
    let mut left = one(total);
    let chosen = noise.calls.iter().find(|c| {
        let hit = left < c.weight as usize;
        left = left.saturating_sub(c.weight as usize);
        hit
    });
    let service = match by {
        By::Service(host) => Some(host.as_str()),
        _ => None,
    };
    Drawn {
        at,
        region: noise.regions[one(noise.regions.len())].as_str(),
        by: (who, by),
        call: chosen.unwrap_or(&noise.calls[0]),
        // A service calls from within AWS, under its own name.
        ip: service.unwrap_or(&noise.ips[one(noise.ips.len())]),
        agent: service.unwrap_or(&noise.agents[one(noise.agents.len())]),
        refused: one(1000) < noise.refused as usize,
    }
}

impl Beginning {
    pub fn add_drawn(&self, places: &mut Places, first: u32, recipe: usize, noise: &Noise) {
        let texts: HashMap<&str, Arc<str>> = noise
            .calls
            .iter()
            .flat_map(|c| [c.name.as_str(), c.source.as_str()])
            .map(|text| (text, text.into()))
            .collect();
        let resources: HashMap<&str, Arc<[(String, String)]>> = noise
            .calls
            .iter()
            .map(|c| {
                let named = body::resources(&c.source, &c.request, &Value::Null);
                (c.name.as_str(), named.into())
            })
            .collect();
        // A caller is another one only when a session's keys have changed.
        let mut callers = HashMap::new();
        for index in 0..noise.count {
            let drawn = draw(self.seed, recipe, noise, index);
            let window = (self.start + drawn.at).div_euclid(ROTATED);
            let who = callers
                .entry((drawn.by.0, window))
                .or_insert_with(|| self.who(noise.account, drawn.by.1, drawn.at).0);
            let region = self.region(&drawn.call.source, drawn.region);
            let event = Event {
                at: self.start + drawn.at,
                number: first + index,
                name: Arc::clone(&texts[drawn.call.name.as_str()]),
                source: Arc::clone(&texts[drawn.call.source.as_str()]),
                username: Arc::clone(&who.username),
                key: Arc::clone(&who.key),
                read_only: drawn.call.read_only,
                resources: Arc::clone(&resources[drawn.call.name.as_str()]),
                origin: Origin::Drawn(recipe as u32),
            };
            let place = (noise.account, region.to_owned());
            places.entry(place).or_default().push(event);
        }
    }

    pub fn drawn_body(&self, recipe: u32, event: &Event, id: String) -> Value {
        let recipe = recipe as usize;
        let noise = &self.noise[recipe];
        let drawn = draw(self.seed, recipe, noise, event.number - self.first_of(recipe));
        let (who, _) = self.who(noise.account, drawn.by.1, drawn.at);
        let region = self.region(&drawn.call.source, drawn.region);
        let denial = drawn.refused.then(|| body::denial(&event.source, &event.name, &who.body));
        let mut members = body::frame(event, region, who.body);
        members.insert("sourceIPAddress".into(), drawn.ip.into());
        members.insert("userAgent".into(), drawn.agent.into());
        if let Some((code, message)) = denial {
            members.insert("errorCode".into(), code.into());
            members.insert("errorMessage".into(), message.into());
        }
        members.insert("requestParameters".into(), drawn.call.request.clone());
        members.insert("responseElements".into(), Value::Null);
        members.insert("requestID".into(), self.request_id(event.number).into());
        members.insert("eventID".into(), id.into());
        let account = &self.accounts[noise.account];
        body::close(&mut members, event, body::kind(&event.source, &event.name), account);
        Value::Object(members)
    }
}
