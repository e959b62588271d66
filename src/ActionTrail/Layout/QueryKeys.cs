using System.Globalization;

namespace ActionTrail.Layout;

/// <summary>
/// Keys of table <c>queries</c>: PK <c>{account}</c>; RK <c>h.{inverted ticks:D19}.{id}</c> (a record of the history, newest first) and
/// <c>t.{id}</c> (a template).
/// </summary>
public static class QueryKeys
{
    /// <summary>Bounds of the history of an account.</summary>
    public const string FirstRecord = "h.";

    public const string AfterRecords = "h/";

    /// <summary>Bounds of the templates of an account.</summary>
    public const string FirstTemplate = "t.";

    public const string AfterTemplates = "t/";

    public static string Template(string id) => $"t.{id}";

    public static string Record(DateTimeOffset at, string id) =>
        string.Create(CultureInfo.InvariantCulture, $"h.{DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks:D19}.{id}");

    /// <summary>1 to 64 letters, digits, <c>_</c> and <c>-</c>: nothing that means something in a key.</summary>
    public static bool IsId(string id) => id.Length is > 0 and <= 64 && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
