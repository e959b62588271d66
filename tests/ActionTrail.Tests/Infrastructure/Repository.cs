using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActionTrail.Tests.Infrastructure;

/// <summary>The files of the repository that templates, bindings and settings are in.</summary>
internal static partial class Repository
{
    public static string Root { get; } = Find();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Holds a file, or the part of it between two marks, to what is generated; with <c>ACTIONTRAIL_WRITE=1</c> writes it before.</summary>
    public static void IsCurrent(string path, string generated, string? mark = null)
    {
        var (before, after) = ("", "");
        if (mark is not null)
        {
            var parts = Read(path).Split($"<!-- {mark} -->\n");
            Assert.True(parts.Length == 3, $"{path} has not two marks {mark}");
            (before, after) = ($"{parts[0]}<!-- {mark} -->\n", $"<!-- {mark} -->\n{parts[2]}");
        }

        if (Environment.GetEnvironmentVariable("ACTIONTRAIL_WRITE") is "1")
            File.WriteAllText(Path.Combine(Root, path), before + generated + after);
        Assert.True(File.Exists(Path.Combine(Root, path)) && Read(path) == before + generated + after, $"{path} is not what the code says: run this test with ACTIONTRAIL_WRITE=1 and commit what it writes");
    }

    public static JsonElement Json(string path) => JsonDocument.Parse(Read(path)).RootElement;

    /// <summary>Every template and parameter file below <c>infra</c>, with its text.</summary>
    public static IReadOnlyDictionary<string, string> Templates { get; } = Directory.EnumerateFiles(Path.Combine(Root, "infra"), "*.bicep*", SearchOption.AllDirectories)
        .ToDictionary(static file => Path.GetRelativePath(Root, file).Replace('\\', '/'), File.ReadAllText, StringComparer.Ordinal);

    /// <summary>Every function by name, with its bindings.</summary>
    public static IReadOnlyDictionary<string, JsonElement[]> Functions { get; } = Directory.EnumerateDirectories(Path.Combine(Root, "src/ActionTrail.Functions/functions"))
        .ToDictionary(static folder => Path.GetFileName(folder)!, static folder => JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "function.json"))).RootElement.GetProperty("bindings").EnumerateArray().ToArray(), StringComparer.Ordinal);

    /// <summary>Settings that bindings name as <c>%NAME%</c> or as their connection.</summary>
    public static IReadOnlySet<string> NamedByBindings { get; } = Functions.Values.SelectMany(static bindings => bindings).SelectMany(SettingsOf).ToHashSet(StringComparer.Ordinal);

    /// <summary>The values of <c>var NAME = [ 'a', 'b' ]</c> in a template.</summary>
    public static string[] List(string template, string name)
    {
        var list = Regex.Match(Templates[template], $@"^var {name} = \[(?<items>[^\]]*)\]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        Assert.True(list.Success, $"{template} has no list {name}");
        return [.. Quoted().Matches(list.Groups["items"].Value).Select(static match => match.Groups["text"].Value)];
    }

    /// <summary>The names of the object that follows <paramref name="start"/>, up to the closing brace of the same column.</summary>
    public static string[] Members(string text, string start)
    {
        var begin = text.IndexOf(start, StringComparison.Ordinal);
        Assert.True(begin >= 0, $"'{start}' was not found");
        var end = text.IndexOf("\n}", begin, StringComparison.Ordinal);
        var inner = text.IndexOf("\n  }", begin, StringComparison.Ordinal);
        var block = text[(begin + start.Length)..(inner >= 0 && (end < 0 || inner < end) ? inner : end)];
        return [.. Member().Matches(block).Select(static match => match.Groups["name"].Value)];
    }

    /// <summary>The cells of the table rows of a document, without back-ticks.</summary>
    public static IEnumerable<string[]> Rows(string path) => Read(path).Split('\n')
        .Where(static line => line.StartsWith('|') && !line.StartsWith("| ---", StringComparison.Ordinal))
        .Select(static line => line.Replace("`", "", StringComparison.Ordinal).Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries));

    private static IEnumerable<string> SettingsOf(JsonElement binding)
    {
        foreach (var member in binding.EnumerateObject())
        {
            if (member.Name == "connection")
                yield return member.Value.GetString()!;
            else if (member.Value.ValueKind == JsonValueKind.String)
                foreach (Match named in Percent().Matches(member.Value.GetString()!))
                    yield return named.Groups["name"].Value;
        }
    }

    private static string Find([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));

    [GeneratedRegex("%(?<name>[A-Za-z]+)%", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Percent();

    [GeneratedRegex("'(?<text>[^']*)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\s*(?<name>[A-Za-z_]\w*):", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Member();
}
