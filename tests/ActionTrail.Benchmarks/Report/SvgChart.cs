using System.Globalization;
using System.Security;
using System.Text;

namespace ActionTrail.Benchmarks.Report;

/// <summary>One colour of a chart. A value per group or place on the x axis; null where there is none.</summary>
internal sealed record ChartSeries(string Name, IReadOnlyList<double?> Values);

/// <summary>Charts as SVG text that follows the reader's light or dark scheme. Values on a logarithmic axis must be positive; others are left out.</summary>
internal static class SvgChart
{
    private const int Width = 760;
    private const int Bar = 13;
    private const int Left = 190;
    private const int Right = 70;

    private static readonly string[] Colours = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#76b7b2", "#c9a227", "#9c755f", "#d37295"];

    /// <summary>Horizontal bars: a block per group, in it a bar per series that has a value, each with its figure.</summary>
    public static string Bars(string title, string unit, IReadOnlyList<string> groups, IReadOnlyList<ChartSeries> series, bool isLogarithmic)
    {
        var scale = Scale.Over(series.SelectMany(static one => one.Values), isLogarithmic, Width - Left - Right);
        var body = new StringBuilder();
        var y = 44;
        for (var group = 0; group < groups.Count; group++)
        {
            Text(body, 8, y + 10, groups[group], "b");
            y += groups.Count > 1 ? 16 : 0;
            for (var one = 0; one < series.Count; one++)
            {
                if (series[one].Values[group] is not { } value || !scale.Holds(value))
                    continue;
                var length = Math.Max(1, scale.At(value));
                Text(body, Left - 6, y + 10, series[one].Name, "e");
                body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{y + 1}\" width=\"{length:F1}\" height=\"{Bar - 3}\" fill=\"{Colours[one % Colours.Length]}\"/>\n");
                Text(body, Left + length + 4, y + 10, Figure(value), "");
                y += Bar;
            }

            y += 10;
        }

        foreach (var mark in scale.Marks)
            body.Insert(0, string.Create(CultureInfo.InvariantCulture, $"<line class=\"g\" x1=\"{Left + scale.At(mark):F1}\" x2=\"{Left + scale.At(mark):F1}\" y1=\"38\" y2=\"{y}\"/>\n"));
        return Frame(title, unit, isLogarithmic, y + 8, body);
    }

    /// <summary>A line per series over a logarithmic x axis, each point with its figure, names beside their last points.</summary>
    public static string Lines(string title, string unit, string xUnit, IReadOnlyList<double> xs, IReadOnlyList<ChartSeries> series, bool isLogarithmic)
    {
        const int plotLeft = 60, plotRight = 170, top = 48, height = 260;
        var across = Scale.Over(xs.Select(static x => (double?)x), isLogarithmic: true, Width - plotLeft - plotRight);
        var up = Scale.Over(series.SelectMany(static one => one.Values), isLogarithmic, height);
        var body = new StringBuilder();
        foreach (var mark in up.Marks)
        {
            body.Append(CultureInfo.InvariantCulture, $"<line class=\"g\" x1=\"{plotLeft}\" x2=\"{Width - plotRight}\" y1=\"{top + height - up.At(mark):F1}\" y2=\"{top + height - up.At(mark):F1}\"/>\n");
            Text(body, plotLeft - 6, top + height - up.At(mark) + 4, Figure(mark), "e");
        }

        foreach (var x in xs)
            Text(body, plotLeft + across.At(x), top + height + 18, Figure(x), "m");
        Text(body, plotLeft + ((Width - plotLeft - plotRight) / 2.0), top + height + 36, xUnit, "m");

        var names = new List<double>();
        for (var one = 0; one < series.Count; one++)
        {
            var points = xs.Zip(series[one].Values).Where(point => point.Second is { } value && up.Holds(value)).Select(point => (X: plotLeft + across.At(point.First), Y: top + height - up.At(point.Second!.Value))).ToArray();
            if (points.Length == 0)
                continue;
            var colour = Colours[one % Colours.Length];
            body.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{string.Join(' ', points.Select(static p => string.Create(CultureInfo.InvariantCulture, $"{p.X:F1},{p.Y:F1}")))}\"/>\n");
            foreach (var (x, y) in points)
                body.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x:F1}\" cy=\"{y:F1}\" r=\"3\" fill=\"{colour}\"/>\n");
            // Names of lines that end close together make room for each other.
            var at = points[^1].Y;
            while (names.Any(other => Math.Abs(other - at) < 13))
                at += 13;
            names.Add(at);
            body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{points[^1].X + 8:F1}\" y=\"{at - 5:F1}\" width=\"9\" height=\"9\" fill=\"{colour}\"/>\n");
            Text(body, points[^1].X + 21, at + 4, $"{series[one].Name} {Figure(series[one].Values.Last(static value => value is not null)!.Value)}", "");
        }

        return Frame(title, unit, isLogarithmic, top + height + 48, body);
    }

    /// <summary>Three digits that matter, without an exponent.</summary>
    internal static string Figure(double value) => value switch
    {
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.##}M"),
        >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{value / 1000:0.#}k"),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private static string Frame(string title, string unit, bool isLogarithmic, double height, StringBuilder body)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height:F0}\" width=\"{Width}\" height=\"{height:F0}\" role=\"img\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<title>{SecurityElement.Escape(title)}</title>\n");
        text.Append("""
            <style>
            svg { background: #ffffff; } text { font: 11px sans-serif; fill: #24292f; } .b { font-weight: bold; } .e { text-anchor: end; } .m { text-anchor: middle; } .g { stroke: #d0d7de; stroke-width: 1; }
            @media (prefers-color-scheme: dark) { svg { background: #0d1117; } text { fill: #c9d1d9; } .g { stroke: #30363d; } }
            </style>

            """);
        Text(text, 8, 18, title, "b");
        Text(text, 8, 33, unit + (isLogarithmic ? ", logarithmic" : ""), "");
        return text.Append(body).Append("</svg>\n").ToString();
    }

    private static void Text(StringBuilder svg, double x, double y, string text, string style) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:F1}\" y=\"{y:F1}\"{(style.Length > 0 ? $" class=\"{style}\"" : "")}>{SecurityElement.Escape(text)}</text>\n");

    /// <summary>Places values on [0, length]: from nought, or between powers of ten.</summary>
    private sealed record Scale(double Low, double High, bool IsLogarithmic, double Length)
    {
        public IEnumerable<double> Marks => IsLogarithmic
            ? Enumerable.Range(0, (int)Math.Round(Math.Log10(High / Low)) + 1).Select(power => Low * Math.Pow(10, power))
            : Enumerable.Range(0, 5).Select(quarter => High * quarter / 4);

        public static Scale Over(IEnumerable<double?> values, bool isLogarithmic, double length)
        {
            var shown = values.OfType<double>().Where(value => double.IsFinite(value) && value > 0).DefaultIfEmpty(1).ToArray();
            if (!isLogarithmic)
                return new Scale(0, shown.Max(), IsLogarithmic: false, length);
            var low = Math.Pow(10, Math.Floor(Math.Log10(shown.Min())));
            var high = Math.Pow(10, Math.Ceiling(Math.Log10(shown.Max())));
            return new Scale(low, high > low ? high : low * 10, IsLogarithmic: true, length);
        }

        public bool Holds(double value) => double.IsFinite(value) && (IsLogarithmic ? value > 0 : value >= 0);

        public double At(double value) => Length * (IsLogarithmic ? Math.Log10(value / Low) / Math.Log10(High / Low) : value / High);
    }
}
