using System.Text;
using ActionTrail.Layout;

namespace ActionTrail.Events;

/// <summary>Account ids: <c>^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$</c>, compared case-sensitively.</summary>
public static class AccountIds
{
    /// <summary>The reserved account that holds the operator's own audit events. It always exists; no publisher of the hub writes to it.</summary>
    public const string Operator = "operator";

    /// <summary>Longest account id, in characters.</summary>
    public const int MaxLength = 64;

    public static bool IsValid(string accountId)
    {
        if (accountId.Length is 0 or > MaxLength || !char.IsAsciiLetterOrDigit(accountId[0]))
        {
            return false;
        }

        foreach (var character in accountId)
        {
            if (!IsAllowed(character))
            {
                return false;
            }
        }

        return true;
    }

    internal static bool IsValid(ReadOnlySpan<byte> accountId)
    {
        if (accountId.Length is 0 or > MaxLength || !char.IsAsciiLetterOrDigit((char)accountId[0]))
        {
            return false;
        }

        foreach (var one in accountId)
        {
            if (!IsAllowed((char)one))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAllowed(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';
}

/// <summary>Turns the bytes of valid account ids into strings without allocating for those seen lately: 512 sets of four, the oldest of a full set gives way.</summary>
internal sealed class AccountCache
{
    private const int Ways = 4;

    private readonly string?[] slots = new string?[512 * Ways];

    public string Find(ReadOnlySpan<byte> accountId)
    {
        var set = slots.AsSpan((int)(Hash64.Of(accountId) & 511) * Ways, Ways);
        foreach (var known in set)
        {
            if (known is not null && Ascii.Equals(accountId, known))
            {
                return known;
            }
        }

        set[..^1].CopyTo(set[1..]);
        set[0] = Encoding.ASCII.GetString(accountId);
        return set[0]!;
    }
}
