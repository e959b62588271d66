using System.Text;
using System.Text.Json;

namespace ActionTrail.Cli.Output;

/// <summary>
/// Records as the service has them: to a file or pipe byte for byte but for white space between tokens where a record spans lines; to a
/// terminal with unsafe characters escaped.
/// </summary>
internal sealed class JsonWriter(Surroundings around, bool isArray) : RecordWriter(around)
{
    /// <summary>The JSON text on one line: without line breaks and the white space beside them. Nothing inside strings changes, which hold no raw breaks.</summary>
    public static string OneLine(string json)
    {
        if (json.AsSpan().IndexOfAny('\n', '\r') < 0)
            return json;
        var line = new StringBuilder(json.Length);
        var isInString = false;
        for (var i = 0; i < json.Length; i++)
        {
            var c = json[i];
            if (c == '"')
                isInString = !isInString;
            else if (isInString && c == '\\' && i + 1 < json.Length)
                line.Append(json[i++]);
            if (isInString || json[i] is not (' ' or '\t' or '\r' or '\n'))
                line.Append(json[i]);
        }

        return line.ToString();
    }

    protected override void Append(StringBuilder text, IReadOnlyList<JsonElement> records)
    {
        var isFirst = Count == 0;
        foreach (var record in records)
        {
            if (isArray)
                text.Append(isFirst ? "[\n" : ",\n");
            isFirst = false;
            var line = OneLine(record.GetRawText());
            text.Append(Around.IsOutputTerminal ? TerminalText.CleanJson(line) : line);
            if (!isArray)
                text.Append('\n');
        }
    }

    protected override void AppendEnd(StringBuilder text)
    {
        if (isArray)
            text.Append(Count == 0 ? "[]\n" : "\n]\n");
    }
}
