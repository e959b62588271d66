using System.Buffers.Binary;

namespace ActionTrail.Layout;

/// <summary>
/// Which accounts a segment may hold: the upper 32 bits of each account's <see cref="Hash64"/>, sorted. A segment of more than
/// 16,000 accounts says "any". In a Logstore that is its owner and the accounts whose events lie there under the owner.
/// For readers it only spares reads: the segment's own account directory decides. Legal holds rely on it.
/// </summary>
public sealed class AccountSummary
{
    /// <summary>Most accounts that are listed one by one: 4 bytes each within the 64 KiB of a table property.</summary>
    public const int MaxListed = 16_000;

    private readonly uint[]? sorted;

    private AccountSummary(uint[]? sorted) => this.sorted = sorted;

    public static AccountSummary Any { get; } = new(null);

    public static AccountSummary Of(IEnumerable<string> accountIds) => Of(accountIds, []);

    /// <param name="accountIds">Accounts that the rows are of.</param>
    /// <param name="others">Upper halves of the hashes of further accounts.</param>
    public static AccountSummary Of(IEnumerable<string> accountIds, IEnumerable<uint> others)
    {
        var hashes = accountIds.Select(id => (uint)(Hash64.Of(id) >> 32)).Concat(others).Distinct().Order().ToArray();
        return hashes.Length > MaxListed ? Any : new AccountSummary(hashes);
    }

    /// <param name="accountHash"><see cref="Hash64"/> of the account id.</param>
    public bool MayHold(ulong accountHash) => sorted is null || Array.BinarySearch(sorted, (uint)(accountHash >> 32)) >= 0;

    /// <summary>Little-endian 32-bit words; null for <see cref="Any"/>.</summary>
    public byte[]? ToBytes()
    {
        if (sorted is null)
        {
            return null;
        }

        var bytes = new byte[sorted.Length * 4];
        for (var i = 0; i < sorted.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), sorted[i]);
        }

        return bytes;
    }

    public static AccountSummary FromBytes(byte[]? bytes)
    {
        if (bytes is null)
        {
            return Any;
        }

        var words = new uint[bytes.Length / 4];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i * 4));
        }

        return new AccountSummary(words);
    }
}
