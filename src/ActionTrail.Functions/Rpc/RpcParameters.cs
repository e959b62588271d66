using System.Globalization;
using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.Rpc;

/// <summary>
/// Reads the parameters of a call strictly, as <see cref="QueryReader"/> does: what is required and missing, repeated, wrong or unknown becomes a
/// fault, all at once. An empty value counts as absent unless it is asked for as a change. What is read is noted for the audit event.
/// </summary>
internal sealed class RpcParameters(ApiCall call, IReadOnlyList<KeyValuePair<string, string>> given)
{
    private const int MaxLength = 2048;
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>What belongs to the protocol, to signatures, or is sent by official clients with every call and means nothing here.</summary>
    private static readonly HashSet<string> Protocol = new(StringComparer.Ordinal)
    {
        "Action", "Version", "Format", "AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce", "SignatureType",
        "Timestamp", "SecurityToken", "RegionId", "SourceIp", "SecureTransport",
    };

    private readonly HashSet<string> asked = new(StringComparer.Ordinal);
    private readonly List<Fault> missing = [];
    private readonly List<Fault> invalid = [];

    /// <summary>The value; null when it is absent, empty or wrong.</summary>
    public string? Text(string name, bool required = false, int maxLength = MaxLength) =>
        Change(name, required, maxLength) is { Length: > 0 } text ? text : null;

    /// <summary>The value; empty when it was given empty; null when it is absent or wrong.</summary>
    public string? Change(string name, bool required = false, int maxLength = MaxLength)
    {
        asked.Add(name);
        string[] values = [.. given.Where(p => p.Key == name).Select(static p => p.Value)];
        if (required && (values.Length == 0 || values[0].Length == 0))
        {
            Missing(name);
            return null;
        }

        if (values.Length == 0)
            return null;
        if (values.Length > 1)
            return Refuse(name, "Given more than once.");
        var text = values[0];
        if (text.Length > maxLength)
            return Refuse(name, string.Create(CultureInfo.InvariantCulture, $"At most {maxLength} characters."));
        if (text.Any(char.IsControl) || text.Contains('\uFFFD', StringComparison.Ordinal))
            return Refuse(name, "Valid Unicode without control characters.");
        return text.Length == 0 ? text : call.Note(name, text);
    }

    /// <summary>A whole number within bounds; <paramref name="fallback"/> when absent or wrong.</summary>
    public int Number(string name, int min, int max, int fallback, bool required = false)
    {
        if (Text(name, required, 16) is not { } text)
            return fallback;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        Refuse(name, string.Create(CultureInfo.InvariantCulture, $"A whole number from {min} to {max}."));
        return fallback;
    }

    /// <summary><c>true</c> or <c>false</c> in any case; null when absent or wrong.</summary>
    public bool? Flag(string name, bool required = false)
    {
        if (Text(name, required, 8) is not { } text)
            return null;
        if (bool.TryParse(text, out var flag) && text.Length == (flag ? 4 : 5))
            return flag;
        Refuse(name, "true or false.");
        return null;
    }

    /// <summary>One of the choices; null when absent or wrong.</summary>
    public string? Choice(string name, params IReadOnlyList<string> choices)
    {
        if (Text(name) is not { } text)
            return null;
        return choices.Contains(text, StringComparer.Ordinal) ? text : Refuse(name, $"One of {string.Join(", ", choices)}.");
    }

    /// <summary>A time <c>yyyy-MM-ddTHH:mm:ssZ</c>; null when absent or wrong.</summary>
    public DateTimeOffset? Time(string name, bool required = false) => Time(name, TimeForm, "A time like 2026-11-22T07:04:25Z, in UTC.", required);

    /// <summary>A date <c>yyyy-MM-dd</c>, its first moment in UTC; null when absent or wrong.</summary>
    public DateTimeOffset? Date(string name) => Time(name, "yyyy-MM-dd", "A date like 2026-11-22.", required: false);

    /// <summary>The pairs <c>{name}.{n}.Key</c>, <c>{name}.{n}.Value</c>, n from 1 to 99, in order of n.</summary>
    public IReadOnlyList<(string Key, string Value)> Pairs(string name)
    {
        var numbers = given.Select(p => NumberOf(p.Key, name)).Where(static n => n > 0).Distinct().Order();
        var pairs = new List<(string, string)>();
        foreach (var number in numbers)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"{name}.{number}.");
            var key = Text(prefix + "Key", required: true);
            var value = Text(prefix + "Value", required: true);
            if (key is not null && value is not null)
                pairs.Add((key, value));
        }

        return pairs;
    }

    /// <summary>Adds a fault found by a rule of the caller; returns null for use in expressions.</summary>
    public string? Refuse(string name, string rule)
    {
        invalid.Add(new Fault(name, rule));
        return null;
    }

    public void Missing(string name) => missing.Add(new Fault(name, "Required."));

    /// <summary>The problem with all faults, unknown parameters included; null when there are none.</summary>
    public Problem? Finish()
    {
        foreach (var name in given.Select(static p => p.Key).Distinct(StringComparer.Ordinal))
        {
            if (!asked.Contains(name) && !Protocol.Contains(name))
                Refuse(name, "Unknown parameter.");
        }

        if (missing.Count > 0)
            return new Problem(RpcErrors.MissingParameter) { Errors = [.. missing, .. invalid] };
        return invalid.Count > 0 ? new Problem(RpcErrors.InvalidParameterValue) { Errors = invalid } : null;
    }

    private static int NumberOf(string parameter, string name)
    {
        var parts = parameter.Split('.');
        return parts.Length == 3 && parts[0] == name && parts[2] is "Key" or "Value" && parts[1].Length is 1 or 2 && parts[1][0] != '0'
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private DateTimeOffset? Time(string name, string form, string rule, bool required)
    {
        if (Text(name, required, 32) is not { } text)
            return null;
        if (DateTimeOffset.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;
        Refuse(name, rule);
        return null;
    }
}
