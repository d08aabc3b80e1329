//! Markdown.

/// A table whose first column is text, and the others numbers.
#[derive(Debug)]
pub(crate) struct Table {
    columns: usize,
    text: String,
}

impl Table {
    pub(crate) fn new(head: &[&str]) -> Self {
        let rule = format!("|---|{}", "---:|".repeat(head.len().saturating_sub(1)));
        Self { columns: head.len(), text: format!("| {} |\n{rule}\n", head.join(" | ")) }
    }

    /// Adds a row; what it lacks is a dash.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut cells: Vec<String> = cells.into_iter().take(self.columns).collect();
        cells.resize(self.columns, "-".to_owned());
        self.text += &format!("| {} |\n", cells.join(" | "));
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// Three significant digits, and never fewer than the whole number has; what is whole, without a point.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        _ if !value.is_finite() => "-".to_owned(),
        // No "-0".
        _ if value.fract() == 0.0 => format!("{:.0}", value + 0.0),
        size if size < 9.995 => format!("{value:.2}"),
        size if size < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Of another value.
pub(crate) fn ratio(value: f64, other: Option<f64>) -> String {
    match other {
        Some(other) if other > 0.0 => format!("{:.2}", value / other),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown_and_its_rows_are_full() {
        let mut table = Table::new(&["server", "requests/s", "/ hyper"]);
        table.row(["hyper".to_owned(), number(85_580.4), ratio(2.0, Some(2.0))]);
        table.row(["none".to_owned()]);
        assert_eq!(
            table.text(),
            "| server | requests/s | / hyper |\n|---|---:|---:|\n| hyper | 85580 | 1.00 |\n| none | - | - |\n"
        );
    }

    #[test]
    fn numbers_have_three_digits() {
        let numbers = [0.0, -0.0, 9.99, 9.999, 12.34, 123.4, f64::NAN].map(number);
        assert_eq!(numbers, ["0", "0", "9.99", "10.0", "12.3", "123", "-"]);
        assert_eq!((ratio(3.0, Some(0.0)), ratio(3.0, None)), ("-".to_owned(), "-".to_owned()));
    }
}
