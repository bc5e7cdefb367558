//! The timeline as a picture: a lane for each log and one for what was marked. Shapes tell
//! what colours tell, and all of it stands in the table too.

use jiff::Timestamp;
use maud::{Markup, html};

use super::{Fate, IncidentReport, page::tone};
use crate::audit::paper::{Tone, class, shown_in};

/// Pixels: between the edge and the lanes, of a lane's height, at least between two times.
const LEFT: f64 = 96.0;
const LANE: f64 = 56.0;
const STEP: f64 = 26.0;
const TOP: f64 = 34.0;
/// The narrowest picture.
const WIDTH: f64 = 900.0;
/// More than this many points are not drawn: the table has them.
const MOST: usize = 400;

#[derive(Clone, Copy)]
enum Shape {
    /// A change that is in effect.
    Full,
    /// A change that AWS or halon refused, or that is not in effect.
    Cross,
    /// A change of which something is open.
    Diamond,
    /// Somebody was armed.
    Flag,
    /// A step that was left out or failed.
    Bar,
    /// Marked as evidence.
    Triangle,
}

struct Point {
    at: Timestamp,
    lane: usize,
    shape: Shape,
    tone: Tone,
    /// Its record does not verify.
    doubtful: bool,
    label: String,
    title: String,
}

pub fn draw(report: &IncidentReport) -> Markup {
    let mut points = points(report);
    let left_out = points.len().saturating_sub(MOST);
    points.truncate(MOST);
    if points.is_empty() {
        return html! {};
    }
    let scale = Scale::of(points.iter().map(|point| point.at).collect());
    let lanes = lanes(report);
    let height = TOP + LANE * lanes.len() as f64 + 8.0;
    let y = |lane: usize| TOP + LANE * lane as f64 + LANE / 2.0;
    html! {
        figure {
            div.wide tabindex="0" role="region" aria-label="The timeline as a picture" {
                svg role="img" aria-labelledby="drawing-title" width=(px(scale.width)) height=(px(height))
                    viewBox={ "0 0 " (px(scale.width)) " " (px(height)) } {
                    title id="drawing-title" { "The timeline; the table below says all of it" }
                    @for (n, lane) in lanes.iter().enumerate() {
                        text.dim x="4" y=(px(y(n) + 4.0)) { (lane) }
                        line.lane x1=(px(LEFT)) x2=(px(scale.width)) y1=(px(y(n))) y2=(px(y(n))) {}
                    }
                    @for run in &report.runs {
                        @if let (Some(began), Some(ended)) = (run.began, run.ended) {
                            @let (from, to) = (scale.x(began), scale.x(ended));
                            rect.bar x=(px(from)) y=(px(y(run.log - 1) + 12.0)) width=(px((to - from).max(4.0))) height="6" {
                                title { "run " (shown_in(&run.id, 60)) " of " (shown_in(&run.playbook, 60)) }
                            }
                        }
                    }
                    @for (x, text) in scale.ticks() {
                        text.dim x=(px(x)) y="14" text-anchor="middle" { (text) }
                        line.lane x1=(px(x)) x2=(px(x)) y1="20" y2=(px(height - 8.0)) {}
                    }
                    @for point in &points {
                        g.(class(point.tone)).doubt[point.doubtful] transform={ "translate(" (px(scale.x(point.at))) " " (px(y(point.lane))) ")" } {
                            title { (point.title) }
                            (shape(point.shape))
                            @if !point.label.is_empty() { text y="-13" text-anchor="middle" { (point.label) } }
                        }
                    }
                }
            }
            figcaption {
                "Filled circle: a change that is done; diamond: one of which something is open; cross: \
                 one that was refused or is not in effect; each with its number. Flag: armed. Upright \
                 bar: a step that was left out or failed. Triangle: marked as evidence. Grey bar below: \
                 a run. Dashed: by a record that does not verify. The distances are not to scale: long \
                 gaps are drawn shorter."
                @if left_out > 0 { " Not drawn: " (left_out) " more." }
            }
        }
    }
}

fn lanes(report: &IncidentReport) -> Vec<String> {
    let logs = report.logs.iter().map(|log| match log.operators.first() {
        Some(operator) => format!("{} {}", log.number, shown_in(operator, 10)),
        None => format!("log {}", log.number),
    });
    let marked = (!report.marks.is_empty()).then(|| "marked".to_owned());
    logs.chain(marked).collect()
}

fn points(report: &IncidentReport) -> Vec<Point> {
    let mut points = Vec::new();
    for change in &report.changes {
        let Some(at) = change.at else { continue };
        let shape = match change.fate {
            Fate::Done => Shape::Full,
            Fate::Failed | Fate::NotSent | Fate::NotDone => Shape::Cross,
            Fate::Partial | Fate::Unconfirmed | Fate::Unknown => Shape::Diamond,
        };
        let call = shown_in(&change.call, 80);
        let doubtful = !change.verified;
        let doubt = if doubtful { ", by a record that does not verify" } else { "" };
        let title = format!("change {}: {call}, {}{doubt}", change.number, change.fate.words());
        let (lane, label) = (change.log - 1, change.number.to_string());
        points.push(Point { at, lane, shape, tone: tone(change.fate), doubtful, label, title });
    }
    for moment in &report.moments {
        let Some(at) = moment.at else { continue };
        let shape = match (moment.label, moment.tone) {
            (_, Tone::Marked) => Shape::Triangle,
            ("armed", _) => Shape::Flag,
            ("step", Tone::Caution | Tone::Trouble) => Shape::Bar,
            _ => continue,
        };
        let lane = moment.log.map_or(report.logs.len(), |log| log - 1);
        let title = format!("{}: {}", moment.label, shown_in(&moment.what, 120));
        let (tone, doubtful, label) = (moment.tone, !moment.verified, String::new());
        points.push(Point { at, lane, shape, tone, doubtful, label, title });
    }
    points.sort_by_key(|point| point.at);
    points
}

fn shape(shape: Shape) -> Markup {
    html! {
        @match shape {
            Shape::Full => { circle.shape.full r="7" {} }
            Shape::Cross => { path.shape d="M-6-6 6 6M6-6-6 6" {} }
            Shape::Diamond => { path.shape d="M0-8 8 0 0 8-8 0Z" {} }
            Shape::Flag => { path.shape d="M-5 9V-9H7L3-4 7 1H-5" {} }
            Shape::Bar => { path.shape d="M0-8V8" {} }
            Shape::Triangle => { path.shape d="M0-8 8 6H-8Z" {} }
        }
    }
}

/// Where a time is drawn: each distinct one a step behind the one before it, and a long gap
/// somewhat wider.
struct Scale {
    places: Vec<(Timestamp, f64)>,
    width: f64,
}

impl Scale {
    fn of(mut times: Vec<Timestamp>) -> Scale {
        times.sort();
        times.dedup();
        let (mut x, mut before) = (LEFT + STEP, None::<Timestamp>);
        let mut places = Vec::new();
        for at in times {
            if let Some(before) = before {
                let seconds = at.duration_since(before).as_secs_f64();
                x += STEP + 12.0 * seconds.max(0.0).ln_1p();
            }
            before = Some(at);
            places.push((at, x));
        }
        let stretch = ((WIDTH - LEFT - 2.0 * STEP) / (x - LEFT - STEP).max(1.0)).max(1.0);
        let stretch = if places.len() > 1 { stretch } else { 1.0 };
        for (_, x) in &mut places {
            *x = LEFT + STEP + (*x - LEFT - STEP) * stretch;
        }
        let last = places.last().map_or(LEFT, |(_, x)| *x);
        Scale { places, width: (last + 2.0 * STEP).max(WIDTH) }
    }

    /// Between two drawn times in proportion; outside at the ends.
    fn x(&self, at: Timestamp) -> f64 {
        let after = self.places.partition_point(|(time, _)| *time <= at);
        let (Some(before), next) = (self.places[..after].last(), self.places.get(after)) else {
            return self.places.first().map_or(LEFT, |(_, x)| *x);
        };
        let Some(next) = next else { return before.1 };
        let whole = next.0.duration_since(before.0).as_secs_f64();
        let part = at.duration_since(before.0).as_secs_f64();
        before.1 + (next.1 - before.1) * if whole > 0.0 { part / whole } else { 0.0 }
    }

    /// Times written above, as many as have room; the day where it is another one.
    fn ticks(&self) -> Vec<(f64, String)> {
        let mut ticks: Vec<(f64, String)> = Vec::new();
        let mut day = String::new();
        for (at, x) in &self.places {
            if ticks.last().is_some_and(|(last, _)| x - last < 150.0) {
                continue;
            }
            let (date, time) = (at.strftime("%F").to_string(), at.strftime("%T").to_string());
            ticks.push((*x, if date == day { time } else { format!("{date} {time}") }));
            day = date;
        }
        ticks
    }
}

/// A length with one digit behind the point.
fn px(length: f64) -> String {
    format!("{length:.1}")
}
