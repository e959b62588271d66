namespace ActionTrail.Ingest;

/// <summary>Says which accounts may own events. Implemented by the slice that keeps the accounts.</summary>
public interface IAccountAdmission
{
    /// <summary>
    /// Returns those of <paramref name="accountIds"/> that exist when the call returns. With <paramref name="createOnSight"/> every
    /// well-formed id exists afterwards. Accounts are never deleted, so that a positive answer stays true and may be cached.
    /// </summary>
    /// <exception cref="Storage.StoreException">The accounts cannot be read.</exception>
    Task<IReadOnlySet<string>> AdmitAsync(IReadOnlyCollection<string> accountIds, bool createOnSight, CancellationToken cancellationToken);
}
