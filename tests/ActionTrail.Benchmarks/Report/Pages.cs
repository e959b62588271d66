using System.Globalization;
using ActionTrail.Benchmarks.Store;

namespace ActionTrail.Benchmarks.Report;

/// <summary>Where results are kept: pages in docs/benchmarks, charts in docs/charts.</summary>
internal static class Pages
{
    /// <summary>Prints the page, and keeps it as docs/benchmarks/NAME.md when asked to.</summary>
    public static void Write(string name, string text, bool isKept)
    {
        Console.WriteLine(text);
        if (isKept)
            Keep("benchmarks", name + ".md", text);
    }

    /// <summary>Keeps a chart as docs/charts/NAME.svg; the markdown that shows it on a page of docs/benchmarks.</summary>
    public static string Chart(string name, string title, string svg, bool isKept)
    {
        if (!isKept)
            return "";
        Keep("charts", name + ".svg", svg);
        return $"![{title}](../charts/{name}.svg)\n";
    }

    /// <summary>The line that says when and on what a page was measured.</summary>
    public static string Circumstances(string command) =>
        string.Create(CultureInfo.InvariantCulture, $"Made by `dotnet run -c Release --project tests/ActionTrail.Benchmarks -- {command}` on **{DateTimeOffset.UtcNow:yyyy-MM-dd}**.\nMachine: {Machine.Describe()}.\n");

    private static void Keep(string folder, string name, string text)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(LocalAzurite.Repository, "docs", folder)).FullName, name);
        File.WriteAllText(path, text.ReplaceLineEndings("\n"));
        Console.Error.WriteLine($"written: docs/{folder}/{name}");
    }
}
