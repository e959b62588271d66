using System.Globalization;
using System.Xml.Linq;
using ActionTrail.Benchmarks.Report;

namespace ActionTrail.Tests.Benchmarks;

public class SvgChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_bar_chart_has_a_bar_and_a_figure_per_value_and_none_where_there_is_no_value()
    {
        var chart = XDocument.Parse(SvgChart.Bars("a < b & c", "milliseconds", ["id", "user"], [new("one", [0.5, 20]), new("two", [null, 5])], isLogarithmic: true));
        var lengths = chart.Descendants(Svg + "rect").Select(static bar => Number(bar, "width")).ToArray();
        Assert.Equal(3, lengths.Length);
        Assert.True(lengths[0] < lengths[2] && lengths[2] < lengths[1]);
        var texts = Texts(chart);
        Assert.Contains("a < b & c", texts);
        Assert.Equal(["0.5", "20", "5"], texts.Where(static text => double.TryParse(text, CultureInfo.InvariantCulture, out _)));
    }

    [Fact]
    public void Bars_from_nought_are_as_long_as_their_values_and_stay_inside_the_chart()
    {
        var chart = XDocument.Parse(SvgChart.Bars("bytes", "bytes", ["all"], [new("one", [100]), new("two", [50]), new("three", [0])], isLogarithmic: false));
        var bars = chart.Descendants(Svg + "rect").ToArray();
        Assert.Equal(Number(bars[0], "width"), Number(bars[1], "width") * 2, tolerance: 0.2);
        Assert.All(bars, bar => Assert.InRange(Number(bar, "x") + Number(bar, "width"), 0, Number(chart.Root!, "width")));
        Assert.All(bars, bar => Assert.InRange(Number(bar, "y") + Number(bar, "height"), 0, Number(chart.Root!, "height")));
    }

    [Fact]
    public void A_line_chart_has_a_point_per_value_that_its_axis_can_show()
    {
        var chart = XDocument.Parse(SvgChart.Lines("growth", "GETs", "events", [20_000, 200_000, 1_000_000], [new("id", [1, 10, 100]), new("nothing", [0, 0, 0]), new("one", [null, 3, 0])], isLogarithmic: true));
        Assert.Equal(4, chart.Descendants(Svg + "circle").Count());
        var heights = chart.Descendants(Svg + "circle").Take(3).Select(static point => Number(point, "cy")).ToArray();
        Assert.Equal(heights[0] - heights[1], heights[1] - heights[2], tolerance: 0.2);
        Assert.Contains("20k", Texts(chart));
    }

    [Fact]
    public void Nothing_to_show_is_a_chart_too() =>
        Assert.Empty(XDocument.Parse(SvgChart.Lines("none", "ms", "events", [1], [new("none", [null])], isLogarithmic: true)).Descendants(Svg + "circle"));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.0468, "0.047")]
    [InlineData(1.004, "1")]
    [InlineData(12.34, "12.3")]
    [InlineData(999.6, "1000")]
    [InlineData(12_340, "12.3k")]
    [InlineData(10_000_000, "10M")]
    public void A_figure_has_the_digits_that_matter(double value, string text) => Assert.Equal(text, SvgChart.Figure(value));

    [Fact]
    public void A_table_escapes_bars_and_refuses_a_row_of_another_width()
    {
        var table = new MarkdownTable("store", "ms").Add("a|b", "1.5");
        Assert.Equal("| store | ms |\n| --- | ---: |\n| a\\|b | 1.5 |\n", table.ToString());
        Assert.Throws<ArgumentException>(() => table.Add("one"));
    }

    [Theory]
    [InlineData(50, 51)]
    [InlineData(99, 100)]
    [InlineData(100, 100)]
    public void A_percentile_is_a_value_that_was_measured(int percent, double value) =>
        Assert.Equal(value, Percentile.Of([.. Enumerable.Range(1, 100).Select(static i => (double)i)], percent));

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    private static string[] Texts(XDocument chart) => [.. chart.Descendants(Svg + "text").Select(static text => text.Value)];
}
