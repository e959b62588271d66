using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActionTrail.Cli.Connection;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Store;

/// <summary><c>verify store</c>: follows the parts of a verification to the end and puts their reports together.</summary>
internal sealed class StoreProof(ApiClient api, Surroundings around, TimeSpan timeLimit)
{
    private readonly JsonObject whole = [];

    /// <param name="rowsOnly">Proves rows, and reads no objects.</param>
    /// <param name="store">Name of the store; null: the history.</param>
    /// <param name="form">JSON: the one report; else lines.</param>
    /// <param name="cancellationToken">Ends the run between two parts.</param>
    /// <returns><see cref="ExitCode.Damaged"/> when something is not as it was written.</returns>
    public async Task<int> RunAsync(bool rowsOnly, string? store, OutputForm form, CancellationToken cancellationToken)
    {
        var started = around.Time.GetTimestamp();
        for (var next = (rowsOnly ? "readObjects=false" : "readObjects=true") + (store is null ? "" : "&store=" + Uri.EscapeDataString(store)); ;)
        {
            var part = await ReadAsync(next, cancellationToken);
            Add(part);
            if (Follow(part) is not { } more)
                break;
            next = more;
            if (around.IsErrorTerminal)
                around.Tell(string.Create(CultureInfo.InvariantCulture, $"{Count("bytes"):N0} bytes read, {Count("problemCount")} problems so far"));
            if (around.Time.GetElapsedTime(started) >= timeLimit)
                throw new CliException(ExitCode.Unavailable, string.Create(CultureInfo.InvariantCulture, $"The verification is not at its end after {timeLimit.TotalSeconds:0} s, with {Count("problemCount")} problems so far; --timeout gives it longer."));
        }

        StoreText.Write(around, form == OutputForm.Json ? whole.ToJsonString() + "\n" : Lines());
        if (whole["sound"]?.GetValue<bool>() == true)
            return ExitCode.Ok;
        var first = Items("problems").FirstOrDefault();
        around.Tell(string.Create(CultureInfo.InvariantCulture, $"error: the store is not as it was written: {StoreText.Of(first, "object")}: {StoreText.Of(first, "what")} ({Count("problemCount")} problems)"));
        return ExitCode.Damaged;
    }

    private async Task<JsonObject> ReadAsync(string query, CancellationToken cancellationToken)
    {
        var (json, _) = await api.GetAsync("v1/store/verify?" + query, cancellationToken);
        using (json)
        {
            return JsonNode.Parse(json.RootElement.GetRawText()) as JsonObject is { } part && part["sound"] is not null
                ? part
                : throw new CliException(ExitCode.Unavailable, "The answer is no report of a verification. Is the endpoint the address of the service?");
        }
    }

    /// <summary>Only the query of the link is followed: the key goes to the endpoint that was named and nowhere else.</summary>
    private static string? Follow(JsonObject part) =>
        part["nextLink"]?.GetValue<string>() is { } link && Uri.TryCreate(link, UriKind.Absolute, out var address) ? address.Query.TrimStart('?') : null;

    /// <summary>Numbers add up, lists follow one another, and what holds for the whole holds for every part.</summary>
    private void Add(JsonObject part)
    {
        foreach (var (name, value) in part)
        {
            switch (value?.GetValueKind())
            {
                case JsonValueKind.Number:
                    whole[name] = Count(name) + value.GetValue<long>();
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    whole[name] = value.GetValue<bool>() && whole[name]?.GetValue<bool>() != false;
                    break;
                case JsonValueKind.Array:
                    if (whole[name] is not JsonArray list)
                        whole[name] = list = [];
                    foreach (var item in value.AsArray())
                        list.Add(item?.DeepClone());
                    break;
            }
        }
    }

    private string Lines()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{(whole["sound"]!.GetValue<bool>() ? "sound" : "NOT SOUND")}: {Count("commits")} commits of {Count("partitions")} partitions with {Count("events")} events, ")
            .Append(CultureInfo.InvariantCulture, $"{Count("quarantined")} quarantined; {Count("plans")} plans of compaction, {Count("segments")} segments with {Count("compactedEvents")} events; {Count("bytes")} bytes read\n");
        foreach (var problem in Items("problems"))
            text.Append("problem  ").Append(StoreText.Of(problem, "object")).Append("  ").Append(StoreText.Of(problem, "what")).Append('\n');
        foreach (var gap in Items("gaps"))
            text.Append("gap      ").Append(StoreText.Range(gap)).Append('\n');
        foreach (var loss in Items("losses"))
            text.Append("lost     ").Append(StoreText.Range(loss)).Append("  ").Append(StoreText.Of(loss, "events")).Append(" events\n");
        foreach (var loss in Items("lostSegments"))
            text.Append("lost     ").Append(StoreText.Of(loss, "name")).Append("  ").Append(StoreText.Of(loss, "events")).Append(" events\n");
        return text.ToString();
    }

    private long Count(string name) => whole[name]?.GetValue<long>() ?? 0;

    private IEnumerable<JsonNode> Items(string name) => (whole[name] as JsonArray)?.OfType<JsonNode>() ?? [];
}
