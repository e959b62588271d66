using System.Text;

namespace ActionTrail.Storage;

/// <summary>What queue storage accepts, checked before a request leaves; a breach is an <see cref="ArgumentException"/>.</summary>
public static class QueueRules
{
    /// <summary>Most UTF-8 bytes of a message: 64 KiB on the wire after Base64.</summary>
    public const int MaxMessageBytes = 48 * 1024;

    /// <summary>Most messages of one receive.</summary>
    public const int MaxReceive = 32;

    /// <summary>Longest time a message stays hidden.</summary>
    public static readonly TimeSpan MaxVisibility = TimeSpan.FromDays(7);

    /// <summary>When a message that never expires expires, in the words of the service.</summary>
    public static readonly DateTimeOffset Never = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    public static void CheckText(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxMessageBytes)
            throw new ArgumentException($"A message of {Encoding.UTF8.GetByteCount(text)} bytes is larger than {MaxMessageBytes}.", nameof(text));
        if (text.Length == 0)
            throw new ArgumentException("A message has text.", nameof(text));
    }

    public static void CheckCount(int count)
    {
        if (count is < 1 or > MaxReceive)
            throw new ArgumentOutOfRangeException(nameof(count), count, "1 to 32 messages are received at once.");
    }

    /// <summary>The service counts in whole seconds; a part of one is rounded up, so that a message is never visible too early.</summary>
    public static TimeSpan WholeSeconds(TimeSpan visibility, int atLeastSeconds)
    {
        var whole = TimeSpan.FromSeconds(Math.Ceiling(visibility.TotalSeconds));
        if (whole < TimeSpan.FromSeconds(atLeastSeconds) || whole > MaxVisibility)
            throw new ArgumentOutOfRangeException(nameof(visibility), visibility, $"A message is hidden for {atLeastSeconds} s to 7 days.");
        return whole;
    }
}
