using System.Globalization;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Send;

/// <summary>Tells about refused records, and keeps their bytes where asked to.</summary>
internal sealed class RefusalReport : IDisposable
{
    /// <summary>More lines than this nobody reads; the rejects file has them all, and the summary the count.</summary>
    private const int MaxLines = 1000;

    private readonly Surroundings around;
    private readonly string input;
    private readonly FileStream? rejects;
    private int lines;

    /// <param name="around">Where to tell.</param>
    /// <param name="input">Name of the input.</param>
    /// <param name="rejectsPath">File for the bytes; null: none.</param>
    /// <param name="appends">The run goes on behind an earlier one, whose rejects stay.</param>
    /// <exception cref="CliException">The file cannot be written.</exception>
    public RefusalReport(Surroundings around, string input, string? rejectsPath, bool appends)
    {
        this.around = around;
        this.input = input == "-" ? "(standard input)" : input;
        try
        {
            rejects = rejectsPath is null ? null : Open(rejectsPath, appends ? FileMode.Append : FileMode.Create);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"--rejects: {e.Message}");
        }
    }

    public void Add(IReadOnlyList<RefusedRecord> refused)
    {
        var last = -1L;
        foreach (var record in refused.OrderBy(static r => r.Place.Number))
        {
            if (++lines <= MaxLines)
                around.Tell(string.Create(CultureInfo.InvariantCulture, $"{TerminalText.Clean(input)}:{record.Place.Line}: record {record.Place.Number}: {record.Pointer}{(record.Pointer.Length > 0 ? " " : "")}{record.Rule}"));
            else if (lines == MaxLines + 1)
                around.Tell($"more than {MaxLines} refusals; the others are counted only");
            if (rejects is not null && record.Place.Number != last)
                Keep(record.Bytes.Span);
            last = record.Place.Number;
        }
    }

    /// <summary>Hands what was kept to the disk, before anything says that the records are settled.</summary>
    public void Flush() => rejects?.Flush(flushToDisk: true);

    public void Dispose() => rejects?.Dispose();

    // What was refused was not masked: a new file is the owner's alone.
    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private void Keep(ReadOnlySpan<byte> record)
    {
        rejects!.Write(record.TrimEnd("\r\n"u8));
        rejects.Write("\n"u8);
    }
}
