using System.Buffers;
using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>The events of <see cref="EventGenerator"/>, as they are.</summary>
internal sealed class NativeRecords : IRecordMaker, IDisposable
{
    private readonly EventGenerator _generator;
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public NativeRecords(int seed, TrafficOptions options) => _generator = new EventGenerator(seed, new GeneratorOptions
    {
        Accounts = options.Organisation.NativeAccounts,
        Users = options.People,
        ErrorShare = options.ErrorShare,
        Start = options.Start,
        Span = options.Span,
    });

    public void Make(List<MadeRecord> records)
    {
        _bytes.ResetWrittenCount();
        _generator.Next(_bytes);
        var made = _generator.Last;
        records.Add(new MadeRecord(_bytes.WrittenSpan.ToArray(), new ExpectedEvent
        {
            EventId = made.EventId,
            AccountId = made.AccountId,
            EventTime = Scene.WholeSeconds(made.EventTime),
            EventName = made.EventName,
            UserName = made.UserName,
            SourceIpAddress = made.SourceIpAddress,
        }));
    }

    public void Dispose() => _generator.Dispose();
}

/// <summary>ActionTrail data events: what was done with objects, rows and secrets. Some carry a token in what was asked for.</summary>
internal sealed class DataEventRecords(Scene scene) : IRecordMaker
{
    private static readonly (string Service, string Host, string Name, string Type, bool IsWrite)[] Actions =
    [
        ("Oss", "oss", "GetObject", "ACS::OSS::Object", false), ("Oss", "oss", "PutObject", "ACS::OSS::Object", true), ("Oss", "oss", "DeleteObject", "ACS::OSS::Object", true),
        ("Kms", "kms", "GetSecretValue", "ACS::KMS::Secret", false), ("Sls", "log", "GetLogs", "ACS::SLS::Logstore", false), ("Oss", "oss", "ListObjects", "ACS::OSS::Bucket", false),
    ];

    public void Make(List<MadeRecord> records)
    {
        var what = scene.Pick(Actions);
        var (account, person, time, id) = (scene.One(scene.Organisation.NativeAccounts), scene.Person(), Scene.WholeSeconds(scene.Time()), scene.Guid());
        var (address, hasToken) = (scene.AddressOf(person), scene.Happens(0.2));
        var resource = $"contoso-data/{scene.Name(10)}.parquet";
        var parameters = new JsonObject { ["bucketName"] = "contoso-data", ["objectName"] = resource };
        if (hasToken)
            parameters["SecurityToken"] = PlantedSecrets.SessionToken(ref scene.Chance);
        var json = new JsonObject
        {
            ["eventId"] = id,
            ["eventVersion"] = 1,
            ["eventTime"] = Scene.Iso(time, 0),
            ["eventType"] = "ApiCall",
            ["eventCategory"] = "Data",
            ["eventName"] = what.Name,
            ["eventRW"] = what.IsWrite ? "Write" : "Read",
            ["eventSource"] = $"{what.Host}.cn-hangzhou.aliyuncs.com",
            ["serviceName"] = what.Service,
            ["acsRegion"] = "cn-hangzhou",
            ["requestId"] = scene.Guid().ToUpperInvariant(),
            ["requestParameters"] = parameters,
            ["resourceType"] = what.Type,
            ["resourceName"] = resource,
            ["sourceIpAddress"] = address,
            ["userAgent"] = "aliyun-sdk-python/2.18.4(Linux/5.10.0/x86_64;3.11.6)",
            ["additionalEventData"] = new JsonObject { ["bytesSent"] = scene.Below(5_000_000), ["statusCode"] = 200 },
            ["recipientAccountId"] = account,
            ["userIdentity"] = new JsonObject { ["type"] = "ram-user", ["accountId"] = account, ["principalId"] = "2" + scene.Digits(17), ["userName"] = person.Name },
        };
        records.Add(new MadeRecord(scene.Bytes(json), new ExpectedEvent
        {
            EventId = id,
            AccountId = account,
            EventTime = time,
            EventName = what.Name,
            UserName = person.Name,
            SourceIpAddress = address,
            HasSecret = hasToken,
        }));
    }
}
