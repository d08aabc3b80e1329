//! Bars, as an SVG that needs nothing else: no script, no font of its own, readable on light and on dark, and described in
//! words for those who do not see it.

use crate::table::number;

#[derive(Debug)]
pub(crate) struct Panel {
    pub title: String,
    /// What a value is, and which are good: "requests a second, more is better".
    pub unit: String,
    /// The best first.
    pub bars: Vec<Bar>,
}

#[derive(Debug)]
pub(crate) struct Bar {
    pub name: String,
    pub value: f64,
    /// Ours.
    pub emphasis: bool,
}

impl Panel {
    /// Sorts the bars, `more` or less being better; those without a value are left out.
    pub(crate) fn new(title: &str, unit: &str, more: bool, bars: impl IntoIterator<Item = Bar>) -> Self {
        let mut bars: Vec<Bar> = bars.into_iter().filter(|bar| bar.value.is_finite()).collect();
        bars.sort_by(|one, other| one.value.total_cmp(&other.value));
        if more {
            bars.reverse();
        }
        let better = if more { "more is better" } else { "less is better" };
        Self { title: title.to_owned(), unit: format!("{unit}; {better}"), bars }
    }

    fn height(&self) -> usize {
        HEAD + self.bars.len() * ROW
    }
}

/// Measures in pixels: a panel is a head and rows of a name, a bar and a value.
const WIDTH: usize = 450;
const GAP: usize = 20;
const HEAD: usize = 52;
const ROW: usize = 22;
const NAME: usize = 150;
const LONGEST: usize = 230;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}\
.unit,.value{fill:#59636e}.value{font-variant-numeric:tabular-nums}.ours{font-weight:600}\
rect{fill:#afb8c1}rect.ours{fill:#0969da}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.unit,.value{fill:#9198a1}rect{fill:#656c76}rect.ours{fill:#4493f8}}";

/// Panels two beside each other, in the order of reading.
pub(crate) fn draw(title: &str, panels: &[&Panel]) -> String {
    let rows: Vec<&[&Panel]> = panels.chunks(2).collect();
    let height_of = |row: &[&Panel]| row.iter().map(|panel| panel.height()).max().unwrap_or(0);
    let height: usize = rows.iter().map(|row| height_of(row) + GAP).sum::<usize>() + GAP;
    let width = GAP + (WIDTH + GAP) * panels.len().min(2);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"title description\">\n<title id=\"title\">{}</title>\n\
         <desc id=\"description\">{}</desc>\n<style>{STYLE}</style>\n",
        escaped(title),
        escaped(&panels.iter().map(|panel| in_words(panel)).collect::<Vec<_>>().join(" ")),
    );
    let mut top = GAP;
    for row in rows {
        for (column, panel) in row.iter().enumerate() {
            draw_panel(&mut svg, panel, GAP + column * (WIDTH + GAP), top);
        }
        top += height_of(row) + GAP;
    }
    svg + "</svg>\n"
}

fn draw_panel(svg: &mut String, panel: &Panel, left: usize, top: usize) {
    *svg += &format!(
        "<g transform=\"translate({left} {top})\">\n<text class=\"title\" y=\"14\">{}</text>\n<text class=\"unit\" y=\"34\">{}</text>\n",
        escaped(&panel.title),
        escaped(&panel.unit),
    );
    let largest = panel.bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    for (row, bar) in panel.bars.iter().enumerate() {
        let (y, text) = (HEAD + row * ROW, HEAD + row * ROW + 13);
        let length = (bar.value.max(0.0) / largest * LONGEST as f64).max(1.0);
        let class = if bar.emphasis { " class=\"ours\"" } else { "" };
        let end = (NAME + 6) as f64 + length;
        *svg += &format!(
            "<text{class} y=\"{text}\">{}</text><rect{class} x=\"{NAME}\" y=\"{y}\" width=\"{length:.1}\" height=\"16\" rx=\"2\"/>\
             <text class=\"value\" x=\"{end:.1}\" y=\"{text}\">{}</text>\n",
            escaped(&bar.name),
            number(bar.value),
        );
    }
    *svg += "</g>\n";
}

fn in_words(panel: &Panel) -> String {
    let bars: Vec<_> = panel.bars.iter().map(|bar| format!("{}: {}", bar.name, number(bar.value))).collect();
    format!("{} ({}). {}.", panel.title, panel.unit, bars.join("; "))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, value: f64) -> Bar {
        Bar { name: name.to_owned(), value, emphasis: name == "Waypost" }
    }

    #[test]
    fn bars_are_sorted_and_as_long_as_their_values() {
        let bars = [bar("a & b", 50.0), bar("Waypost", 100.0), bar("none", f64::NAN)];
        let svg = draw("Servers", &[&Panel::new("Plaintext", "requests a second", true, bars)]);
        let (ours, theirs) = (svg.find("width=\"230.0\"").unwrap(), svg.find("width=\"115.0\"").unwrap());
        assert!(ours < theirs, "the best first");
        assert!(svg[..ours].ends_with("<rect class=\"ours\" x=\"150\" y=\"52\" "), "{svg}");
        assert!(svg.contains("a &amp; b</text>") && !svg.contains("none"));
        assert!(svg.contains("requests a second; more is better</text>"));
    }

    #[test]
    fn who_does_not_see_the_picture_can_read_it() {
        let bars = [bar("Waypost", 9.0), bar("other", 12.0)];
        let svg = draw("Servers", &[&Panel::new("Start", "ms", false, bars)]);
        assert!(svg.contains("role=\"img\" aria-labelledby=\"title description\""));
        assert!(
            svg.contains(
                "<desc id=\"description\">Start (ms; less is better). Waypost: 9; other: 12.</desc>"
            )
        );
        assert!(svg.contains("prefers-color-scheme:dark") && !svg.contains("<script"));
    }

    #[test]
    fn every_tag_is_closed() {
        let panel = Panel::new("Start", "ms", false, [bar("Waypost", 0.0), bar("other", 0.0)]);
        let svg = draw("Servers", &[&panel, &panel, &panel]);
        for tag in ["svg", "g", "text", "title", "desc", "style"] {
            let opened = svg.matches(&format!("<{tag} ")).count() + svg.matches(&format!("<{tag}>")).count();
            assert_eq!(opened, svg.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        assert_eq!(svg.matches("<g ").count(), 3);
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
