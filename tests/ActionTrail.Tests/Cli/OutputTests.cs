using System.Text.Json;
using ActionTrail.Cli;
using ActionTrail.Cli.Lookup;
using ActionTrail.Cli.Output;

namespace ActionTrail.Tests.Cli;

public class OutputTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@x", "\"'@x\"")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("a=1", "a=1")]
    [InlineData("\n=1", "\"'\n=1\"")]
    [InlineData("\uff1d1", "\"'\uff1d1\"")]
    public void No_spreadsheet_takes_a_csv_value_for_a_formula(string value, string field) => Assert.Equal(field, CsvWriter.Field(value));

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("名前", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("👩‍👩‍👧", 2)]
    [InlineData("한국", 4)]
    [InlineData("über", 4)]
    public void Text_is_as_wide_as_a_terminal_shows_it(string text, int width) => Assert.Equal(width, TextWidth.Of(text));

    [Theory]
    [InlineData("abc", 5, "abc  ")]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("名前名前", 6, "名前… ")]
    [InlineData("e\u0301e\u0301e\u0301", 2, "e\u0301…")]
    public void Text_is_cut_between_characters_and_filled_to_its_column(string text, int width, string cell)
    {
        Assert.Equal(cell, TextWidth.Fit(text, width));
        Assert.Equal(width, TextWidth.Of(TextWidth.Fit(text, width)));
    }

    [Theory]
    [InlineData("\u001b[31mred", "\\u001b[31mred")]
    [InlineData("a\r\nb\tc\u0007", "a\\u000d\\u000ab\\u0009c\\u0007")]
    [InlineData("\u009b31m", "\\u009b31m")]
    [InlineData("\u202Egnp.exe", "\\u202egnp.exe")]
    [InlineData("\u007F", "\\u007f")]
    [InlineData("grüße 名前 👍", "grüße 名前 👍")]
    public void Nothing_in_an_event_commands_the_terminal(string text, string shown) => Assert.Equal(shown, TerminalText.Clean(text));

    [Fact]
    public void Half_a_surrogate_pair_is_shown_as_its_escape() => Assert.Equal("\\ud800x", TerminalText.Clean("\uD800" + "x"));

    [Fact]
    public void Json_on_a_terminal_stays_the_same_json()
    {
        var json = "{\"a\":\"\u009b31m \u202e 名 👍 \U000E0041\"}";
        var shown = TerminalText.CleanJson(json);
        Assert.Equal("{\"a\":\"\\u009b31m \\u202e 名 👍 \\udb40\\udc41\"}", shown);
        Assert.Equal(JsonDocument.Parse(json).RootElement.GetProperty("a").GetString(), JsonDocument.Parse(shown).RootElement.GetProperty("a").GetString());
    }

    [Theory]
    [InlineData("{\"a\": 1}", "{\"a\": 1}")]
    [InlineData("{\n  \"a\": \"b \\\" c\",\r\n  \"d\": [ 1 ]\n}", "{\"a\":\"b \\\" c\",\"d\":[1]}")]
    public void A_record_that_spans_lines_becomes_one(string json, string line) => Assert.Equal(line, JsonWriter.OneLine(json));

    [Theory]
    [InlineData("6h", "2026-11-22T06:00:00.000Z")]
    [InlineData("2w", "2026-11-08T12:00:00.000Z")]
    [InlineData("2026-11-01", "2026-11-01T00:00:00.000Z")]
    [InlineData("2026-11-01T10:30", "2026-11-01T10:30:00.000Z")]
    [InlineData("2026-11-01T10:30:05.25+02:00", "2026-11-01T08:30:05.250Z")]
    [InlineData("0h", null)]
    [InlineData("h", null)]
    [InlineData("-6h", null)]
    [InlineData("99999999w", null)]
    [InlineData("yesterday", null)]
    public void Times_are_iso_or_ages(string text, string? expected)
    {
        var now = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(expected, TimeText.TryParse(text, now, out var time) ? TimeText.Format(time) : null);
    }

    [Fact]
    public void Columns_are_names_or_pointers()
    {
        using var record = JsonDocument.Parse("""{"userIdentity":{"principalId":"p","type":"root"},"a/b":{"c":[1]},"eventTime":"t","half":"\ud800"}""");
        var columns = Column.Choose("EVENTTIME, user,/userIdentity/type,/a~1b/c,/nothing/here,/half", EventColumns.All);
        Assert.Equal(["t", "p", "root", "[1]", "", "\\ud800"], columns.Select(column => column.Of(record.RootElement)));
        Assert.Equal(2, Assert.Throws<CliException>(() => Column.Choose("nope", EventColumns.All)).ExitCode);
    }

    [Fact]
    public void The_widest_columns_give_way_first()
    {
        int[] widths = [10, 40, 30];
        TableWriter.Shrink(widths, 60);
        Assert.Equal([10, 23, 23], widths);
        TableWriter.Shrink(widths, 5);
        Assert.Equal([6, 6, 6], widths);
    }
}
