using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Logstores;

/// <summary>What a Logstore holds.</summary>
public enum LogstoreSchema
{
    /// <summary>Events of accounts, as the history has them.</summary>
    Audit,

    /// <summary>Platform events, shown in their own form.</summary>
    Platform,
}

/// <summary>
/// A store that an account keeps for as long as it likes: trails append to it, nobody else writes. It outlives its trail. The segments of its store bear the owner
/// as their account, so that one lookup finds the events of all accounts that a multi-account trail covers. Immutable; <see cref="LogstoreRegistry"/> changes Logstores.
/// </summary>
public sealed record Logstore
{
    /// <summary>Most days of a retention: a hundred years.</summary>
    public const int MaxRetentionDays = 36_500;

    /// <summary>Who owns and reads it.</summary>
    public required string Account { get; init; }

    public required LogstoreName Name { get; init; }

    /// <summary>Days for which events are kept after their event time; null: for ever.</summary>
    public required int? RetentionDays { get; init; }

    public required LogstoreSchema Schema { get; init; }

    public required DateTimeOffset CreateTime { get; init; }

    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>Version of the stored row, for If-Match.</summary>
    public string ETag { get; init; } = "";

    /// <summary>UTC ticks of when it was made; 0 for one that was made before Logstores could be deleted.</summary>
    public long Incarnation { get; init; }

    /// <summary>Its store: log, segments, compaction, purge. One that is made anew under the name of a deleted one has another.</summary>
    public StoreName Store => StoreName.Logstore(Account, Name.Project, Name.Name, Incarnation);

    internal TableRow ToRow() => new TableRow(Account, LogstoreKeys.Logstore(Name.Project, Name.Name))
        .With("Project", Name.Project).With("Name", Name.Name).With("Store", Store.ToString()).With("RetentionDays", RetentionDays)
        .With("Schema", Schema.ToString()).With("CreateTime", CreateTime).With("UpdateTime", UpdateTime)
        .With("Incarnation", Incarnation == 0 ? null : Incarnation).With("Version", 1);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    internal static Logstore FromRow(TableRow row)
    {
        var logstore = new Logstore
        {
            Account = row.PartitionKey,
            Name = new(row.GetString("Project"), row.GetString("Name")),
            RetentionDays = row.Properties.ContainsKey("RetentionDays") ? row.GetInt32("RetentionDays") : null,
            Schema = Enum.TryParse<LogstoreSchema>(row.GetString("Schema"), out var schema) ? schema : throw Corrupt(row),
            CreateTime = row.GetTime("CreateTime"),
            UpdateTime = row.GetTime("UpdateTime"),
            Incarnation = row.Properties.ContainsKey("Incarnation") ? row.GetInt64("Incarnation") : 0,
            ETag = row.ETag ?? "",
        };
        return row.GetInt32("Version") == 1 && row.GetString("Store") == logstore.Store.ToString() ? logstore : throw Corrupt(row);
    }

    private static StoreException Corrupt(TableRow row) =>
        new(StoreErrorKind.Corrupt, $"Logstore {row.PartitionKey} / {row.RowKey} is unreadable or from a newer version.");
}
