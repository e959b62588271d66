using System.Globalization;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Access;

/// <summary>
/// Table <c>accesskeys</c>: PK key id, RK <c>key</c> holds a key; PK <c>account.{accountId}</c>, RK <c>slot{0..9}</c> names the
/// keys of an account. A key takes a slot first, so that no race makes an eleventh; a slot whose key never came is taken over.
/// </summary>
public sealed class AccessKeyStore(ITableStore tables, SecretSeal seal, IRandomSource random, TimeProvider time)
{
    /// <summary>Most keys of an account, inactive ones included.</summary>
    public const int MaxPerAccount = 10;

    /// <summary>Active keys of one line of rotations, old one and new one, at which no further rotation begins.</summary>
    public const int MaxActivePerLine = 2;

    /// <summary>A slot without a key is somebody's unfinished attempt until it is this old.</summary>
    private static readonly TimeSpan SlotPatience = TimeSpan.FromMinutes(5);

    /// <summary>Issues a key; null when the account has <see cref="MaxPerAccount"/> already. The caller knows that the account exists.</summary>
    public async Task<IssuedAccessKey?> CreateAsync(string accountId, Role role, CancellationToken cancellationToken)
    {
        if (role == Role.Operator)
            throw new ArgumentOutOfRangeException(nameof(role), role, "No access key is the operator.");
        return await CreateAsync(NewKey(accountId, role), cancellationToken);
    }

    /// <summary>Issues a key of the same role, which takes over from the one named; that one stays active until it is deactivated.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="accessKeyId">The key that is taken over from.</param>
    /// <param name="ifMatch">The version that it must be in, which a rotation moves on: of two with the same version one succeeds. Null: any, and two at the same moment may both succeed.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<KeyRotation> RotateAsync(string accountId, string accessKeyId, string? ifMatch, CancellationToken cancellationToken)
    {
        var keys = await ListAsync(accountId, cancellationToken);
        if (keys.FirstOrDefault(key => key.AccessKeyId == accessKeyId) is not { } old)
            return new KeyRotation(Issued: null, KeyRotationRefusal.NotFound);
        if (ifMatch is not null && ifMatch != old.ETag)
            return new KeyRotation(Issued: null, KeyRotationRefusal.OtherVersion);
        if (old.State != AccessKeyState.Active)
            return new KeyRotation(Issued: null, KeyRotationRefusal.Inactive);
        if (keys.Count(key => key.Line == old.Line && key.State == AccessKeyState.Active) >= MaxActivePerLine)
            return new KeyRotation(Issued: null, KeyRotationRefusal.LineIsFull);
        if (ifMatch is not null && !await MoveOnAsync(accessKeyId, ifMatch, cancellationToken))
            return new KeyRotation(Issued: null, KeyRotationRefusal.OtherVersion);
        var issued = await CreateAsync(NewKey(accountId, old.Role) with { Line = old.Line, RotatedFrom = old.AccessKeyId }, cancellationToken);
        return new KeyRotation(issued, issued is null ? KeyRotationRefusal.AccountIsFull : null);
    }

    /// <summary>Writes the key's row as it is, so that it has another version; false when it has one already.</summary>
    private async Task<bool> MoveOnAsync(string accessKeyId, string etag, CancellationToken cancellationToken)
    {
        if (await tables.FindAsync(Tables.AccessKeys, accessKeyId, AccessKey.Row, cancellationToken) is not { } row || row.ETag != etag)
            return false;
        try
        {
            await tables.ReplaceAsync(Tables.AccessKeys, row, etag, cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            return false;
        }
    }

    private AccessKey NewKey(string accountId, Role role) => new(CredentialText.NewAccessKeyId(random), accountId, role, AccessKeyState.Active, time.GetUtcNow());

    private async Task<IssuedAccessKey?> CreateAsync(AccessKey key, CancellationToken cancellationToken)
    {
        if (!await TakeSlotAsync(key, cancellationToken))
            return null;
        var secret = CredentialText.NewSecret(random);
        var etag = await tables.InsertAsync(Tables.AccessKeys, key.ToRow(seal.Seal(key.AccountId, key.AccessKeyId, secret)), cancellationToken);
        return new IssuedAccessKey(key with { ETag = etag }, secret);
    }

    /// <summary>The key and its secret, or null.</summary>
    public async Task<IssuedAccessKey?> FindWithSecretAsync(string accessKeyId, CancellationToken cancellationToken)
    {
        if (await tables.FindAsync(Tables.AccessKeys, accessKeyId, AccessKey.Row, cancellationToken) is not { } row)
            return null;
        var key = AccessKey.FromRow(row);
        return new IssuedAccessKey(key, seal.Open(key.AccountId, key.AccessKeyId, row.GetBytes("Secret")));
    }

    /// <summary>The key and its secret as it is sealed, or null.</summary>
    public async Task<(AccessKey Key, byte[] SealedSecret)?> FindSealedAsync(string accessKeyId, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.AccessKeys, accessKeyId, AccessKey.Row, cancellationToken) is { } row ? (AccessKey.FromRow(row), row.GetBytes("Secret")) : null;

    /// <summary>The keys of an account, oldest first.</summary>
    public async Task<IReadOnlyList<AccessKey>> ListAsync(string accountId, CancellationToken cancellationToken)
    {
        var keys = new List<AccessKey>();
        await foreach (var slot in SlotsAsync(accountId, cancellationToken))
        {
            if (await FindAsync(accountId, slot.GetString("AccessKeyId"), cancellationToken) is { } found)
                keys.Add(found.Key);
        }

        return [.. keys.OrderBy(static k => k.CreatedAt).ThenBy(static k => k.AccessKeyId, StringComparer.Ordinal)];
    }

    /// <summary>The key, or null when the account has no such key.</summary>
    public async Task<AccessKey?> FindKeyAsync(string accountId, string accessKeyId, CancellationToken cancellationToken) =>
        (await FindAsync(accountId, accessKeyId, cancellationToken))?.Key;

    /// <summary>Activates or deactivates a key; null when the account has no such key, or it is not the version <paramref name="ifMatch"/> (null: any).</summary>
    public async Task<AccessKey?> SetStateAsync(string accountId, string accessKeyId, AccessKeyState state, string? ifMatch, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await FindAsync(accountId, accessKeyId, cancellationToken) is not var (key, row) || (ifMatch ?? row.ETag) != row.ETag)
                return null;
            var changed = key with { State = state };
            try
            {
                return changed with { ETag = await tables.ReplaceAsync(Tables.AccessKeys, changed.ToRow(row.GetBytes("Secret")), row.ETag!, cancellationToken) };
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                // Changed or deleted in between: look again.
            }
        }
    }

    /// <summary>Deletes a key; false when the account has no such key, or it is not the version <paramref name="ifMatch"/> (null: any). What the key did stays in the audit trail.</summary>
    public async Task<bool> DeleteAsync(string accountId, string accessKeyId, string? ifMatch, CancellationToken cancellationToken)
    {
        if (await FindAsync(accountId, accessKeyId, cancellationToken) is null)
            return false;
        bool deleted;
        try
        {
            deleted = await tables.DeleteAsync(Tables.AccessKeys, accessKeyId, AccessKey.Row, ifMatch, cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            return false;
        }

        await foreach (var slot in SlotsAsync(accountId, cancellationToken))
        {
            if (slot.GetString("AccessKeyId") == accessKeyId)
                await tables.DeleteAsync(Tables.AccessKeys, slot.PartitionKey, slot.RowKey, etag: null, cancellationToken);
        }

        return deleted;
    }

    private async Task<(AccessKey Key, TableRow Row)?> FindAsync(string accountId, string accessKeyId, CancellationToken cancellationToken)
    {
        var row = await tables.FindAsync(Tables.AccessKeys, accessKeyId, AccessKey.Row, cancellationToken);
        return row is not null && row.GetString("AccountId") == accountId ? (AccessKey.FromRow(row), row) : null;
    }

    private IAsyncEnumerable<TableRow> SlotsAsync(string accountId, CancellationToken cancellationToken) =>
        tables.QueryAsync(Tables.AccessKeys, SlotPartition(accountId), fromRowKey: null, toRowKey: null, cancellationToken);

    private async Task<bool> TakeSlotAsync(AccessKey key, CancellationToken cancellationToken)
    {
        for (var number = 0; number < MaxPerAccount; number++)
        {
            var slot = new TableRow(SlotPartition(key.AccountId), string.Create(CultureInfo.InvariantCulture, $"slot{number}"))
                .With("AccessKeyId", key.AccessKeyId).With("TakenAt", key.CreatedAt);
            try
            {
                await tables.InsertAsync(Tables.AccessKeys, slot, cancellationToken);
                return true;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
            {
                if (await TakeOverAsync(slot, cancellationToken))
                    return true;
            }
        }

        return false;
    }

    private async Task<bool> TakeOverAsync(TableRow slot, CancellationToken cancellationToken)
    {
        var taken = await tables.FindAsync(Tables.AccessKeys, slot.PartitionKey, slot.RowKey, cancellationToken);
        if (taken is null || taken.GetTime("TakenAt") > time.GetUtcNow() - SlotPatience)
            return false;
        if (await tables.FindAsync(Tables.AccessKeys, taken.GetString("AccessKeyId"), AccessKey.Row, cancellationToken) is not null)
            return false;
        try
        {
            await tables.ReplaceAsync(Tables.AccessKeys, slot, taken.ETag!, cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            return false;
        }
    }

    private static string SlotPartition(string accountId) => $"account.{accountId}";
}
