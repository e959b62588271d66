using System.Globalization;
using System.Text;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>The commits of one partition whose last sequence number lies in (<paramref name="From"/>, <paramref name="To"/>]; From is -1 at the start of the log.</summary>
public readonly record struct WindowRange(PartitionName Partition, long From, long To);

/// <summary>A closed part of the commit log. <paramref name="Boundary"/>: Unix milliseconds, the window's number.</summary>
public sealed record DeliveryWindow(StoreName Store, long Boundary, IReadOnlyList<WindowRange> Ranges)
{
    internal TableRow ToRow(WindowLane lane) => WindowRanges.Write(new TableRow(WindowKeys.Lane(Store, lane), WindowKeys.Window(Boundary)).With("Boundary", Boundary), Ranges);

    internal static DeliveryWindow FromRow(StoreName store, TableRow row) => new(store, row.Known(1).GetInt64("Boundary"), WindowRanges.Read(row));
}

/// <summary>Where cutting stands: the last boundary and, per partition, the last range that was cut. <paramref name="ETag"/>: null before the first window.</summary>
internal sealed record WindowHead(long Boundary, IReadOnlyDictionary<string, WindowRange> Last, string? ETag)
{
    public static WindowHead None { get; } = new(0, new Dictionary<string, WindowRange>(StringComparer.Ordinal), null);

    /// <summary>Last sequence number of the partition that a window holds, -1 when none does.</summary>
    public long To(PartitionName partition) => Last.TryGetValue(partition.ToString(), out var range) ? range.To : -1;

    public static WindowHead FromRow(TableRow row) => new(
        row.Known(1).GetInt64("Boundary"), WindowRanges.Read(row).ToDictionary(static r => r.Partition.ToString(), StringComparer.Ordinal), row.ETag);

    /// <summary>The head's row after <paramref name="window"/>.</summary>
    public TableRow Next(DeliveryWindow window, WindowLane lane)
    {
        var last = Last.ToDictionary(StringComparer.Ordinal);
        foreach (var range in window.Ranges)
            last[range.Partition.ToString()] = range;
        var row = new TableRow(WindowKeys.Lane(window.Store, lane), WindowKeys.Head).With("Boundary", window.Boundary);
        return WindowRanges.Write(row, last.Values.OrderBy(static r => r.Partition.ToString(), StringComparer.Ordinal));
    }
}

/// <summary>Ranges in a row: <c>{partition}:{from}:{to}</c> joined by <c>;</c>, spread over properties <c>Ranges0</c>, <c>Ranges1</c>… of at most 32,000 characters.</summary>
internal static class WindowRanges
{
    private const int MaxCharacters = 32_000;

    public static TableRow Write(TableRow row, IEnumerable<WindowRange> ranges)
    {
        var (text, number) = (new StringBuilder(), 0);
        foreach (var range in ranges)
        {
            var one = string.Create(CultureInfo.InvariantCulture, $"{range.Partition}:{range.From}:{range.To}");
            if (text.Length + 1 + one.Length > MaxCharacters)
            {
                row.With(Property(number++), text.ToString());
                text.Clear();
            }

            text.Append(text.Length == 0 ? "" : ";").Append(one);
        }

        return text.Length == 0 ? row : row.With(Property(number), text.ToString());
    }

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="Write"/> makes.</exception>
    public static IReadOnlyList<WindowRange> Read(TableRow row)
    {
        var ranges = new List<WindowRange>();
        for (var number = 0; row.FindString(Property(number)) is { } text; number++)
        {
            foreach (var one in text.Split(';'))
            {
                var parts = one.Split(':');
                if (parts.Length != 3 || !PartitionName.TryParse(parts[0], out var partition)
                    || !long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var from)
                    || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var to) || from < -1 || to <= from)
                    throw new StoreException(StoreErrorKind.Corrupt, $"'{one}' in row {row.PartitionKey} / {row.RowKey} is no range of a window.");
                ranges.Add(new(partition, from, to));
            }
        }

        return ranges;
    }

    private static string Property(int number) => string.Create(CultureInfo.InvariantCulture, $"Ranges{number}");
}
