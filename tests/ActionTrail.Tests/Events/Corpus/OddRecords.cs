using System.Collections;
using System.Text;
using System.Text.Json;

namespace ActionTrail.Tests.Events.Corpus;

/// <summary>A table of odd records, most of them one change away from a good one.</summary>
/// <param name="format">Goes before the names of the rows.</param>
/// <param name="good">A record that is stored.</param>
/// <param name="account">Account of the good one; rows name another as <c>account=</c>.</param>
/// <param name="time">Time of the good one, as rows name another: <c>at=</c>.</param>
/// <param name="id">Id of the good one; rows name another as <c>id=</c>.</param>
internal sealed class OddRecords(string format, string good, string account, string time, string id) : IEnumerable<OddRecord>
{
    private readonly List<OddRecord> rows = [];

    /// <summary>The good record with one member changed.</summary>
    /// <param name="name">What is odd.</param>
    /// <param name="path">Name of the member; inside objects with slashes; <c>+</c> adds members at the end.</param>
    /// <param name="json">Its value as JSON; null takes the member away.</param>
    /// <param name="expected"><c>ok</c> with what differs from the good one, or code and pointer.</param>
    public void Add(string name, string path, string? json, string expected) => Add(name, Change(path, json), expected);

    /// <summary>A record that has little to do with the good one.</summary>
    public void Add(string name, string record, string expected) => Add(name, Encoding.UTF8.GetBytes(record), expected);

    /// <summary>Bytes that are no text.</summary>
    public void Add(string name, byte[] record, string expected) => Add(new OddRecord(name, record, expected));

    /// <summary>A row with all that it needs; short forms in what is expected are written out.</summary>
    public void Add(OddRecord row) =>
        rows.Add(row with { Name = $"{format}: {row.Name}", Expected = string.Join("; ", row.Expected.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(Complete)) });

    public IEnumerator<OddRecord> GetEnumerator() => rows.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The good record with a member changed, everything else as it stands.</summary>
    public string Change(string path, string? json) => path == "+" ? $"{good.TrimEnd()[..^1]},{json}}}" : Change(good, path.Split('/'), json);

    private static string Change(string record, ReadOnlySpan<string> path, string? json)
    {
        using var document = JsonDocument.Parse(record);
        var members = new List<string>();
        var isThere = false;
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.Name != path[0])
            {
                members.Add($"\"{JsonEncodedText.Encode(member.Name)}\":{member.Value.GetRawText()}");
                continue;
            }

            isThere = true;
            var value = path.Length == 1 ? json : Change(member.Value.GetRawText(), path[1..], json);
            if (value is not null)
                members.Add($"\"{path[0]}\":{value}");
        }

        if (!isThere && json is not null)
            members.Add($"\"{path[0]}\":{(path.Length == 1 ? json : Change("{}", path[1..], json))}");
        return "{" + string.Join(',', members) + "}";
    }

    private string Complete(string outcome)
    {
        var words = outcome.Split(' ');
        string Word(string key, string usual) => Array.Find(words, w => w.StartsWith(key, StringComparison.Ordinal))?[key.Length..] ?? usual;
        return words[0] == "ok" ? $"ok {Word("account=", account)} {Word("at=", time)} {Word("id=", id)}" : outcome;
    }
}
