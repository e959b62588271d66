using System.Globalization;

namespace ActionTrail.Functions.Rest;

/// <summary>
/// Reads query parameters strictly: every parameter is asked for by name; an unknown one, a repeated one or a wrong value becomes
/// a <see cref="Fault"/> with the pointer <c>?name</c>. Names compare case-sensitively.
/// </summary>
internal sealed class QueryReader(IQueryCollection query)
{
    /// <summary>Most characters of a value.</summary>
    private const int MaxLength = 2048;

    private static readonly string[] TimeForms =
    [
        "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
        "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
    ];

    private readonly HashSet<string> asked = new(StringComparer.Ordinal);
    private readonly List<Fault> faults = [];

    /// <summary>The value; null when absent or wrong. An empty value counts as wrong.</summary>
    public string? Text(string name, int maxLength = MaxLength)
    {
        asked.Add(name);
        var key = query.Keys.FirstOrDefault(k => k == name);
        if (key is null)
            return null;
        var values = query[key];
        if (values.Count != 1)
            return Refuse(name, "Given more than once.");
        var text = values[0] ?? "";
        if (text.Length == 0 || text.Length > maxLength)
            return Refuse(name, $"1 to {maxLength} characters.");
        return text.Any(char.IsControl) || text.Contains('\uFFFD', StringComparison.Ordinal) ? Refuse(name, "Valid Unicode without control characters.") : text;
    }

    /// <summary>A whole number within bounds; <paramref name="fallback"/> when absent or wrong.</summary>
    public int Number(string name, int min, int max, int fallback)
    {
        if (Text(name, 16) is not { } text)
            return fallback;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        Refuse(name, string.Create(CultureInfo.InvariantCulture, $"A whole number from {min} to {max}."));
        return fallback;
    }

    /// <summary><c>true</c> or <c>false</c>; <paramref name="fallback"/> when absent or wrong.</summary>
    public bool Flag(string name, bool fallback)
    {
        switch (Text(name, 5))
        {
            case null:
                return fallback;
            case "true":
                return true;
            case "false":
                return false;
            default:
                Refuse(name, "true or false.");
                return fallback;
        }
    }

    /// <summary>One of the choices; null when absent or wrong.</summary>
    public string? Choice(string name, params IReadOnlyList<string> choices)
    {
        if (Text(name) is not { } text)
            return null;
        return choices.Contains(text, StringComparer.Ordinal) ? text : Refuse(name, $"One of {string.Join(", ", choices)}.");
    }

    /// <summary>An ISO 8601 time with <c>Z</c> or an offset, e.g. <c>2026-11-22T07:04:25Z</c>; null when absent or wrong.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Text(name, 40) is not { } text)
            return null;
        // A plus sign that was not escaped arrives as a blank.
        if (DateTimeOffset.TryParseExact(text.Replace(' ', '+'), TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;
        Refuse(name, "A time like 2026-11-22T07:04:25Z, with Z or an offset.");
        return null;
    }

    public string? Refuse(string name, string rule)
    {
        faults.Add(new Fault("?" + name, rule));
        return null;
    }

    /// <summary>The problem with all faults, unknown parameters included; null when there are none.</summary>
    public Problem? Finish()
    {
        foreach (var key in query.Keys)
        {
            if (!asked.Contains(key))
                Refuse(key, "Unknown parameter.");
        }

        return faults.Count == 0 ? null : Problem.Invalid(faults);
    }
}
