using System.Text.Json;
using ActionTrail.LocalRunner.Hosting;

namespace ActionTrail.LocalRunner.Triggers.EventHub;

/// <summary>Keeps the checkpoint of one partition; replaced whole, so that a kill leaves the old or the new one.</summary>
internal interface ICheckpointStore
{
    PartitionCheckpoint? Load();

    void Save(PartitionCheckpoint checkpoint);
}

/// <summary>
/// <c>{"namespace":"…","next":123,"recent":[[first,last,"2026-11-22T07:04:25.0832131+00:00"],[first,last,null]]}</c>
/// </summary>
internal sealed class CheckpointFile(string path) : ICheckpointStore
{
    public PartitionCheckpoint? Load()
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var recent = document.RootElement.GetProperty("recent").EnumerateArray().Select(item =>
                new DeliveredBatch(item[0].GetInt64(), item[1].GetInt64(), item[2].ValueKind == JsonValueKind.Null ? null : item[2].GetDateTimeOffset()));
            return new PartitionCheckpoint(document.RootElement.GetProperty("namespace").GetString()!, document.RootElement.GetProperty("next").GetInt64(), [.. recent]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            // Never guess a position: from 0 is slow but loses nothing, and the person may delete the file to get it.
            throw new Options.RunnerException($"{path} is damaged ({e.Message}). Delete it to deliver the partition from its beginning; what is stored already is recognised.", e);
        }
    }

    public void Save(PartitionCheckpoint checkpoint) => AtomicFile.Write(path, stream =>
    {
        using var writer = new Utf8JsonWriter(stream);
        writer.WriteStartObject();
        writer.WriteString("namespace", checkpoint.Namespace);
        writer.WriteNumber("next", checkpoint.Next);
        writer.WriteStartArray("recent");
        foreach (var batch in checkpoint.Recent)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(batch.First);
            writer.WriteNumberValue(batch.Last);
            if (batch.CompletedOn is { } completed)
            {
                writer.WriteStringValue(completed);
            }
            else
            {
                writer.WriteNullValue();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
