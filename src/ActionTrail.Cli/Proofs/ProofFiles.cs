using System.Text;
using ActionTrail.Cli.Connection;
using ActionTrail.Proofs;

namespace ActionTrail.Cli.Proofs;

/// <summary>Reads and writes the files of the proof and checkpoint commands.</summary>
internal static class ProofFiles
{
    /// <exception cref="CliException">There is no such file, it cannot be read, or it is larger than such a file can be.</exception>
    public static byte[] Read(string name, int maxBytes)
    {
        try
        {
            using var file = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > maxBytes)
                throw new CliException(ExitCode.Usage, $"{name} is larger than {maxBytes} bytes.");
            using var content = new MemoryStream();
            file.CopyTo(content);
            return content.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, e.Message);
        }
    }

    public static string ReadText(string name, int maxBytes) => Encoding.UTF8.GetString(Read(name, maxBytes));

    /// <summary>The keys of a file, one a line; empty lines and lines that begin with # are passed over.</summary>
    /// <exception cref="CliException">A line is no key, or there is none.</exception>
    public static IReadOnlyList<NoteKey> ReadKeys(string name)
    {
        var keys = new List<NoteKey>();
        foreach (var line in ReadText(name, SignedNote.MaxBytes).Split('\n').Select(static l => l.Trim()).Where(static l => l.Length > 0 && l[0] != '#'))
            keys.Add(NoteKey.TryParse(line, out var key) ? key : throw new CliException(ExitCode.Usage, $"{name} has a line that is no public key of checkpoints: NAME+KEYID+BASE64."));
        return keys.Count > 0 ? keys : throw new CliException(ExitCode.Usage, $"{name} has no public key.");
    }

    /// <summary>A checkpoint whose signature was verified.</summary>
    /// <exception cref="CliException">Damaged: it is no checkpoint that one of the keys has signed.</exception>
    public static Checkpoint Open(string source, string note, IReadOnlyList<NoteKey> keys) =>
        Checkpoint.Open(note, keys, out var fault) ?? throw new CliException(ExitCode.Damaged, $"{source} cannot be trusted: {fault}");

    /// <exception cref="CliException">It cannot be written.</exception>
    public static void Write(string name, ReadOnlySpan<byte> content)
    {
        try
        {
            File.WriteAllBytes(name, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, e.Message);
        }
    }

    /// <summary>The bytes of a 200 answer as they came.</summary>
    public static async Task<byte[]> FetchAsync(ApiClient api, string path, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await api.CopyAsync(path, async part => await content.WriteAsync(part, cancellationToken), cancellationToken);
        return content.ToArray();
    }
}
