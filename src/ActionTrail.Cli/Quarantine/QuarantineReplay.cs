using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;
using ActionTrail.Cli.Connection;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Quarantine;

/// <summary><c>quarantine replay</c>: has records judged anew, one call each. Harmless when repeated: events keep their ids.</summary>
internal sealed class QuarantineReplay(ApiClient api, RecordWriter writer, Surroundings around)
{
    private int replayed;
    private int events;
    private int refused;

    /// <summary>What happened to one record, as a row or a JSON object.</summary>
    public static IReadOnlyList<Column> Columns { get; } =
        [Column.At("id", 60, "id"), Column.At("outcome", 12, "outcome"), Column.At("accepted", 8, "accepted"), Column.At("rule", 80, "rule")];

    /// <summary>Replays these ids, or with none of them everything that was not replayed yet.</summary>
    /// <param name="ids">The records.</param>
    /// <param name="listQuery">For all records: query string of the list.</param>
    /// <param name="isDryRun">Shows which records it would be.</param>
    /// <param name="cancellationToken">Stops between two records.</param>
    public async Task<int> RunAsync(IReadOnlyList<string> ids, string? listQuery, bool isDryRun, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var id in ids)
                await ReplayAsync(id, isDryRun, cancellationToken);
            if (listQuery is not null)
            {
                await foreach (var page in ApiPages.ReadAsync(api, "v1/quarantine", listQuery, cancellationToken))
                {
                    foreach (var record in page.Records.Where(static r => !r.TryGetProperty("replayedAt", out _)))
                        await ReplayAsync(record.GetProperty("id").GetString()!, isDryRun, cancellationToken);
                }
            }
        }
        finally
        {
            writer.Finish();
            around.Tell(string.Create(CultureInfo.InvariantCulture, $"{(isDryRun ? "would replay" : "replayed")} {replayed} records with {events} events; {refused} refused again"));
        }

        return refused > 0 ? ExitCode.Refused : ExitCode.Ok;
    }

    private async Task ReplayAsync(string id, bool isDryRun, CancellationToken cancellationToken)
    {
        if (isDryRun)
        {
            replayed++;
            Show(id, "would replay", accepted: 0, []);
            return;
        }

        var answer = await api.PostAsync($"v1/quarantine/{Uri.EscapeDataString(id)}/replay", ReadOnlyMemory<byte>.Empty, contentType: null, cancellationToken);
        if (answer.Status != HttpStatusCode.OK)
        {
            refused++;
            var problem = Problem.Parse(answer.Body);
            Show(id, "refused", accepted: 0, problem.Faults.Count > 0 ? problem.Faults : [new ProblemFault("", problem.Text)]);
            return;
        }

        using var document = JsonDocument.Parse(answer.Body);
        var accepted = document.RootElement.GetProperty("accepted").GetInt32();
        replayed++;
        events += accepted;
        Show(id, "replayed", accepted, []);
    }

    private void Show(string id, string outcome, int accepted, IReadOnlyList<ProblemFault> faults)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, id);
            json.WriteString("outcome"u8, outcome);
            json.WriteNumber("accepted"u8, accepted);
            if (faults.Count > 0)
                json.WriteString("rule"u8, string.Join("; ", faults.Select(static f => $"{f.Pointer} {f.Rule}".Trim())));
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        writer.Write([document.RootElement]);
    }
}
