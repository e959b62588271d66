using System.Buffers;

namespace ActionTrail.Segments.Compact;

/// <summary>Where a leaf lies in an event.</summary>
internal readonly record struct LeafRange(int Start, int Length);

/// <summary>
/// Cuts an event into its skeleton (the text between the leaves) and its leaves: what stands between the quotes of a string that is no
/// key, and numbers, <c>true</c>, <c>false</c>, <c>null</c>. Putting the leaves back into the holes gives the event byte for byte,
/// whatever the bytes are: nothing here needs them to be JSON.
/// </summary>
internal sealed class EventCutter : IDisposable
{
    private static readonly SearchValues<byte> QuoteOrEscape = SearchValues.Create("\"\\"u8);

    private readonly PooledBytes text = new();
    private readonly PooledArray<int> holes = new();
    private readonly PooledArray<LeafRange> leaves = new();

    /// <summary>The event without its leaves.</summary>
    public ReadOnlySpan<byte> Text => text.Written;

    /// <summary>Where in <see cref="Text"/> the leaves belong, ascending; two may share a place.</summary>
    public ReadOnlySpan<int> Holes => holes.Span;

    public ReadOnlySpan<LeafRange> Leaves => leaves.Span;

    public void Cut(ReadOnlySpan<byte> body)
    {
        text.Reset();
        holes.Clear();
        leaves.Clear();
        int at = 0, from = 0;
        while (at < body.Length && leaves.Count <= CompactFormat.MaxLeaves)
        {
            var one = body[at];
            if (one == '"')
            {
                var end = StringEnd(body, at + 1);
                if (end < 0)
                    break;
                var next = AfterSpace(body, end + 1);
                if (next < body.Length && body[next] == ':')
                {
                    at = next + 1;
                    continue;
                }

                Leaf(body, from, at + 1, end);
                (from, at) = (end, end + 1);
            }
            else if (IsBare(one))
            {
                var end = at + 1;
                while (end < body.Length && IsBare(body[end]))
                    end++;
                Leaf(body, from, at, end);
                (from, at) = (end, end);
            }
            else
            {
                at++;
            }
        }

        if (leaves.Count > CompactFormat.MaxLeaves)
            KeepWhole(body);
        else
            text.Write(body[from..]);
    }

    /// <summary>Where a string ends that begins at <paramref name="at"/>, its opening quote before it; -1 when it does not.</summary>
    public static int StringEnd(ReadOnlySpan<byte> body, int at)
    {
        while (at < body.Length)
        {
            var found = body[at..].IndexOfAny(QuoteOrEscape);
            if (found < 0)
                return -1;
            at += found;
            if (body[at] == '"')
                return at;
            at += 2;
        }

        return -1;
    }

    public static int AfterSpace(ReadOnlySpan<byte> body, int at)
    {
        while (at < body.Length && body[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            at++;
        return at;
    }

    public long HeldBytes => text.HeldBytes + holes.HeldBytes + leaves.HeldBytes;

    public void Dispose()
    {
        text.Dispose();
        holes.Dispose();
        leaves.Dispose();
    }

    private static bool IsBare(byte one) => one is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z') or (byte)'-' or (byte)'+' or (byte)'.';

    private void Leaf(ReadOnlySpan<byte> body, int from, int start, int end)
    {
        text.Write(body[from..start]);
        holes.Add(text.Length);
        leaves.Add(new(start, end - start));
    }

    private void KeepWhole(ReadOnlySpan<byte> body)
    {
        text.Reset();
        holes.Clear();
        leaves.Clear();
        holes.Add(0);
        leaves.Add(new(0, body.Length));
    }
}
