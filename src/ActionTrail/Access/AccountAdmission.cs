using System.Collections.Concurrent;
using ActionTrail.Events;
using ActionTrail.Ingest;

namespace ActionTrail.Access;

/// <summary>
/// Says which accounts may own events, and makes accounts on sight for the hub. Disabled accounts are admitted: what happened in
/// them happened. Known accounts are remembered for ever, as accounts are never deleted.
/// </summary>
public sealed class AccountAdmission(AccountStore accounts) : IAccountAdmission
{
    /// <summary>More than this many remembered accounts are forgotten at once; they are only a cache.</summary>
    private const int MaxKnown = 1_000_000;

    /// <summary>Accounts that are looked up side by side.</summary>
    private const int Parallelism = 16;

    private readonly ConcurrentDictionary<string, bool> known = new(StringComparer.Ordinal);

    public async Task<IReadOnlySet<string>> AdmitAsync(IReadOnlyCollection<string> accountIds, bool createOnSight, CancellationToken cancellationToken)
    {
        var unknown = accountIds.Where(id => !IsKnown(id)).Distinct(StringComparer.Ordinal).Where(AccountIds.IsValid).ToList();
        var admitted = new ConcurrentDictionary<string, bool>(accountIds.Where(IsKnown).Distinct(StringComparer.Ordinal).Select(static id => KeyValuePair.Create(id, true)), StringComparer.Ordinal);
        if (known.Count > MaxKnown)
            known.Clear();
        await Parallel.ForEachAsync(
            unknown,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (id, token) =>
            {
                if (await ExistsAsync(id, createOnSight, token))
                    admitted[id] = known[id] = true;
            });
        return admitted.Keys.ToHashSet(StringComparer.Ordinal);
    }

    private bool IsKnown(string accountId) => accountId == Account.Operator || known.ContainsKey(accountId);

    private async Task<bool> ExistsAsync(string accountId, bool createOnSight, CancellationToken cancellationToken)
    {
        if (await accounts.FindAsync(accountId, cancellationToken) is not null)
            return true;
        if (!createOnSight || Account.IsReserved(accountId))
            return false;

        // Null: another instance saw it at the same time, and the account is there as well.
        _ = await accounts.CreateAsync(accountId, accountId, AccountSource.OnSight, cancellationToken);
        return true;
    }
}
