using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>
/// Makes messages of one format as its producer gives them to an event hub, with the facts of every event inside. Same seed and options, same messages;
/// not for several threads at once.
/// </summary>
public sealed class TrafficGenerator : IDisposable
{
    private static readonly Dictionary<string, string> NoProperties = [];
    private readonly Scene _scene;
    private readonly IRecordMaker _maker;
    private readonly List<MadeRecord> _records = [];

    /// <summary>Starts a sequence of messages.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public TrafficGenerator(TrafficFormat format, int seed, TrafficOptions options)
    {
        if (options.Fault() is { } fault)
            throw new ArgumentException(fault, nameof(options));
        Format = format;
        _scene = new Scene(seed, format, options);
        _maker = format switch
        {
            TrafficFormat.Native => new NativeRecords(seed, options),
            TrafficFormat.DataEvents => new DataEventRecords(_scene),
            TrafficFormat.CloudTrail => new CloudTrailRecords(_scene),
            TrafficFormat.AzureActivity => new AzureActivityRecords(_scene),
            TrafficFormat.EntraAudit => new EntraAuditRecords(_scene),
            TrafficFormat.EntraSignIn => new EntraSignInRecords(_scene),
            TrafficFormat.KeyVault => new KeyVaultRecords(_scene),
            TrafficFormat.StorageLogs => new StorageLogRecords(_scene),
            TrafficFormat.GoogleAudit => new GoogleRecords(_scene),
            TrafficFormat.CloudEvents or TrafficFormat.CloudEventsBatch or TrafficFormat.CloudEventsBinary => new CloudEventRecords(_scene),
            TrafficFormat.Platform => new PlatformRecords(_scene),
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
    }

    public TrafficFormat Format { get; }

    /// <summary>The next message.</summary>
    public HubMessage Next()
    {
        if (Format == TrafficFormat.CloudEventsBinary)
            return NextBinary();
        _records.Clear();
        var wanted = Format is TrafficFormat.Native or TrafficFormat.CloudEvents ? 1 : 1 + _scene.Below(_scene.Options.RecordsPerMessage);
        while (_records.Count < wanted)
            _maker.Make(_records);
        var text = Format switch
        {
            TrafficFormat.Native or TrafficFormat.CloudEvents => _records[0].Json,
            TrafficFormat.CloudTrail => Join("{\"Records\":[", ",", "]}"),
            TrafficFormat.GoogleAudit => Join("", "\n", "\n"),
            TrafficFormat.DataEvents or TrafficFormat.CloudEventsBatch or TrafficFormat.Platform => Join("[", ",", "]"),
            _ => Wrap(),
        };
        return new HubMessage
        {
            Format = Format,
            Body = _scene.IsOdd() ? Disguise(text) : text,
            ContentType = Format switch
            {
                TrafficFormat.CloudEvents => "application/cloudevents+json",
                TrafficFormat.CloudEventsBatch => "application/cloudevents-batch+json",
                TrafficFormat.GoogleAudit => "application/x-ndjson",
                _ => "application/json",
            },
            Properties = NoProperties,
            Events = [.. _records.Select(static r => r.Facts)],
        };
    }

    public void Dispose() => (_maker as IDisposable)?.Dispose();

    private HubMessage NextBinary()
    {
        var (json, facts) = ((CloudEventRecords)_maker).Own();
        var body = _scene.Bytes(json["data"]!);
        json.Remove("data");
        json.Remove("datacontenttype");
        return new HubMessage
        {
            Format = Format,
            Body = body,
            ContentType = "application/json",
            Properties = json.ToDictionary(static a => $"cloudEvents:{a.Key}", static a => a.Value!.GetValue<string>(), StringComparer.Ordinal),
            Events = [facts],
        };
    }

    // As Azure Monitor wraps records; odd ones come through Stream Analytics, as arrays of wrappers, without a wrapper, or one to a line.
    private byte[] Wrap()
    {
        if (!_scene.IsOdd())
            return Join("{\"records\":[", ",", "]}");
        var time = Scene.Iso(_scene.Options.Start + _scene.Options.Span, 7);
        return _scene.Below(4) switch
        {
            0 => Join("[{\"records\":[", ",", string.Create(CultureInfo.InvariantCulture, $"],\"EventProcessedUtcTime\":\"{time}\",\"PartitionId\":{_scene.Below(4)},\"EventEnqueuedUtcTime\":\"{time}\"}}]")),
            1 => Join("[{\"records\":[", "]},{\"records\":[", "]}]"),
            2 => Join("[", ",", "]"),
            _ => Join("", "\n", ""),
        };
    }

    private byte[] Disguise(byte[] text)
    {
        switch (_scene.Below(3))
        {
            case 0:
                return [.. Encoding.UTF8.Preamble, .. text];
            case 1:
                using (var zipped = new MemoryStream())
                {
                    using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
                        gzip.Write(text);
                    return zipped.ToArray();
                }
            default:
                return _scene.Bytes(JsonValue.Create(Encoding.UTF8.GetString(text)));
        }
    }

    private byte[] Join(string before, string between, string after)
    {
        using var bytes = new MemoryStream();
        bytes.Write(Encoding.UTF8.GetBytes(before));
        for (var i = 0; i < _records.Count; i++)
        {
            if (i > 0)
                bytes.Write(Encoding.UTF8.GetBytes(between));
            bytes.Write(_records[i].Json);
        }
        bytes.Write(Encoding.UTF8.GetBytes(after));
        return bytes.ToArray();
    }
}
