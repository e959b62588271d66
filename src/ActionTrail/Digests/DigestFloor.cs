using ActionTrail.Delivery;
using ActionTrail.Retention;
using ActionTrail.Storage;

namespace ActionTrail.Digests;

/// <summary>
/// Keeps the commits whose deliveries no digest names yet: until it is sealed they are the other witness. A digest that cannot be written since its container
/// is gone or closed is waited for <see cref="Patience"/>, as CloudTrail tries; else a tenant could stop the purge for everybody.
/// </summary>
public sealed class DigestFloor(ITableStore tables, DigestOptions options, TimeProvider time) : IPurgeFloor
{
    public static readonly TimeSpan Patience = TimeSpan.FromDays(30);

    /// <summary>A window holds commits of the time before its boundary, late ones of a little earlier.</summary>
    private static readonly TimeSpan LongestWindow = TimeSpan.FromHours(2);

    public async Task<PurgeFloor?> FindAsync(CancellationToken cancellationToken)
    {
        if (!options.IsEnabled)
            return null;
        var (records, unsealed) = (new DigestRecords(tables), new UnsealedDeliveries(tables));
        PurgeFloor? floor = null;
        await foreach (var one in records.ReadTrailsAsync(cancellationToken))
        {
            if (await unsealed.FindFirstAsync(one.Trail.Key, cancellationToken) is not { } first)
                continue;
            var head = await records.ReadHeadAsync(one.Trail.Key, cancellationToken);
            if (first.Hour <= head.End || head.ErrorSince < time.GetUtcNow() - Patience)
                continue;
            var oldest = DateTimeOffset.FromUnixTimeMilliseconds(first.Window) - LongestWindow;
            if (floor is null || oldest < floor.Time)
                floor = new(oldest, $"The digest of trail {one.Trail.Account}/{one.Trail.Name} that ends {DigestTimes.Format(first.Hour)} is not sealed.");
        }

        return floor;
    }
}
