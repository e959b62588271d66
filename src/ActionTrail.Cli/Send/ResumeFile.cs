using System.Buffers;
using System.Text.Json;

namespace ActionTrail.Cli.Send;

/// <summary>
/// How far an input was settled, on disk: <c>{"version":1,"target":"…","records":n,"bytes":n,"sha256":"…","accepted":n,"refused":n}</c>.
/// The hash is that of all bytes before the place, so any change there is seen, while what follows may grow.
/// </summary>
internal sealed class ResumeFile(string path, string target)
{
    /// <summary>What an earlier run left; null when there was none.</summary>
    /// <exception cref="CliException">The file is something else, or of another target.</exception>
    public SendTotals? Read()
    {
        try
        {
            if (!File.Exists(path))
                return null;
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            if (root.GetProperty("version").GetInt32() != 1)
                throw new CliException(ExitCode.Usage, $"{path} was written by a newer version of this program.");
            if (root.GetProperty("target").GetString() is var written && written != target)
                throw new CliException(ExitCode.Usage, $"{path} belongs to a run that sent to {Output.TerminalText.Clean(written ?? "")}, not to {target}. Name another --resume file.");
            var end = new ReadPosition(root.GetProperty("records").GetInt64(), root.GetProperty("bytes").GetInt64(), root.GetProperty("sha256").GetString()!);
            return new SendTotals(end, root.GetProperty("accepted").GetInt64(), root.GetProperty("refused").GetInt64());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CliException(ExitCode.Usage, $"{path} is no resume file of this program; it was left as it is.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"--resume: {e.Message}");
        }
    }

    /// <summary>Replaces the file in one step: a reader, or the next run after a crash, sees the old or the new one.</summary>
    public void Write(SendTotals totals)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, 1);
            json.WriteString("target"u8, target);
            json.WriteNumber("records"u8, totals.End.Records);
            json.WriteNumber("bytes"u8, totals.End.Bytes);
            json.WriteString("sha256"u8, totals.End.Sha256);
            json.WriteNumber("accepted"u8, totals.Accepted);
            json.WriteNumber("refused"u8, totals.Refused);
            json.WriteEndObject();
        }

        var next = path + ".next";
        try
        {
            // Made anew: a link that somebody left under this name is not written through.
            File.Delete(next);
            using (var file = new FileStream(next, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(buffer.WrittenSpan);
                file.Flush(flushToDisk: true);
            }

            File.Move(next, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"--resume: {e.Message}");
        }
    }
}
