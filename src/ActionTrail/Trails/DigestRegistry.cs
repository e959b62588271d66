using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Trails;

/// <summary>
/// Has the digests of a trail looked after: a row in table <c>digests</c>, there before the first delivery that a digest must name is over, and before the first digest. It
/// holds the trail, which may be deleted and forgotten before all that it delivered is sealed.
/// </summary>
internal static class DigestRegistry
{
    public static async Task AddAsync(ITableStore tables, Trail trail, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await tables.InsertAsync(Tables.Digests, TrailRow.Write(new TableRow(DigestKeys.Open, trail.Key), trail).With("Since", now), cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            // It is there.
        }
    }
}
