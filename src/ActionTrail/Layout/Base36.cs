namespace ActionTrail.Layout;

/// <summary>Numbers as digits and lower-case letters of a fixed width; ordinal order = numeric order.</summary>
internal static class Base36
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// <summary>The lowest <paramref name="digits"/> digits of the number.</summary>
    public static string Of(ulong number, int digits) => string.Create(digits, number, static (text, rest) =>
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(rest % 36)];
            rest /= 36;
        }
    });
}
