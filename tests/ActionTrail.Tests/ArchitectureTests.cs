using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ActionTrail.Tests;

/// <summary>What the source files say about who knows whom, what things are called and how long a file is.</summary>
public partial class ArchitectureTests
{
    private static readonly string Repository = Path.GetFullPath(Path.Combine(ThisFolder(), "..", ".."));
    private static readonly string Product = Path.Combine(Repository, "src", "ActionTrail");
    private static readonly string[] SourceEndings = [".cs", ".mjs"];
    private static readonly string[] Foreign = ["bin", "obj", "node_modules", ".local"];

    /// <summary>
    /// Folder by folder, which others its files may name. The format library (Events, Layout, Segments, Storage) is for everybody. Beyond it:
    /// <c>Compaction</c>, <c>Delivery</c>, <c>Retention</c> and <c>Verify</c> read the log through <c>Ingest</c>'s CommitLog, <c>Delivery</c> carries out what
    /// <c>Trails</c> orders, <c>HistoryJobs</c> has <c>Delivery</c> make up for what it did not, <c>Retention</c> has <c>Compaction</c> retire old segments, whose plans <c>Verify</c> reads as it reads the log of commits of <c>Proofs</c>, <c>Directories</c> says to <c>Trails</c> and <c>Delivery</c> which accounts belong together, <c>Logstores</c> are what <c>Trails</c> create and <c>Delivery</c> appends to, and <c>Access</c> tells <c>Ingest</c>
    /// which accounts exist (<c>IAccountAdmission</c>).
    /// </summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Storage"] = [],
        ["Layout"] = ["Storage"],
        ["Events"] = ["Layout"],
        ["Segments"] = ["Events", "Layout", "Storage"],
        ["Ingest"] = ["Events", "Layout", "Segments", "Storage"],
        ["Query"] = ["Events", "Layout", "Segments", "Storage"],
        ["Directories"] = ["Access", "Events", "Layout", "Storage"],
        ["Logstores"] = ["Events", "Ingest", "Layout", "Segments", "Storage"],
        ["Trails"] = ["Directories", "Events", "Layout", "Logstores", "Storage"],
        ["Delivery"] = ["Directories", "Events", "Ingest", "Layout", "Logstores", "Segments", "Storage", "Trails"],
        ["Digests"] = ["Delivery", "Layout", "Retention", "Storage", "Trails"],
        ["HistoryJobs"] = ["Delivery", "Ingest", "Layout", "Segments", "Storage", "Trails"],
        ["Compaction"] = ["Events", "Ingest", "Layout", "Segments", "Storage"],
        ["Retention"] = ["Compaction", "Ingest", "Layout", "Storage"],
        ["Verify"] = ["Compaction", "Events", "Ingest", "Layout", "Proofs", "Segments", "Storage"],
        ["Access"] = ["Events", "Ingest", "Layout", "Storage"],
        ["SavedQueries"] = ["Layout", "Storage"],
        ["Proofs"] = ["Ingest", "Layout", "Segments", "Storage"],
    };

    [Fact]
    public void Every_slice_of_the_product_names_only_the_slices_it_may()
    {
        var slices = Directory.GetDirectories(Product).Select(folder => Path.GetFileName(folder)!).Except(Foreign).ToArray();
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), slices.Order(StringComparer.Ordinal));
        var broken =
            from slice in slices
            from file in Sources(Path.Combine(Product, slice))
            let text = Comment().Replace(File.ReadAllText(file), "")
            from Match named in Slice().Matches(text)
            let other = named.Groups["name"].Value
            where other != slice && slices.Contains(other) && !Allowed[slice].Contains(other)
            select $"{Path.GetRelativePath(Repository, file)} names {other}";
        Assert.Empty(broken);
    }

    [Fact]
    public void The_product_knows_no_host_no_client_library_and_no_other_project()
    {
        var project = File.ReadAllText(Path.Combine(Product, "ActionTrail.csproj"));
        Assert.DoesNotContain("ProjectReference", project, StringComparison.Ordinal);
        Assert.DoesNotContain(Sources(Product), file => ForeignName().IsMatch(Comment().Replace(File.ReadAllText(file), "")));
    }

    [Fact]
    public void Nothing_has_a_name_that_says_nothing()
    {
        var folders = Sources(Repository).Select(file => Path.GetRelativePath(Repository, Path.GetDirectoryName(file)!)).Distinct();
        Assert.DoesNotContain(folders, folder => folder.Split(Path.DirectorySeparatorChar, '.').Any(part => EmptyName().IsMatch(part)));
        var types =
            from file in Sources(Repository)
            from Match type in TypeName().Matches(File.ReadAllText(file))
            where EmptyName().IsMatch(type.Groups["name"].Value)
            select $"{Path.GetRelativePath(Repository, file)}: {type.Groups["name"].Value}";
        Assert.Empty(types);
    }

    [Fact]
    public void No_source_file_is_longer_than_500_lines() =>
        Assert.DoesNotContain(Sources(Repository), file => File.ReadLines(file).Count() > 500);

    [Fact]
    public void The_number_of_a_log_message_is_used_once()
    {
        var numbers = Sources(Path.Combine(Repository, "src"))
            .SelectMany(file => LogMessage().Matches(File.ReadAllText(file)).Select(match => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture)))
            .ToArray();
        Assert.True(numbers.Length > 20, "the log messages were not found");
        Assert.Empty(numbers.GroupBy(number => number).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    private static IEnumerable<string> Sources(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(file => SourceEndings.Contains(Path.GetExtension(file))))
            yield return file;
        foreach (var file in Directory.EnumerateDirectories(folder).Where(inner => !Foreign.Contains(Path.GetFileName(inner))).SelectMany(Sources))
            yield return file;
    }

    private static string ThisFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    [GeneratedRegex(@"\bActionTrail\.(?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Slice();

    [GeneratedRegex(@"//[^\n]*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\busing (Azure|Microsoft\.AspNetCore|Microsoft\.Azure)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ForeignName();

    [GeneratedRegex(@"^(\w+(?=[A-Z]))?(Core|Common|Shared|Utils?|Utilities|Helpers?|Managers?|Services?)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EmptyName();

    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+(?<name>[A-Z]\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"LoggerMessage\((EventId = )?(?<number>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LogMessage();
}
