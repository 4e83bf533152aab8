// SPDX-License-Identifier: Apache-2.0

//! Line plots as SVG, with logarithmic axes, in colours for light and for dark.
//!
//! On such axes a cost that grows with the n-th power is a straight line of
//! slope n; that exponent is fitted to each series and told beside its name.

use std::fmt::Write as _;

use super::{
    plots::{Plot, Source},
    points::{self, Points},
};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 450.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
/// Of the plotting area; below it are the axis' labels and the names of the series.
const BOTTOM: f64 = 320.0;
const LEGEND: f64 = 376.0;
const LEGEND_STEP: f64 = 18.0;

const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:600}\
.back{fill:#ffffff}.grid{stroke:#d8dee4;stroke-width:1}.axis{stroke:#656d76;stroke-width:1}\
.line{fill:none;stroke-width:2}.known .line{stroke-dasharray:5 4}\
.dot{stroke-width:2}.known .dot{fill:#ffffff}";
/// The same where the reader prefers dark.
const STYLE_DARK: &str = "\
text{fill:#e6edf3}.back{fill:#0d1117}.grid{stroke:#30363d}.axis{stroke:#8d96a0}\
.known .dot{fill:#0d1117}";
/// A colour for each series, on light and on dark.
const COLOURS: [(&str, &str); 5] = [
    ("#0969da", "#58a6ff"),
    ("#bc4c00", "#f0883e"),
    ("#1a7f37", "#56d364"),
    ("#8250df", "#bc8cff"),
    ("#9a6700", "#e3b341"),
];

fn style() -> String {
    let colours = |by: fn(&(&'static str, &'static str)) -> &'static str| {
        let rule = |(index, colours): (usize, &(&'static str, &'static str))| {
            let colour = by(colours);
            format!(
                ".s{index} .line,.s{index} .dot{{stroke:{colour}}}\
                 .s{index}.measured .dot{{fill:{colour}}}"
            )
        };
        COLOURS.iter().enumerate().map(rule).collect::<String>()
    };
    format!(
        "{STYLE}{}@media(prefers-color-scheme:dark){{{STYLE_DARK}{}}}",
        colours(|it| it.0),
        colours(|it| it.1)
    )
}

/// A logarithmic axis: values from `low` to `high` on pixels from `from` to `to`.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn around(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(0.0, f64::max);
        let (low, high) = if low.is_finite() { (low, high) } else { (1.0, 10.0) };
        Axis { low: tick_below(low), high: tick_above(high.max(low * 1.01)), from, to }
    }

    fn place(&self, value: f64) -> f64 {
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        self.from + (self.to - self.from) * share
    }

    /// Values at which there is a line: 1, 2 and 5 of each power, or only 1 when
    /// that were too many.
    fn ticks(&self) -> Vec<f64> {
        let powers = (self.high / self.low).log10();
        let steps: &[f64] = if powers > 4.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let mut ticks = Vec::new();
        let mut power = 10_f64.powf(self.low.log10().floor());
        while power <= self.high * 1.001 {
            let values = steps.iter().map(|step| step * power);
            ticks.extend(values.filter(|it| *it >= self.low * 0.999 && *it <= self.high * 1.001));
            power *= 10.0;
        }
        ticks
    }
}

fn tick_below(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let step = [5.0, 2.0, 1.0].into_iter().find(|step| step * power <= value * 1.000_001);
    step.unwrap_or(1.0) * power
}

fn tick_above(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * power >= value * 0.999_999);
    step.unwrap_or(10.0) * power
}

/// The drawing, and a line for each series on how it grows.
pub fn draw(plot: &Plot, points: &Points) -> (String, Vec<String>) {
    let empty = Vec::new();
    let of = |series: &str| points.get(&points::key(plot.name, series)).unwrap_or(&empty);
    let all = plot.series.iter().flat_map(|series| of(series.name).iter());
    let x = Axis::around(all.clone().map(|(x, _)| *x), LEFT, WIDTH - RIGHT);
    let y = Axis::around(all.map(|(_, y)| *y), BOTTOM, TOP);
    let mut svg = frame(plot);
    grid(&mut svg, &x, &y);
    let mut notes = Vec::new();
    for (index, series) in plot.series.iter().enumerate() {
        let points = of(series.name);
        let name = match exponent(points) {
            Some(exponent) => format!("{} (grows as n^{exponent:.2})", series.name),
            None => series.name.to_owned(),
        };
        let whose = match series.source {
            Source::Known(_) => "known",
            Source::Runs { .. } | Source::Times(_) => "measured",
        };
        let _ = writeln!(svg, "<g class=\"s{index} {whose}\">");
        line(&mut svg, points, &x, &y);
        let row = LEGEND + index as f64 * LEGEND_STEP;
        dot(&mut svg, (LEFT + 4.0, row - 4.0), &name);
        svg.push_str("</g>\n");
        let missing = if points.is_empty() { ", not measured" } else { "" };
        label(&mut svg, (LEFT + 16.0, row), "start", &format!("{name}{missing}"));
        notes.push(name);
    }
    svg.push_str("</svg>\n");
    (svg, notes)
}

fn frame(plot: &Plot) -> String {
    let middle = (TOP + BOTTOM) / 2.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\">\n<title>{title}</title>\n\
         <style>{style}</style>\n<rect class=\"back\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"24\">{title}</text>\n\
         <text x=\"{right}\" y=\"{x_label}\" text-anchor=\"end\">{x}</text>\n\
         <text transform=\"translate(16 {middle}) rotate(-90)\" text-anchor=\"middle\">{y}</text>\n",
        style = style(),
        title = escaped(plot.title),
        right = WIDTH - RIGHT,
        x_label = BOTTOM + 34.0,
        x = escaped(plot.x),
        y = escaped(plot.y),
    )
}

fn grid(svg: &mut String, x: &Axis, y: &Axis) {
    for tick in x.ticks() {
        let at = x.place(tick);
        line_between(svg, "grid", (at, TOP), (at, BOTTOM));
        label(svg, (at, BOTTOM + 17.0), "middle", &number(tick));
    }
    for tick in y.ticks() {
        let at = y.place(tick);
        line_between(svg, "grid", (LEFT, at), (WIDTH - RIGHT, at));
        label(svg, (LEFT - 8.0, at + 4.0), "end", &number(tick));
    }
    line_between(svg, "axis", (LEFT, BOTTOM), (WIDTH - RIGHT, BOTTOM));
    line_between(svg, "axis", (LEFT, TOP), (LEFT, BOTTOM));
}

fn line(svg: &mut String, points: &[(f64, f64)], x: &Axis, y: &Axis) {
    let places: Vec<(f64, f64)> =
        points.iter().map(|point| (x.place(point.0), y.place(point.1))).collect();
    if places.len() > 1 {
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(svg, "<polyline class=\"line\" points=\"{}\"/>", path.join(" "));
    }
    for (point, place) in points.iter().zip(places) {
        dot(svg, place, &format!("{}: {}", number(point.0), number(point.1)));
    }
}

fn dot(svg: &mut String, at: (f64, f64), tip: &str) {
    let _ = writeln!(
        svg,
        "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"><title>{}</title></circle>",
        at.0,
        at.1,
        escaped(tip)
    );
}

fn line_between(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ = writeln!(
        svg,
        "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn label(svg: &mut String, at: (f64, f64), anchor: &str, text: &str) {
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
        at.0,
        at.1,
        escaped(text)
    );
}

/// The power with which y grows with x: the slope of the straight line that is
/// closest to the logarithms.
fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let mean = |by: fn(&(f64, f64)) -> f64| logs.iter().map(by).sum::<f64>() / count;
    let (x_mean, y_mean) = (mean(|it| it.0), mean(|it| it.1));
    let spread: f64 = logs.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    let together: f64 = logs.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    (logs.len() > 1 && spread > 0.0).then(|| together / spread)
}

fn number(value: f64) -> String {
    match value {
        it if it >= 1e6 => format!("{}M", it / 1e6),
        it if it >= 1e3 => format!("{}k", it / 1e3),
        it => {
            let text = format!("{it:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponent_is_that_of_the_power() {
        let square: Vec<(f64, f64)> =
            (1..6).map(|x| (f64::from(x), f64::from(x * x * 3))).collect();
        let found = exponent(&square).expect("there are points");
        assert!((found - 2.0).abs() < 1e-9, "{found}");
        assert_eq!(exponent(&[(1.0, 1.0)]), None);
    }

    #[test]
    fn an_axis_ends_at_round_numbers_and_spreads_between() {
        let axis = Axis::around([130.0, 8_000.0].into_iter(), 0.0, 100.0);
        assert_eq!((axis.low, axis.high), (100.0, 10_000.0));
        assert!((axis.place(1_000.0) - 50.0).abs() < 1e-9);
        assert_eq!(axis.ticks(), [100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0]);
    }

    #[test]
    fn every_plot_can_be_drawn_without_a_point() {
        for plot in super::super::plots::all() {
            let (svg, notes) = draw(&plot, &Points::new());
            assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{svg}");
            assert_eq!(notes.len(), plot.series.len());
        }
    }
}
