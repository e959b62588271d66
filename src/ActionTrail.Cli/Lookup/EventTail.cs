using System.Globalization;
using System.Text.Json;
using ActionTrail.Cli.Connection;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Lookup;

/// <summary>Shows events as they arrive.</summary>
/// <remarks>
/// The API knows event times, not arrival. So each poll asks again for everything from <c>overlap</c> before the previous poll that
/// succeeded, oldest first, to the end, and shows what it has not shown: no gap and no repeat, and what arrives late is shown when it
/// arrives, unless its event time lies further back than the overlap. The audit events of the polls themselves are left out by their
/// request ids, or each poll would show the one before.
/// </remarks>
internal sealed class EventTail(ApiClient api, LookupFilters filters, RecordWriter writer, Surroundings around)
{
    private readonly SeenEvents seen = new();
    private readonly Dictionary<string, DateTimeOffset> ownCalls = new(StringComparer.Ordinal);

    public required TimeSpan Interval { get; init; }

    public required TimeSpan Overlap { get; init; }

    /// <summary>Ends after so many events; 0: goes on until it is cancelled.</summary>
    public required int MaxItems { get; init; }

    /// <summary>Follows from <see cref="LookupFilters.Start"/>, else from now.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var begin = around.Time.GetUtcNow();
        var since = filters.Start ?? begin;
        var lastGood = since < begin ? since : begin;
        var isFirst = true;
        try
        {
            while (true)
            {
                var now = around.Time.GetUtcNow();
                try
                {
                    if (await PollAsync(lastGood - Overlap, isFirst ? since : null, cancellationToken))
                        break;
                    lastGood = now;
                    isFirst = false;
                }
                catch (CliException e) when (!isFirst && e.ExitCode is ExitCode.Throttled or ExitCode.Unavailable)
                {
                    around.Tell($"{e.Message}; asking again");
                }

                await Task.Delay(Interval, around.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            writer.Finish();
            around.Tell($"{writer.Count} events shown; go on with --start {TimeText.Format(lastGood)}");
            throw;
        }

        writer.Finish();
        return ExitCode.Ok;
    }

    /// <summary>One look at everything from <paramref name="from"/> on; true when enough was shown. In the first one, what lies before <paramref name="since"/> is not new.</summary>
    private async Task<bool> PollAsync(DateTimeOffset from, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        seen.Forget(from);
        ForgetCalls(from);
        var query = (filters with { Start = from, OldestFirst = true }).Query(EventQuery.LargestPage);
        await foreach (var page in ApiPages.ReadAsync(api, filters.Path, query, cancellationToken))
        {
            if (page.RequestId is not null)
                ownCalls[page.RequestId] = around.Time.GetUtcNow();
            var fresh = page.Records.Where(record => IsNew(record, since)).ToList();
            if (MaxItems > 0 && writer.Count + fresh.Count >= MaxItems)
            {
                writer.Write([.. fresh.Take(MaxItems - writer.Count)]);
                return true;
            }

            if (fresh.Count > 0)
                writer.Write(fresh);
        }

        return false;
    }

    private bool IsNew(JsonElement record, DateTimeOffset? since)
    {
        var timeText = Text(record, "eventTime");
        var time = DateTimeOffset.TryParse(timeText, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? parsed : DateTimeOffset.MaxValue;
        if (!seen.Add(Text(record, "eventId"), timeText, time))
            return false;
        return !(time < since) && !(Text(record, "serviceName") == "ActionTrail" && ownCalls.ContainsKey(Text(record, "requestId")));
    }

    // An audit event is there within seconds of its call.
    private void ForgetCalls(DateTimeOffset before)
    {
        foreach (var (id, time) in ownCalls)
        {
            if (time < before - TimeSpan.FromHours(1))
                ownCalls.Remove(id);
        }
    }

    private static string Text(JsonElement record, string name) =>
        record.ValueKind == JsonValueKind.Object && record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
