//! What was measured, printed as it comes, and kept for the picture.

use crate::contenders::Contender;
use crate::counts::{Counts, count};
use crate::measure::{Footprint, Outcome, Sample, Setting};
use crate::picture::{Bar, Panel, draw};
use crate::table::{Table, number, ratio};
use crate::workloads::Workload;

/// What the picture shows, of what was measured; all of it, if none of these was.
const PICTURED: [&str; 6] = [
    "plaintext",
    "json-in",
    "instructions, plaintext",
    "instructions, json-in",
    "allocations, plaintext",
    "memory",
];

#[derive(Debug, Default)]
pub(crate) struct Report {
    /// By the workload's key, or what else they show.
    panels: Vec<(String, Panel)>,
    faults: Vec<String>,
}

fn bar((contender, value): (&'static Contender, f64)) -> Bar {
    Bar { name: contender.name.to_owned(), value, emphasis: contender.is_waypost() }
}

/// The value that others are compared with: hyper's on a runtime of its thread's own, if it takes part.
fn of_hyper(rows: &[(&'static Contender, Sample)], figure: fn(&Sample) -> f64) -> Option<f64> {
    rows.iter().find(|(contender, _)| contender.key == "hyper-core").map(|(_, value)| figure(value))
}

impl Report {
    /// Those that came to something; what failed is kept for the end.
    fn good<T>(&mut self, what: &str, outcomes: Vec<Outcome<T>>) -> Vec<(&'static Contender, T)> {
        let mut good = Vec::new();
        for (contender, outcome) in outcomes {
            match outcome {
                Ok(value) => good.push((contender, value)),
                Err(error) => self.faults.push(format!("{}, {what}: {error}", contender.name)),
            }
        }
        good
    }

    pub(crate) fn workload(&mut self, workload: &Workload, outcomes: Vec<Outcome<Sample>>) {
        let rows = self.good(workload.key, outcomes);
        let (rate, cost) = (of_hyper(&rows, |one| one.rate), of_hyper(&rows, |one| one.cost));
        let mut table = Table::new(&[
            "server",
            "requests/s",
            "/ hyper",
            "p50, µs",
            "p99, µs",
            "p99.9, µs",
            "CPU a request, µs",
            "/ hyper",
        ]);
        for (contender, one) in &rows {
            table.row([
                contender.name.to_owned(),
                number(one.rate),
                ratio(one.rate, rate),
                number(one.p50),
                number(one.p99),
                number(one.p999),
                number(one.cost),
                ratio(one.cost, cost),
            ]);
        }
        println!("### {}\n\n{}", workload.title(), table.text());
        let bars = rows.iter().map(|(contender, one)| bar((contender, one.rate)));
        let panel = Panel::new(&workload.title(), "requests a second", true, bars);
        self.panels.push((workload.key.to_owned(), panel));
    }

    pub(crate) fn counts(
        &mut self,
        setting: &Setting,
        contenders: &[&'static Contender],
        workloads: &[&Workload],
    ) {
        let native: Vec<_> = contenders.iter().copied().filter(|contender| contender.is_native()).collect();
        let columns: Vec<Vec<(&'static Contender, Counts)>> = workloads
            .iter()
            .map(|workload| {
                let outcome = |contender: &&'static Contender| {
                    (*contender, count(setting, contender, workload).map_err(|error| error.to_string()))
                };
                let outcomes = native.iter().map(outcome).collect();
                self.good(&format!("instructions, {}", workload.key), outcomes)
            })
            .collect();
        let subjects = workloads.iter().map(|workload| workload.subject);
        let mut table = Table::new(&["server"].into_iter().chain(subjects).collect::<Vec<_>>());
        for contender in &native {
            let cells = columns.iter().map(|column| {
                let counts =
                    column.iter().find(|(other, _)| other.key == contender.key).map(|(_, counts)| counts);
                counts.map_or("-".to_owned(), |counts| {
                    format!(
                        "{} ({})",
                        number(counts.instructions.round()),
                        number(counts.allocations.round())
                    )
                })
            });
            table.row([contender.name.to_owned()].into_iter().chain(cells));
        }
        println!("### User instructions of a request (heap allocations)\n\n{}", table.text());
        for (workload, column) in workloads.iter().zip(&columns) {
            let mut panel = |what: &str, title: &str, figure: fn(&Counts) -> f64| {
                let bars = column.iter().map(|(contender, counts)| bar((contender, figure(counts))));
                let title = format!("{title} a request: {}", workload.subject);
                let panel = Panel::new(&title, "on one connection, counted by valgrind", false, bars);
                self.panels.push((format!("{what}, {}", workload.key), panel));
            };
            panel("instructions", "User instructions", |counts| counts.instructions);
            panel("allocations", "Heap allocations", |counts| counts.allocations.round());
        }
    }

    pub(crate) fn footprints(&mut self, outcomes: impl Iterator<Item = Outcome<Footprint>>) {
        let rows = self.good("memory and start", outcomes.collect());
        let mut table = Table::new(&[
            "server",
            "start to first answer, ms",
            "memory idle, MiB",
            "at most under load, MiB",
            "idle connection, KiB",
        ]);
        for (contender, one) in &rows {
            table.row([
                contender.name.to_owned(),
                number(one.cold_start),
                number(one.idle as f64 / 1024.0),
                one.loaded.map_or("-".to_owned(), |most| number(most as f64 / 1024.0)),
                number(one.connection as f64 / 1024.0),
            ]);
        }
        println!("### Start and memory\n\n{}", table.text());
        let bars = rows.iter().map(|(contender, one)| bar((contender, one.connection as f64 / 1024.0)));
        let panel = Panel::new("Memory of an idle connection", "KiB", false, bars);
        self.panels.push(("memory".to_owned(), panel));
    }

    pub(crate) fn picture(&self) -> String {
        let pictured = |(key, _): &&(String, Panel)| PICTURED.contains(&key.as_str());
        let mut panels: Vec<&Panel> = self.panels.iter().filter(pictured).map(|(_, panel)| panel).collect();
        if panels.is_empty() {
            panels = self.panels.iter().map(|(_, panel)| panel).collect();
        }
        draw("Waypost and other servers, measured side by side", &panels)
    }

    /// Prints what failed. Whether nothing did.
    pub(crate) fn end(&self) -> bool {
        for fault in &self.faults {
            println!("- failed: {fault}");
        }
        self.faults.is_empty()
    }
}
