using System.Text;
using System.Text.Json;
using ActionTrail.Cli.Connection;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Quarantine;

/// <summary><c>quarantine show</c>: one record with the reason and its bytes.</summary>
internal static class QuarantineShow
{
    public static async Task<int> RunAsync(ApiClient api, string id, bool rawBytes, OutputForm form, Surroundings around, CancellationToken cancellationToken)
    {
        var (json, _) = await api.GetAsync($"v1/quarantine/{Uri.EscapeDataString(id)}", cancellationToken);
        using (json)
        {
            var record = json.RootElement;
            if (rawBytes)
                Write(around, record.GetProperty("raw").GetBytesFromBase64());
            else if (form == OutputForm.Table)
                Write(around, Encoding.UTF8.GetBytes(Lines(record)));
            else
                Write(around, Encoding.UTF8.GetBytes((around.IsOutputTerminal ? TerminalText.CleanJson(record.GetRawText()) : record.GetRawText()) + "\n"));
        }

        return ExitCode.Ok;
    }

    /// <summary>A line per member, then the record as it came; bytes that are no text are counted, not shown.</summary>
    private static string Lines(JsonElement record)
    {
        var text = new StringBuilder();
        foreach (var column in QuarantineColumns.All)
        {
            if (column.Of(record) is { Length: > 0 } value)
                text.Append($"{column.Name,-16}").Append(TerminalText.Clean(value)).Append('\n');
        }

        if (!record.TryGetProperty("text", out var raw))
            return text.Append("raw             not UTF-8; --raw writes the bytes\n").ToString();
        text.Append("raw\n");
        foreach (var line in raw.GetString()!.ReplaceLineEndings("\n").Split('\n'))
            text.Append(TerminalText.Clean(line)).Append('\n');
        return text.ToString();
    }

    private static void Write(Surroundings around, byte[] bytes)
    {
        try
        {
            around.Output.Write(bytes);
            around.Output.Flush();
        }
        catch (IOException e)
        {
            throw new OutputClosedException(e);
        }
    }
}
