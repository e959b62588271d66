using System.Globalization;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Delivery;

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState
{
    /// <summary>To be made; looked at again until it is.</summary>
    Pending,

    /// <summary>Every due event of the window lies in the destination.</summary>
    Done,

    /// <summary>Given up until a person has it made again.</summary>
    Undelivered,
}

/// <summary>An object that a delivery wrote. <paramref name="Bytes"/> and <paramref name="Sha256"/> (hexadecimal) are of the uncompressed content.</summary>
public sealed record DeliveredObject(string Name, int Events, long Bytes, string Sha256)
{
    /// <summary>What digests prove beside; null for objects that were written before that.</summary>
    public StoredFacts? Stored { get; init; }
}

/// <summary>An object as it lies in the container, compressed, and the event times in it, Unix milliseconds.</summary>
public sealed record StoredFacts(long Bytes, string Sha256, long OldestEventMs, long NewestEventMs);

/// <summary>One (trail, destination, window): the row in table <c>deliveries</c>, with the trail as it was when the window was handed out.</summary>
internal sealed record DeliveryRecord
{
    /// <summary>Who does not know what a delivery is must not make it. 2: of several accounts; 3: to another destination than the container.</summary>
    private const int Version = 3;

    public required StoreName Store { get; init; }

    public DestinationKind Kind { get; init; }

    public required long Window { get; init; }

    /// <summary>Frozen: what is delivered does not depend on later changes.</summary>
    public required Trail Trail { get; init; }

    /// <summary>Frozen with it.</summary>
    public required Coverage Coverage { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Row key of the entry under <see cref="DeliveryKeys.Open"/> that brings a pending delivery back.</summary>
    public required string OpenKey { get; init; }

    public DeliveryState State { get; init; }

    /// <summary>Attempts that failed since the delivery became pending.</summary>
    public int Attempts { get; init; }

    /// <summary>No attempt before this time.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? LastAttemptAt { get; init; }

    public DeliveryCategory? LastCategory { get; init; }

    public string? LastDetail { get; init; }

    /// <summary>When the objects were written; stays when they are checked again.</summary>
    public DateTimeOffset? DoneAt { get; init; }

    public long Events { get; init; }

    public long Bytes { get; init; }

    public int ObjectCount { get; init; }

    /// <summary>The objects when they are few; else they are rows of their own.</summary>
    public IReadOnlyList<DeliveredObject> Objects { get; init; } = [];

    /// <summary>How often the delivery wrote something that a digest must name.</summary>
    public int Unsealed { get; init; }

    public string ETag { get; init; } = "";

    public DeliveryOrder Order => new(Kind, Trail, Window);

    /// <summary>PartitionKey of the delivery's rows.</summary>
    public string Key => DeliveryKeys.Destination(Trail.Key, Kind);

    public DeliveryMessage ToMessage() => new(Store, Key, Window);

    public TableRow ToRow()
    {
        var row = new TableRow(Key, DeliveryKeys.Delivery(Window))
            .With("Store", Store.ToString()).With("Window", Window).With("CreatedAt", CreatedAt).With("OpenKey", OpenKey)
            .With("State", State.ToString()).With("Attempts", Attempts).With("NotBefore", NotBefore).With("LastAttemptAt", LastAttemptAt)
            .With("LastCategory", LastCategory?.ToString()).With("LastDetail", LastDetail)
            .With("DoneAt", DoneAt).With("Events", Events).With("Bytes", Bytes).With("ObjectCount", ObjectCount).With("Unsealed", Unsealed == 0 ? null : Unsealed)
            .With("Objects", Objects.Count == 0 ? null : DeliveredObjects.Format(Objects))
            .With("DeliveryVersion", Kind != DestinationKind.Blob ? 3 : Trail.IsOrganizationTrail ? 2 : 1);
        return TrailRow.Write(Coverage.Write(row), Trail);
    }

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static DeliveryRecord FromRow(TableRow row)
    {
        if (!StoreName.TryParse(row.GetString("Store"), out var store) || !DeliveryKeys.TryParseKind(row.PartitionKey, out var kind)
            || !Enum.TryParse<DeliveryState>(row.GetString("State"), out var state) || row.GetInt32("DeliveryVersion") > Version)
            throw new StoreException(StoreErrorKind.Corrupt, $"Delivery {row.PartitionKey} / {row.RowKey} is unreadable or from a newer version.");
        var trail = TrailRow.Read(row) with { ETag = "" };
        return new()
        {
            Store = store,
            Kind = kind,
            Window = row.GetInt64("Window"),
            Trail = trail,
            Coverage = Coverage.Read(row, trail),
            CreatedAt = row.GetTime("CreatedAt"),
            OpenKey = row.GetString("OpenKey"),
            State = state,
            Attempts = row.GetInt32("Attempts"),
            NotBefore = row.FindTime("NotBefore"),
            LastAttemptAt = row.FindTime("LastAttemptAt"),
            LastCategory = Enum.TryParse<DeliveryCategory>(row.FindString("LastCategory"), out var category) ? category : null,
            LastDetail = row.FindString("LastDetail"),
            DoneAt = row.FindTime("DoneAt"),
            Events = row.GetInt64("Events"),
            Bytes = row.GetInt64("Bytes"),
            ObjectCount = row.GetInt32("ObjectCount"),
            Unsealed = row.Properties.ContainsKey("Unsealed") ? row.GetInt32("Unsealed") : 0,
            Objects = row.FindString("Objects") is { } objects ? DeliveredObjects.Parse(objects) : [],
            ETag = row.ETag ?? "",
        };
    }
}

/// <summary>Objects as text: lines <c>{name} {events} {bytes} {sha256}[ {stored bytes} {stored sha256} {oldest} {newest}]</c>; names hold no spaces.</summary>
internal static class DeliveredObjects
{
    /// <summary>Most objects that are listed in the delivery's own row: with names of at most 500 characters far below 32,768.</summary>
    public const int MaxInline = 16;

    public static string Format(IEnumerable<DeliveredObject> objects) => string.Join('\n', objects.Select(static o => o.Stored is { } stored
        ? string.Create(CultureInfo.InvariantCulture, $"{o.Name} {o.Events} {o.Bytes} {o.Sha256} {stored.Bytes} {stored.Sha256} {stored.OldestEventMs} {stored.NewestEventMs}")
        : string.Create(CultureInfo.InvariantCulture, $"{o.Name} {o.Events} {o.Bytes} {o.Sha256}")));

    /// <exception cref="StoreException">Corrupt: the text is not one that <see cref="Format"/> makes.</exception>
    public static IReadOnlyList<DeliveredObject> Parse(string text) => [.. text.Split('\n').Select(static line => ParseOne(line))];

    private static DeliveredObject ParseOne(string line)
    {
        if (line.Split(' ') is [var name, var events, var bytes, var sha256, .. var stored] && stored.Length is 0 or 4
            && int.TryParse(events, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            var one = new DeliveredObject(name, count, size, sha256);
            if (stored.Length == 0)
                return one;
            if (long.TryParse(stored[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                && long.TryParse(stored[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var oldest)
                && long.TryParse(stored[3], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var newest))
                return one with { Stored = new(length, stored[1], oldest, newest) };
        }

        throw new StoreException(StoreErrorKind.Corrupt, $"'{line}' is no delivered object.");
    }
}
