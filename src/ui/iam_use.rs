//! What a principal really used: its calls in the store, and the services that IAM saw.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    page::Page,
    words::{self, count, fit, pad},
};
use crate::{
    case::{Called, Held, Load, Used},
    domain::{time::age, untrusted::display_in},
};

/// Calls told; the rest is counted.
const TOLD: usize = 200;
const CALL: usize = 34;

pub fn page(page: &mut Page<'_, '_>) {
    let iam = &page.model.iam;
    let Some((_, held)) = iam.current() else { return };
    if matches!(held, Held::Group(_)) {
        let what = "A group calls nothing: its users do.";
        return page.wrapped(&what.into(), page.theme.dim);
    }
    page.lines.push(Line::styled(" Calls, by the events in the store", page.theme.label));
    let arn = &held.holder().arn;
    match iam.calls.as_ref().filter(|calls| calls.arn == *arn).map(|calls| &calls.used) {
        None => page.styled("", "looking for them …".to_owned(), page.theme.dim),
        Some(Err(fault)) => page.styled("", fault.to_string(), page.theme.trouble),
        Some(Ok(used)) => calls(page, used),
    }
    services(page, held);
}

fn calls(page: &mut Page<'_, '_>, used: &Used) {
    let theme = page.theme;
    if used.calls.is_empty() {
        page.styled("", "none in the last 90 days".to_owned(), theme.warning);
    } else {
        let number = |n: u64| count(usize::try_from(n).unwrap_or(usize::MAX));
        let mut said = vec![format!("{} events in the last 90 days", number(used.total))];
        if (used.counted as u64) < used.total {
            said.push(format!("the newest {} of them are counted here", count(used.counted)));
        }
        if used.unreadable > 0 {
            said.push(format!("{} cannot be read any more", used.unreadable));
        }
        if let Some(oldest) = used.oldest {
            said.push(format!("the oldest of {}", words::minute(oldest, &page.model.zone)));
        }
        page.text("", said.join(", "));
        let services: Vec<String> = used
            .services()
            .iter()
            .take(40)
            .map(|(service, times)| format!("{} {}", display_in(service.raw(), 40), number(*times)))
            .collect();
        page.text("services", services.join(" · "));
    }
    let what = "The store has what was asked for: e asks CloudTrail. Events that only data \
                trails record (s3:GetObject, …) are in it only where they were imported.";
    page.styled("", what.to_owned(), theme.dim);
    if !used.calls.is_empty() {
        let heading = format!(
            "    {} {:>7} {:>7} {:>7}  LAST",
            pad("CALL", CALL),
            "TIMES",
            "DENIED",
            "FAILED"
        );
        page.lines.push(Line::styled(heading, theme.label));
    }
    for call in used.calls.iter().take(TOLD) {
        row(page, call);
    }
    if used.calls.len() > TOLD {
        page.text("", format!("and {} more", used.calls.len() - TOLD));
    }
}

fn row(page: &mut Page<'_, '_>, call: &Called) {
    let theme = page.theme;
    let some = |n: u64, style: Style| if n > 0 { style } else { theme.dim };
    let name = format!("{}:{}", call.service.raw(), call.name.raw());
    let last = call.last.map_or("-".to_owned(), |at| age(page.model.now, at));
    page.lines.push(Line::from(vec![
        Span::raw(format!("    {} ", fit(&name.into(), CALL))),
        Span::raw(format!("{:>7} ", call.times)),
        Span::styled(format!("{:>7} ", call.denied), some(call.denied, theme.trouble)),
        Span::styled(format!("{:>7}  ", call.failed), some(call.failed, theme.warning)),
        Span::styled(last, theme.dim),
    ]));
}

/// The services last used, as IAM tells them when it is asked.
fn services(page: &mut Page<'_, '_>, held: Held<'_>) {
    let theme = page.theme;
    page.heading("Services last used, by IAM");
    match page.model.case.inspection.services.get(&held.holder().arn) {
        None | Some(Load::Idle) => {
            page.styled(
                "",
                "not asked for: a asks IAM, which may take a minute".to_owned(),
                theme.dim,
            );
        }
        Some(Load::Loading) => page.styled("", "being asked for …".to_owned(), theme.dim),
        Some(Load::Failed(fault)) => page.styled("", fault.to_string(), theme.trouble),
        Some(Load::Ready(services)) => {
            let mut services: Vec<_> = services.iter().collect();
            services.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.service.cmp(&b.service)));
            let used = services.iter().take_while(|s| s.last.is_some()).count();
            let what = format!(
                "allowed {}, used {used} within the 400 days that IAM looks back; the newest four \
                 hours may be missing",
                services.len()
            );
            page.text("", what);
            for service in &services[..used] {
                let last = service.last.map_or("-".to_owned(), |at| age(page.model.now, at));
                let region = service
                    .region
                    .as_ref()
                    .map_or(String::new(), |r| format!(" in {}", display_in(r.raw(), 30)));
                page.text(&last, format!("{}{region}", display_in(service.service.raw(), 60)));
            }
            let unused: Vec<String> =
                services[used..].iter().map(|s| display_in(s.service.raw(), 40)).collect();
            if !unused.is_empty() {
                page.styled("never", unused.join(", "), theme.warning);
            }
        }
    }
}
