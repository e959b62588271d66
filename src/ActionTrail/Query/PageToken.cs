using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Query;

/// <summary>
/// The continuation token of a lookup: base64url of version (1 byte, 1), range from and to and position time (3 × i64), position id hash
/// (u64), all big-endian, and HMAC-SHA256 cut to 16 bytes. The HMAC also covers the store, the account, direction and conditions, so that a token
/// fits only the query and the account it was made for, and any change to it shows. The page size may change between pages.
/// </summary>
public sealed class PageToken(byte[] key)
{
    private const int BodySize = 33;
    private const int Size = BodySize + 16;

    public string Encode(LookupQuery query, LookupPosition position)
    {
        Span<byte> token = stackalloc byte[Size];
        token[0] = 1;
        BinaryPrimitives.WriteInt64BigEndian(token[1..], query.FromMs);
        BinaryPrimitives.WriteInt64BigEndian(token[9..], query.ToMs);
        BinaryPrimitives.WriteInt64BigEndian(token[17..], position.EventTimeMs);
        BinaryPrimitives.WriteUInt64BigEndian(token[25..], position.EventIdHash);
        Sign(token[..BodySize], query, token[BodySize..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The query with the range and position of the token; null when the token was altered, cut, or made for another query or account.</summary>
    /// <param name="text">The token as the client sent it.</param>
    /// <param name="query">The query as the client repeats it.</param>
    /// <param name="rangeGiven">True when the client names the range again, which must then be the token's; otherwise it is taken from the token.</param>
    public LookupQuery? Decode(string text, LookupQuery query, bool rangeGiven)
    {
        Span<byte> token = stackalloc byte[Size];
        if (text.Length != Base64Url.GetEncodedLength(Size)
            || Base64Url.DecodeFromChars(text, token, out _, out var size) != OperationStatus.Done || size != Size
            || token[0] != 1 || !string.Equals(text, Base64Url.EncodeToString(token), StringComparison.Ordinal))
        {
            return null;
        }

        Span<byte> expected = stackalloc byte[16];
        Sign(token[..BodySize], query, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, token[BodySize..]))
        {
            return null;
        }

        var fromMs = BinaryPrimitives.ReadInt64BigEndian(token[1..]);
        var toMs = BinaryPrimitives.ReadInt64BigEndian(token[9..]);
        return rangeGiven && (fromMs, toMs) != (query.FromMs, query.ToMs) ? null : query with
        {
            FromMs = fromMs,
            ToMs = toMs,
            After = new LookupPosition(BinaryPrimitives.ReadInt64BigEndian(token[17..]), BinaryPrimitives.ReadUInt64BigEndian(token[25..])),
        };
    }

    private void Sign(ReadOnlySpan<byte> body, LookupQuery query, Span<byte> signature)
    {
        // Lengths before texts: no two queries give the same bytes.
        var text = new StringBuilder(query.Reach.Scope.Length > 0 ? "logstore\n" : "lookup\n");
        void Part(string value) => text.Append(CultureInfo.InvariantCulture, $"{value.Length}:{value}\n");
        if (query.Reach.Scope.Length > 0)
            Part(query.Reach.Scope);
        Part(query.AccountId);
        Part(query.Direction.ToString());
        foreach (var condition in query.Conditions.OrderBy(one => one.Attribute).ThenBy(one => one.Value, StringComparer.Ordinal))
        {
            Part(condition.Attribute.ToString());
            Part(condition.Value);
        }

        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(body);
        hmac.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
        Span<byte> full = stackalloc byte[32];
        hmac.GetHashAndReset(full);
        full[..16].CopyTo(signature);
    }
}
