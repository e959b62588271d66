using System.Text.Json;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Trails;

/// <summary>A trail as properties of a row: of table <c>trails</c>, or of a delivery that carries it frozen.</summary>
internal static class TrailRow
{
    /// <summary>
    /// Who does not know what a version brought must not deliver such a trail: 2 several accounts, advanced and data event selectors;
    /// 3 object formats and sizes; 4 destinations beside the container; 5 windows of another length.
    /// </summary>
    private const int Version = 5;

    public static TableRow Of(Trail trail) => Write(new TableRow(trail.Account, TrailKeys.Trail(trail.Name)), trail);

    public static TableRow Tombstone(Trail trail) => Write(new TableRow(trail.Account, TrailKeys.Tombstone(trail.TrailId)), trail);

    public static TableRow Write(TableRow row, Trail trail) => row
        .With("Account", trail.Account).With("Name", trail.Name).With("TrailId", trail.TrailId)
        .With("Container", trail.Container).With("Prefix", trail.Prefix)
        .With("Stream", trail.Stream).With("LogAnalytics", trail.LogAnalytics)
        .With("Format", trail.Format == ObjectFormat.ActionTrail ? null : trail.Format.ToString()).With("MaxObjectMegabytes", trail.MaxObjectMegabytes)
        .With("FlushAfterSeconds", trail.FlushAfterSeconds)
        .With("LogstoreProject", trail.Logstore?.Project).With("Logstore", trail.Logstore?.Name)
        .With("LogFileValidation", trail.LogFileValidation ? null : false).With("ValidatedSince", trail.ValidatedSince)
        .With("OssRole", trail.WriteRoles.Oss).With("SlsRole", trail.WriteRoles.Sls).With("MaxComputeRole", trail.WriteRoles.MaxCompute)
        .With("EventRW", trail.EventRW.ToString()).With("TrailRegion", trail.TrailRegion)
        .With("Selectors", TrailJson.Format(trail.Selectors)).With("HomeRegion", trail.HomeRegion)
        .With("CreateTime", trail.CreateTime).With("UpdateTime", trail.UpdateTime)
        .With("StartLoggingTime", trail.StartLoggingTime).With("StopLoggingTime", trail.StopLoggingTime)
        .With("Status", trail.Status.ToString()).With("Intervals", TimeIntervals.Format(trail.Intervals))
        .With("FormerIntervals", trail.FormerIntervals.Count == 0 ? null : TimeIntervals.Format(trail.FormerIntervals)).With("HistoryUntil", trail.HistoryUntil).With("Places", TrailPlaces.Format(trail.Places))
        .With("DeletedAt", trail.DeletedAt).With("Directory", trail.DirectoryId).With("Inner", trail.IsInner ? true : null)
        .With("AdvancedSelectors", trail.AdvancedSelectors is null ? null : SelectorJson.Format(trail.AdvancedSelectors))
        .With("DataEvents", trail.DataEvents is null ? null : SelectorJson.Format(trail.DataEvents))
        .With("TrailVersion", VersionOf(trail));

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
            Container = row.FindString("Container"),
            Logstore = row.FindString("LogstoreProject") is { } project ? new(project, row.GetString("Logstore")) : null,
            Stream = row.FindString("Stream"),
            LogAnalytics = row.FindString("LogAnalytics"),
            Prefix = row.FindString("Prefix"),
            Format = row.FindString("Format") is null ? ObjectFormat.ActionTrail : Parse<ObjectFormat>(row, "Format"),
            MaxObjectMegabytes = row.Properties.ContainsKey("MaxObjectMegabytes") ? row.GetInt32("MaxObjectMegabytes") : null,
            FlushAfterSeconds = row.Properties.ContainsKey("FlushAfterSeconds") ? row.GetInt32("FlushAfterSeconds") : null,
            LogFileValidation = !row.Properties.ContainsKey("LogFileValidation") || row.GetBoolean("LogFileValidation"),
            ValidatedSince = row.FindTime("ValidatedSince"),
            WriteRoles = new(row.FindString("OssRole"), row.FindString("SlsRole"), row.FindString("MaxComputeRole")),
            EventRW = Parse<TrailEventRW>(row, "EventRW"),
            TrailRegion = row.GetString("TrailRegion"),
            Selectors = ParseJson(row, "Selectors", TrailJson.Parse),
            AdvancedSelectors = row.FindString("AdvancedSelectors") is null ? null : ParseJson(row, "AdvancedSelectors", SelectorJson.ParseAdvanced),
            DataEvents = row.FindString("DataEvents") is null ? null : ParseJson(row, "DataEvents", SelectorJson.ParseDataEvents),
            DirectoryId = row.FindString("Directory"),
            IsInner = row.Properties.ContainsKey("Inner") && row.GetBoolean("Inner"),
            HomeRegion = row.GetString("HomeRegion"),
            CreateTime = row.GetTime("CreateTime"),
            UpdateTime = row.GetTime("UpdateTime"),
            StartLoggingTime = row.FindTime("StartLoggingTime"),
            StopLoggingTime = row.FindTime("StopLoggingTime"),
            Status = Parse<TrailStatus>(row, "Status"),
            Intervals = TimeIntervals.Parse(row.GetString("Intervals")),
            FormerIntervals = TimeIntervals.Parse(row.FindString("FormerIntervals") ?? ""),
            HistoryUntil = row.FindTime("HistoryUntil"),
            Places = TrailPlaces.Parse(row.FindString("Places")),
            DeletedAt = row.FindTime("DeletedAt"),
            ETag = row.ETag ?? "",
        };
    }

    private static int VersionOf(Trail trail) =>
        trail.FlushAfterSeconds is not null ? 5
        : trail.Destinations.Any(static kind => kind != DestinationKind.Blob) ? 4
        : trail.Format != ObjectFormat.ActionTrail || trail.MaxObjectMegabytes is not null ? 3
        : trail.IsOrganizationTrail || trail.AdvancedSelectors is not null || trail.DataEvents is not null ? 2
        : 1;

    private static T Parse<T>(TableRow row, string property)
        where T : struct, Enum => Enum.TryParse<T>(row.GetString(property), out var value) && Enum.IsDefined(value) ? value : throw Corrupt(row, property, inner: null);

    private static T ParseJson<T>(TableRow row, string property, Func<string, T> parse)
    {
        try
        {
            return parse(row.GetString(property));
        }
        catch (JsonException e)
        {
            throw Corrupt(row, property, e);
        }
    }

    private static StoreException Corrupt(TableRow row, string property, Exception? inner) =>
        new(StoreErrorKind.Corrupt, $"Trail {row.PartitionKey} / {row.RowKey} has an unreadable {property}.", inner);
}
