using System.Globalization;

namespace ActionTrail.Azure.Tables;

/// <summary>Builds OData filters: the text of an interpolated string is taken as it is, its values become literals.</summary>
internal static class TableFilter
{
    public static string Format(FormattableString filter)
    {
        var literals = filter.GetArguments().Select(Literal).ToArray();
        return string.Format(CultureInfo.InvariantCulture, filter.Format, literals);
    }

    internal static object Literal(object? value) => value switch
    {
        string text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
        bool flag => flag ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        long number => number.ToString(CultureInfo.InvariantCulture) + "L",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTimeOffset time => $"datetime'{time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture)}'",
        Guid id => $"guid'{id:D}'",
        byte[] binary => $"X'{Convert.ToHexString(binary)}'",
        _ => throw new ArgumentException($"A {value?.GetType().Name ?? "null"} cannot stand in a filter.", nameof(value)),
    };
}
