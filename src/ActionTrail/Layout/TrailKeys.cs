using System.Globalization;

namespace ActionTrail.Layout;

/// <summary>
/// Keys of table <c>trails</c>: PK <c>{account}</c> with RK <c>t.{name}</c> (a trail), <c>x.{trail id}</c> (a deleted one),
/// <c>quota.{region}</c> and <c>org.{directory}</c> (the name of the directory's multi-account trail, which the management account owns), <c>inner</c> (the name of its Inner trail); PK <see cref="Containers"/> with RK <c>{container}</c>. Accounts start with a letter or a digit, so that
/// no account meets a partition that starts with <c>~</c>.
/// </summary>
public static class TrailKeys
{
    /// <summary>Which account may deliver to a container.</summary>
    public const string Containers = "~containers";

    /// <summary>Bounds of the trails of an account.</summary>
    public const string FirstTrail = "t.";

    public const string AfterTrails = "t/";

    public static string Trail(string name) => $"t.{name}";

    public static string Tombstone(string trailId) => $"x.{trailId}";

    public static string Quota(string region) => $"quota.{region}";

    public static string Organization(string directoryId) => $"org.{directoryId}";

    /// <summary>The name of the account's Inner trail.</summary>
    public const string Inner = "inner";

    public static bool IsTombstone(string rowKey) => rowKey.StartsWith("x.", StringComparison.Ordinal);

    public static bool IsTrail(string rowKey) => rowKey.StartsWith(FirstTrail, StringComparison.Ordinal);

    /// <summary>
    /// <c>{name}.{created}</c>, created = UTC ticks in base 36, 13 digits. A trail made anew under an old name is another trail.
    /// </summary>
    public static string TrailId(string name, DateTimeOffset created) => $"{name}.{Base36.Of((ulong)created.UtcTicks, digits: 13)}";
}

/// <summary>
/// Keys of table <c>windows</c>: PK <c>{store}</c>, for windows of the fast lane <c>{store}~fast</c>; RK <c>w{window:D20}</c>, <c>head</c> (what was cut), <c>position</c> (what was
/// handed out), <c>covered</c>. A window's number is its boundary in Unix milliseconds: ordinal order is time order.
/// </summary>
public static class WindowKeys
{
    public const string Head = "head";
    public const string Position = "position";
    public const string Covered = "covered";
    public const string AfterWindows = "x";

    public static string Lane(StoreName store, WindowLane lane) => lane switch
    {
        WindowLane.Regular => store.ToString(),
        WindowLane.Fast => $"{store}~fast",
        WindowLane.Slow => $"{store}~slow",
        _ => throw new InvalidOperationException($"There is no lane {lane}."),
    };

    public static string Window(long window) => string.Create(CultureInfo.InvariantCulture, $"w{window:D20}");
}

/// <summary>
/// Keys of table <c>deliveries</c>. PK <c>{account}.{trail id}</c> for deliveries to the trail's container, <c>{account}.{trail id}~{kind}</c> for those to its other destinations: RK <c>d{window:D20}</c> (the delivery), <c>p{window:D20}</c> (it is
/// pending), <c>u{window:D20}</c> (it is undelivered), <c>o{window:D20}.{n:D4}</c> (an object of a delivery with many), <c>s{window:D20}</c> (how far an attempt came), <c>n{hour:D20}.{window:D20}.{n:D4}</c> (what no digest names yet; with <c>~job{job}</c> behind when a history job wrote it), <c>j{job:D12}.{window:D20}.{n:D4}</c> (a piece of a history job was noted for a digest), <c>m{hour:D20}</c> (counts of an hour), <c>status</c>.
/// PK <see cref="Keys"/>: RK {a delivery's PK}: there are such deliveries.
/// PK <see cref="Open"/>: RK <c>{due:D20}.{window:D20}.{the delivery's PK}</c>: when to look at a pending delivery again, in Unix milliseconds.
/// </summary>
public static class DeliveryKeys
{
    public const string Open = "~open";
    public const string Keys = "~keys";
    public const string Status = "status";
    public const string FirstDelivery = "d";
    public const string FirstPending = "p";
    public const string AfterPending = "q";
    public const string FirstUndelivered = "u";
    public const string AfterUndelivered = "v";
    public const string FirstUnsealed = "n0";
    public const string AfterUnsealed = "n:";
    public const string FirstNotedPiece = "j0";
    public const string AfterNotedPieces = "j:";

    public static string Trail(string account, string trailId) => $"{account}.{trailId}";

    /// <summary>Key of the deliveries of a trail, <paramref name="trailKey"/>, to its destination of a kind.</summary>
    public static string Destination(string trailKey, DestinationKind kind) => kind == DestinationKind.Blob ? trailKey : $"{trailKey}~{DestinationKinds.Text(kind)}";

    /// <summary>What follows the key of a destination when a history job delivers to it.</summary>
    public static string OfJob(long job) => string.Create(CultureInfo.InvariantCulture, $"~job{job}");

    /// <summary>The kind out of a key made by <see cref="Destination"/>; false when it names none that is known. Neither accounts nor trail ids hold a <c>~</c>.</summary>
    public static bool TryParseKind(string key, out DestinationKind kind)
    {
        kind = DestinationKind.Blob;
        var mark = key.LastIndexOf('~');
        return mark < 0 || (DestinationKinds.TryParse(key[(mark + 1)..], out kind) && kind != DestinationKind.Blob);
    }

    /// <summary>Whether a row is a delivery. Accounts start with a letter or a digit, the partitions of something else with <c>~</c>.</summary>
    public static bool IsDelivery(string partitionKey, string rowKey) => !partitionKey.StartsWith('~') && rowKey.StartsWith(FirstDelivery, StringComparison.Ordinal);

    public static string Delivery(long window) => string.Create(CultureInfo.InvariantCulture, $"d{window:D20}");

    public static string Pending(long window) => string.Create(CultureInfo.InvariantCulture, $"p{window:D20}");

    public static string Undelivered(long window) => string.Create(CultureInfo.InvariantCulture, $"u{window:D20}");

    public static string DeliveredObject(long window, int number) => string.Create(CultureInfo.InvariantCulture, $"o{window:D20}.{number:D4}");

    /// <param name="hour">End of the interval whose digest names what was written.</param>
    /// <param name="window">The window.</param>
    /// <param name="number">How often the delivery wrote something new before.</param>
    /// <param name="job">The history job that wrote it; null for deliveries of windows.</param>
    public static string Unsealed(DateTimeOffset hour, long window, int number, long? job = null) =>
        string.Create(CultureInfo.InvariantCulture, $"n{hour.ToUnixTimeMilliseconds():D20}.{window:D20}.{number:D4}") + (job is { } one ? OfJob(one) : "");

    /// <summary>The objects of a piece of a history job, those with a number, are noted for a digest.</summary>
    public static string NotedPiece(long job, long window, int number) => string.Create(CultureInfo.InvariantCulture, $"j{job:D12}.{window:D20}.{number:D4}");

    /// <summary>Upper bound of the rows of all intervals up to one.</summary>
    public static string UnsealedAfter(DateTimeOffset hour) => string.Create(CultureInfo.InvariantCulture, $"n{hour.ToUnixTimeMilliseconds() + 1:D20}");

    /// <summary>The parts of a key made by <see cref="Unsealed"/>; false for any other text.</summary>
    public static bool TryParseUnsealed(string rowKey, out DateTimeOffset hour, out long window)
    {
        (hour, window) = (default, 0);
        if (rowKey.Length < 47 || rowKey[0] != 'n' || rowKey[21] != '.' || rowKey[42] != '.'
            || !long.TryParse(rowKey.AsSpan(1, 20), NumberStyles.None, CultureInfo.InvariantCulture, out var hourMs) || hourMs > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            return false;
        hour = DateTimeOffset.FromUnixTimeMilliseconds(hourMs);
        return long.TryParse(rowKey.AsSpan(22, 20), NumberStyles.None, CultureInfo.InvariantCulture, out window);
    }

    /// <summary>Bounds of the objects of a delivery, however many digits their numbers need.</summary>
    public static (string From, string To) DeliveredObjects(long window) =>
        (string.Create(CultureInfo.InvariantCulture, $"o{window:D20}."), string.Create(CultureInfo.InvariantCulture, $"o{window:D20}/"));

    /// <summary>How far an attempt at a delivery in batches came.</summary>
    public static string Sent(long window) => string.Create(CultureInfo.InvariantCulture, $"s{window:D20}");

    /// <summary>The counts of an hour, by its begin in Unix milliseconds.</summary>
    public static string Hour(long hour) => string.Create(CultureInfo.InvariantCulture, $"m{hour:D20}");

    public static string OpenRow(DateTimeOffset due, long window, string key) =>
        string.Create(CultureInfo.InvariantCulture, $"{due.ToUnixTimeMilliseconds():D20}.{window:D20}.{key}");

    /// <summary>Upper bound of all open rows that are due at <paramref name="now"/>.</summary>
    public static string OpenUntil(DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"{now.ToUnixTimeMilliseconds() + 1:D20}");

    /// <summary>The parts of a key made by <see cref="OpenRow"/>; false for any other text.</summary>
    public static bool TryParseOpen(string rowKey, out long dueMs, out long window, out string key)
    {
        (dueMs, window, key) = (0, 0, "");
        if (rowKey.Length < 43 || rowKey[20] != '.' || rowKey[41] != '.')
            return false;
        key = rowKey[42..];
        return long.TryParse(rowKey.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture, out dueMs)
            && long.TryParse(rowKey.AsSpan(21, 20), NumberStyles.None, CultureInfo.InvariantCulture, out window);
    }

    /// <summary>The window out of a key of one letter and 20 digits.</summary>
    public static long ParseWindow(string rowKey) => long.Parse(rowKey.AsSpan(1, 20), NumberStyles.None, CultureInfo.InvariantCulture);
}
