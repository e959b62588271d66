using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActionTrail.Cli.Connection;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Store;

/// <summary><c>store repair</c>: has the service put right what a loss of objects left, and says what came of it.</summary>
internal static class StoreMending
{
    /// <param name="api">Where to ask.</param>
    /// <param name="query">Query string of the call.</param>
    /// <param name="form">JSON: the report as it came; else lines.</param>
    /// <param name="around">Where to write.</param>
    /// <param name="cancellationToken">Ends the wait; what is mended stays mended, and the next run goes on.</param>
    /// <returns><see cref="ExitCode.Damaged"/> when segments or digests are missing that could not be written again.</returns>
    public static async Task<int> RunAsync(ApiClient api, string query, OutputForm form, Surroundings around, CancellationToken cancellationToken)
    {
        var answer = await api.PostAsync("v1/store/repair" + query, ReadOnlyMemory<byte>.Empty, contentType: null, cancellationToken);
        if (answer.Status != HttpStatusCode.OK)
        {
            var problem = Problem.Parse(answer.Body);
            throw new CliException(ExitCode.Usage, $"{problem.Code} {problem.Text}{string.Concat(problem.Faults.Select(static f => $"\n  {f.Pointer} {f.Rule}"))}");
        }

        if (JsonNode.Parse(answer.Body) is not JsonObject report || report["missingSegments"] is not JsonArray missing)
            throw new CliException(ExitCode.Unavailable, "The answer is no report of a repair. Is the endpoint the address of the service?");
        StoreText.Write(around, form == OutputForm.Json ? report.ToJsonString() + "\n" : Lines(report));
        var digests = Items(report["digests"] as JsonObject ?? [], "missing").ToList();
        if (missing.Count == 0 && digests.Count == 0)
            return ExitCode.Ok;
        if (digests.Count > 0)
            around.Tell($"error: {StoreText.Of(report["digests"], "missingCount")} digests are missing, the first {StoreText.Of(digests[0], "container")}/{StoreText.Of(digests[0], "object")}: {StoreText.Of(digests[0], "reason")}");
        if (missing.Count > 0)
            around.Tell(string.Create(CultureInfo.InvariantCulture, $"error: {missing.Count} segments are missing, the first {StoreText.Of(missing[0], "name")}; --accept-loss NAME gives one up with its events"));
        return ExitCode.Damaged;
    }

    private static string Lines(JsonObject report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{StoreText.Of(report, "checked")} commits and {StoreText.Of(report["deliveries"], "checked")} deliveries checked\n");
        foreach (var (member, word) in new[] { ("lost", "lost"), ("returned", "returned") })
        {
            foreach (var commit in Items(report, member))
                text.Append(CultureInfo.InvariantCulture, $"{word,-9}{StoreText.Range(commit)}  {StoreText.Of(commit, "events")} events\n");
        }

        foreach (var name in Items(report, "restoredSegments").Concat(Items(report, "restoredProofs")))
            text.Append("restored ").Append(TerminalText.Clean(name.ToString())).Append('\n');
        foreach (var (member, word) in new[] { ("missingSegments", "missing"), ("acceptedSegments", "accepted") })
        {
            foreach (var segment in Items(report, member))
                text.Append(CultureInfo.InvariantCulture, $"{word,-9}{StoreText.Of(segment, "name")}  {StoreText.Of(segment, "events")} events\n");
        }

        foreach (var name in Items(report["digests"] as JsonObject ?? [], "restored"))
            text.Append("restored ").Append(TerminalText.Clean(name.ToString())).Append('\n');
        foreach (var digest in Items(report["digests"] as JsonObject ?? [], "missing"))
            text.Append(CultureInfo.InvariantCulture, $"missing  {StoreText.Of(digest, "container")}/{StoreText.Of(digest, "object")}  {StoreText.Of(digest, "reason")}\n");
        if (StoreText.Of(report["deliveries"], "reopened") is not "0" and var reopened)
            text.Append(CultureInfo.InvariantCulture, $"reopened {reopened} deliveries\n");
        return text.ToString();
    }

    private static IEnumerable<JsonNode> Items(JsonObject report, string name) => (report[name] as JsonArray)?.OfType<JsonNode>() ?? [];
}
