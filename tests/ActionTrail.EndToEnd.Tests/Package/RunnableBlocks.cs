using System.Text.RegularExpressions;

namespace ActionTrail.EndToEnd.Tests.Package;

/// <summary>Shell blocks of documents that carry <c>&lt;!-- runnable --&gt;</c> on the line before: tests run them as they stand.</summary>
internal static partial class RunnableBlocks
{
    public static IReadOnlyList<string> In(string document) => [.. Block().Matches(document).Select(static block => block.Groups["text"].Value)];

    [GeneratedRegex(@"^<!-- runnable -->\n```sh\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Block();
}
