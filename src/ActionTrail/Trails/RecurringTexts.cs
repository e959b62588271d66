using System.Text;

namespace ActionTrail.Trails;

/// <summary>Strings of values that keep coming back, such as regions and names of events: the last one of each of some hundred places is kept.</summary>
internal sealed class RecurringTexts
{
    private const int Places = 512;
    private const int MaxBytes = 64;

    private readonly (byte[] Utf8, string Text)[] kept = new (byte[], string)[Places];

    /// <param name="utf8">UTF-8 without escapes.</param>
    public string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > MaxBytes)
            return Encoding.UTF8.GetString(utf8);
        ref var place = ref kept[Layout.Hash64.Of(utf8) % Places];
        if (place.Utf8 is null || !utf8.SequenceEqual(place.Utf8))
            place = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return place.Text;
    }
}
