using ActionTrail.Cli.Connection;

namespace ActionTrail.Cli.Lookup;

/// <summary><c>events export</c>: an answer of any length to a file or the output, byte for byte.</summary>
internal static class EventExport
{
    /// <param name="api">Where to ask.</param>
    /// <param name="path">What to ask for.</param>
    /// <param name="file">Where to write; null: the output. It is written beside its place and put there when it is whole.</param>
    /// <param name="around">Where messages go.</param>
    /// <param name="cancellationToken">Ends the call; nothing is left then but what the output has got.</param>
    public static async Task<int> RunAsync(ApiClient api, string path, string? file, Surroundings around, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            if (around.IsOutputTerminal)
                throw new CliException(ExitCode.Usage, "An export is not for a terminal: give --file, or direct the output somewhere. events query shows events.");
            await CopyAsync(api, path, around.Output, cancellationToken);
            return ExitCode.Ok;
        }

        var partial = file + ".partial";
        try
        {
            long length;
            await using (var target = Create(partial))
            {
                length = await CopyAsync(api, path, target, cancellationToken);
                await target.FlushAsync(cancellationToken);
            }

            File.Move(partial, file, overwrite: true);
            around.Tell(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Output.TerminalText.Clean(file)}: {length} bytes"));
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutputClosedException)
        {
            throw new CliException(ExitCode.Usage, $"{Output.TerminalText.Clean(file)} cannot be written: {Output.TerminalText.Clean(e.Message)}");
        }
        finally
        {
            // After success there is none; after anything else a part is worth nothing.
            if (Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(partial))))
                File.Delete(partial);
        }
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, Options = FileOptions.Asynchronous };
        // Events are nobody else's business.
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>Copies, and sees that the last byte is the line break that every whole export ends with; an empty one has none.</summary>
    private static async Task<long> CopyAsync(ApiClient api, string path, Stream target, CancellationToken cancellationToken)
    {
        var (length, last) = (0L, (byte)'\n');
        await api.CopyAsync(
            path,
            async part =>
            {
                try
                {
                    await target.WriteAsync(part, cancellationToken);
                }
                catch (IOException e)
                {
                    throw new OutputClosedException(e);
                }

                length += part.Length;
                last = part.Span[^1];
            },
            cancellationToken);
        return last == (byte)'\n' ? length : throw new CliException(ExitCode.Unavailable, "The export broke off: it has no end.");
    }
}
