namespace ActionTrail.Query;

/// <summary>
/// Bounds the exports that an account has under way in this process: each holds a connection and pages of memory for as long as its reader
/// takes. An app of several instances allows that many times as many.
/// </summary>
public sealed class ExportSlots(LookupOptions options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> underWay = new(StringComparer.Ordinal);

    /// <summary>A slot, to be disposed of when the export ends; null when the account has <see cref="LookupOptions.MaxExports"/> already.</summary>
    public IDisposable? TryTake(string accountId)
    {
        lock (gate)
        {
            var taken = underWay.GetValueOrDefault(accountId);
            if (taken >= options.MaxExports)
                return null;
            underWay[accountId] = taken + 1;
            return new Slot(this, accountId);
        }
    }

    private void Release(string accountId)
    {
        lock (gate)
        {
            if (--underWay[accountId] == 0)
                underWay.Remove(accountId);
        }
    }

    private sealed class Slot(ExportSlots slots, string accountId) : IDisposable
    {
        private int released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref released, 1) == 0)
                slots.Release(accountId);
        }
    }
}
