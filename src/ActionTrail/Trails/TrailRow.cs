using System.Text.Json;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Trails;

/// <summary>A trail as properties of a row: of table <c>trails</c>, or of a delivery that carries it frozen.</summary>
internal static class TrailRow
{
    private const int Version = 1;

    public static TableRow Of(Trail trail) => Write(new TableRow(trail.Account, TrailKeys.Trail(trail.Name)), trail);

    public static TableRow Tombstone(Trail trail) => Write(new TableRow(trail.Account, TrailKeys.Tombstone(trail.TrailId)), trail);

    public static TableRow Write(TableRow row, Trail trail) => row
        .With("Account", trail.Account).With("Name", trail.Name).With("TrailId", trail.TrailId)
        .With("Container", trail.Container).With("Prefix", trail.Prefix)
        .With("EventRW", trail.EventRW.ToString()).With("TrailRegion", trail.TrailRegion)
        .With("Selectors", TrailJson.Format(trail.Selectors)).With("HomeRegion", trail.HomeRegion)
        .With("CreateTime", trail.CreateTime).With("UpdateTime", trail.UpdateTime)
        .With("StartLoggingTime", trail.StartLoggingTime).With("StopLoggingTime", trail.StopLoggingTime)
        .With("Status", trail.Status.ToString()).With("Intervals", LoggingIntervals.Format(trail.Intervals))
        .With("DeletedAt", trail.DeletedAt).With("TrailVersion", Version);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="Write"/> makes.</exception>
    public static Trail Read(TableRow row)
    {
        if (row.GetInt32("TrailVersion") > Version)
            throw new StoreException(StoreErrorKind.Corrupt, $"Trail {row.PartitionKey} / {row.RowKey} was written by a newer version.");
        return new Trail
        {
            Account = row.GetString("Account"),
            Name = row.GetString("Name"),
            TrailId = row.GetString("TrailId"),
            Container = row.GetString("Container"),
            Prefix = row.FindString("Prefix"),
            EventRW = Parse<TrailEventRW>(row, "EventRW"),
            TrailRegion = row.GetString("TrailRegion"),
            Selectors = Selectors(row),
            HomeRegion = row.GetString("HomeRegion"),
            CreateTime = row.GetTime("CreateTime"),
            UpdateTime = row.GetTime("UpdateTime"),
            StartLoggingTime = row.FindTime("StartLoggingTime"),
            StopLoggingTime = row.FindTime("StopLoggingTime"),
            Status = Parse<TrailStatus>(row, "Status"),
            Intervals = LoggingIntervals.Parse(row.GetString("Intervals")),
            DeletedAt = row.FindTime("DeletedAt"),
            ETag = row.ETag ?? "",
        };
    }

    private static T Parse<T>(TableRow row, string property)
        where T : struct, Enum => Enum.TryParse<T>(row.GetString(property), out var value) && Enum.IsDefined(value) ? value : throw Corrupt(row, property, inner: null);

    private static TrailSelectors Selectors(TableRow row)
    {
        try
        {
            return TrailJson.Parse(row.GetString("Selectors"));
        }
        catch (JsonException e)
        {
            throw Corrupt(row, "Selectors", e);
        }
    }

    private static StoreException Corrupt(TableRow row, string property, Exception? inner) =>
        new(StoreErrorKind.Corrupt, $"Trail {row.PartitionKey} / {row.RowKey} has an unreadable {property}.", inner);
}
