using System.Globalization;
using ActionTrail.Directories;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Delivery;

/// <summary>
/// Whose events a delivery takes, frozen with its trail. Of a multi-account trail the accounts that the commits of the window may hold
/// while they were members; later changes of the directory do not touch it.
/// </summary>
/// <param name="Accounts">In ordinal order; null for a single-account trail, which covers its own account at all times.</param>
internal sealed record Coverage(IReadOnlyList<CoveredAccount>? Accounts)
{
    private const string Property = "Covered";

    public static Coverage Own { get; } = new((IReadOnlyList<CoveredAccount>?)null);

    /// <summary>The accounts whose events are due, each at the times at which it was covered.</summary>
    public IEnumerable<CoveredAccount> Of(Trail trail) => Accounts ?? [new(trail.Account, [new(DateTimeOffset.MinValue, null)])];

    /// <summary>Lines <c>{account} {intervals}</c>.</summary>
    public TableRow Write(TableRow row) =>
        Accounts is null ? row : row.WithText(Property, string.Join('\n', Accounts.Select(static a => string.Create(CultureInfo.InvariantCulture, $"{a.Account} {TimeIntervals.Format(a.Intervals)}"))));

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="Write"/> makes.</exception>
    public static Coverage Read(TableRow row, Trail trail) =>
        trail.IsOrganizationTrail ? new([.. row.GetLines(Property, words: 2).Select(static line => new CoveredAccount(line[0], TimeIntervals.Parse(line[1])))]) : Own;
}
