using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActionTrail.Digests;

/// <summary>
/// The stored form of a digest: one JSON object without white space, members in this order, absent where there is no value but for the previous digest, whose
/// members are null. The same digest always gives the same bytes.
/// </summary>
public static class DigestJson
{
    /// <summary>Another major form gets another number; readers of this one refuse it, and pass over members that they do not know.</summary>
    public const int Version = 1;

    public const string HashAlgorithm = "SHA-256";

    /// <summary>Largest digest that a reader takes.</summary>
    public const int MaxBytes = 512 << 20;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    public static byte[] Format(Digest digest)
    {
        var buffer = new ArrayBufferWriter<byte>(1024 + (digest.Files.Count * 512));
        using (var json = new Utf8JsonWriter(buffer, Compact))
            Write(json, digest);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a digest without believing it; false, with the reason, when it has not the form of one.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> content, [NotNullWhen(true)] out Digest? digest, [NotNullWhen(false)] out string? fault)
    {
        digest = null;
        fault = null;
        try
        {
            using var document = JsonDocument.Parse(content, Strict);
            digest = Read(document.RootElement);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            fault = e is FormatException ? e.Message : "It is not JSON with the members of a digest.";
            return false;
        }
    }

    private static void Write(Utf8JsonWriter json, Digest digest)
    {
        json.WriteStartObject();
        json.WriteNumber("digestVersion"u8, Version);
        json.WriteString("accountId"u8, digest.AccountId);
        json.WriteString("trailName"u8, digest.TrailName);
        json.WriteString("trailId"u8, digest.TrailId);
        json.WriteString("homeRegion"u8, digest.HomeRegion);
        json.WriteString("digestStartTime"u8, DigestTimes.Format(digest.StartTime));
        json.WriteString("digestEndTime"u8, DigestTimes.Format(digest.EndTime));
        json.WriteString("digestContainer"u8, digest.Container);
        json.WriteString("digestObject"u8, digest.Object);
        json.WriteString("digestPublicKeyFingerprint"u8, digest.KeyFingerprint);
        json.WriteString("digestSignatureAlgorithm"u8, SigningKey.NameOf(digest.Algorithm));
        json.WriteBoolean("isLogging"u8, digest.IsLogging);
        WriteTime(json, "oldestEventTime", digest.Files.Min(static f => f.OldestEventTime));
        WriteTime(json, "newestEventTime", digest.Files.Max(static f => f.NewestEventTime));
        json.WriteString("previousDigestContainer"u8, digest.Previous?.Container);
        json.WriteString("previousDigestObject"u8, digest.Previous?.Object);
        json.WriteString("previousDigestHashValue"u8, digest.Previous?.Hash);
        json.WriteString("previousDigestHashAlgorithm"u8, digest.Previous is null ? null : HashAlgorithm);
        json.WriteString("previousDigestSignature"u8, digest.Previous?.Signature);
        json.WriteNumber("eventCount"u8, digest.Files.Sum(static f => (long)f.Events));
        json.WriteStartArray("logFiles"u8);
        foreach (var file in digest.Files)
            Write(json, file);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DigestedFile file)
    {
        json.WriteStartObject();
        json.WriteString("container"u8, file.Container);
        json.WriteString("object"u8, file.Object);
        json.WriteString("hashValue"u8, file.Hash);
        json.WriteString("hashAlgorithm"u8, HashAlgorithm);
        json.WriteNumber("bytes"u8, file.Bytes);
        if (file.StoredHash is not null)
        {
            json.WriteString("storedHashValue"u8, file.StoredHash);
            json.WriteNumber("storedBytes"u8, file.StoredBytes ?? 0);
        }

        json.WriteNumber("eventCount"u8, file.Events);
        WriteTime(json, "oldestEventTime", file.OldestEventTime);
        WriteTime(json, "newestEventTime", file.NewestEventTime);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at)
            json.WriteString(name, DigestTimes.FormatFine(at));
    }

    private static Digest Read(JsonElement root)
    {
        if (root.GetProperty("digestVersion"u8).GetInt32() != Version)
            throw new FormatException("It is a digest of another version.");
        var algorithm = SigningKey.ParseAlgorithm(Text(root, "digestSignatureAlgorithm")) ?? throw new FormatException("It names an unknown signature algorithm.");
        var previous = root.GetProperty("previousDigestObject"u8).ValueKind == JsonValueKind.Null
            ? null
            : new PreviousDigest(Text(root, "previousDigestContainer"), Text(root, "previousDigestObject"), Sha256(root, "previousDigestHashValue"), Hex(root, "previousDigestSignature"));
        return new Digest
        {
            AccountId = Text(root, "accountId"),
            TrailName = Text(root, "trailName"),
            TrailId = Text(root, "trailId"),
            HomeRegion = Text(root, "homeRegion"),
            StartTime = Time(root, "digestStartTime"),
            EndTime = Time(root, "digestEndTime"),
            Container = Text(root, "digestContainer"),
            Object = Text(root, "digestObject"),
            KeyFingerprint = Sha256(root, "digestPublicKeyFingerprint"),
            Algorithm = algorithm,
            IsLogging = root.GetProperty("isLogging"u8).GetBoolean(),
            Previous = previous,
            Files = [.. root.GetProperty("logFiles"u8).EnumerateArray().Select(static f => ReadFile(f))],
        };
    }

    private static DigestedFile ReadFile(JsonElement file)
    {
        if (Text(file, "hashAlgorithm") != HashAlgorithm)
            throw new FormatException("It names an unknown hash algorithm.");
        var isStored = file.TryGetProperty("storedHashValue"u8, out _);
        return new(Text(file, "container"), Text(file, "object"), file.GetProperty("eventCount"u8).GetInt32(), file.GetProperty("bytes"u8).GetInt64(), Sha256(file, "hashValue"))
        {
            StoredHash = isStored ? Sha256(file, "storedHashValue") : null,
            StoredBytes = isStored ? file.GetProperty("storedBytes"u8).GetInt64() : null,
            OldestEventTime = FineTime(file, "oldestEventTime"),
            NewestEventTime = FineTime(file, "newestEventTime"),
        };
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new FormatException($"Its {name} is missing.");

    private static string Hex(JsonElement json, string name) => Text(json, name) is var text && DigestText.IsHex(text) ? text : throw new FormatException($"Its {name} is not hexadecimal.");

    private static string Sha256(JsonElement json, string name) => Text(json, name) is var text && DigestText.IsSha256(text) ? text : throw new FormatException($"Its {name} is no SHA-256.");

    private static DateTimeOffset Time(JsonElement json, string name) => DigestTimes.TryParse(Text(json, name), out var time) ? time : throw new FormatException($"Its {name} is no time.");

    private static DateTimeOffset? FineTime(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value))
            return null;
        return DigestTimes.TryParseFine(value.GetString(), out var time) ? time : throw new FormatException($"Its {name} is no time.");
    }
}
