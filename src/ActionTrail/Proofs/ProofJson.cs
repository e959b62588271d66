using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ActionTrail.Proofs;

/// <summary>Proofs as JSON, as the API gives them and files keep them. Hashes are base64. What is written is read back; anything else is refused.</summary>
public static class ProofJson
{
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    /// <summary>Most bytes of a proof that is read.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Writes the members of a proof of an event into an open object.</summary>
    public static void Write(Utf8JsonWriter json, EventProof proof, string? note)
    {
        json.WriteNumber("version"u8, 1);
        json.WriteBase64String("leafHash"u8, proof.LeafHash);
        json.WriteNumber("index"u8, proof.Index);
        WritePath(json, "path", proof.Path);
        json.WriteStartObject("commit"u8);
        json.WriteString("committedAt"u8, proof.CommittedAt.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture));
        json.WriteBase64String("link"u8, proof.Link);
        json.WriteNumber("events"u8, proof.Count);
        json.WriteEndObject();
        json.WriteNumber("logIndex"u8, proof.LogIndex);
        json.WriteNumber("logSize"u8, proof.LogSize);
        WritePath(json, "logPath", proof.LogPath);
        if (note is not null)
            json.WriteString("checkpoint"u8, note);
    }

    /// <summary>Writes the members of a consistency proof into an open object.</summary>
    public static void WriteConsistency(Utf8JsonWriter json, long from, long to, IReadOnlyList<byte[]> path)
    {
        json.WriteNumber("version"u8, 1);
        json.WriteNumber("from"u8, from);
        json.WriteNumber("to"u8, to);
        WritePath(json, "path", path);
    }

    /// <summary>The proof and the note in it, if there is one.</summary>
    /// <exception cref="FormatException">It is no proof of an event.</exception>
    public static (EventProof Proof, string? Note) Read(ReadOnlyMemory<byte> utf8)
    {
        using var document = Parse(utf8);
        try
        {
            var root = document.RootElement;
            CheckVersion(root);
            var commit = root.GetProperty("commit");
            var proof = new EventProof
            {
                LeafHash = Hash(root.GetProperty("leafHash")),
                Index = root.GetProperty("index").GetInt64(),
                Path = ReadPath(root.GetProperty("path")),
                CommittedAt = DateTimeOffset.ParseExact(commit.GetProperty("committedAt").GetString()!, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
                Link = Hash(commit.GetProperty("link")),
                Count = commit.GetProperty("events").GetInt32(),
                LogIndex = root.GetProperty("logIndex").GetInt64(),
                LogSize = root.GetProperty("logSize").GetInt64(),
                LogPath = ReadPath(root.GetProperty("logPath")),
            };
            return (proof, root.TryGetProperty("checkpoint", out var note) ? note.GetString() : null);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            throw new FormatException("It is no proof of an event: " + e.Message, e);
        }
    }

    /// <exception cref="FormatException">It is no consistency proof.</exception>
    public static (long From, long To, IReadOnlyList<byte[]> Path) ReadConsistency(ReadOnlyMemory<byte> utf8)
    {
        using var document = Parse(utf8);
        try
        {
            CheckVersion(document.RootElement);
            return (document.RootElement.GetProperty("from").GetInt64(), document.RootElement.GetProperty("to").GetInt64(), ReadPath(document.RootElement.GetProperty("path")));
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException("It is no consistency proof: " + e.Message, e);
        }
    }

    /// <summary>A proof of an event as a document of its own.</summary>
    public static byte[] ToBytes(EventProof proof, string? note)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Write(json, proof, note);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
            throw new FormatException(FormattableString.Invariant($"A proof has at most {MaxBytes} bytes."));
        try
        {
            // A file may begin with a byte order mark.
            return JsonDocument.Parse(utf8.Span.StartsWith(Encoding.UTF8.Preamble) ? utf8[3..] : utf8);
        }
        catch (JsonException e)
        {
            throw new FormatException("It is no JSON: " + e.Message, e);
        }
    }

    private static void CheckVersion(JsonElement root)
    {
        if (root.GetProperty("version").GetInt32() is not 1 and var version)
            throw new FormatException(FormattableString.Invariant($"Version {version} is not known here."));
    }

    private static void WritePath(Utf8JsonWriter json, string name, IReadOnlyList<byte[]> path)
    {
        json.WriteStartArray(name);
        foreach (var hash in path)
            json.WriteBase64StringValue(hash);
        json.WriteEndArray();
    }

    private static IReadOnlyList<byte[]> ReadPath(JsonElement path) => path.GetArrayLength() <= MerkleTree.MaxPath
        ? [.. path.EnumerateArray().Select(Hash)]
        : throw new FormatException("A path is longer than any can be.");

    private static byte[] Hash(JsonElement text) => text.GetBytesFromBase64() is { Length: MerkleTree.HashBytes } hash ? hash : throw new FormatException("A hash has 32 bytes.");
}
