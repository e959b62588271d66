using System.Text;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Connection;

/// <summary>One way to reach a service: what <c>actiontrail configure</c> keeps under a name. What is null is decided by the environment or the default.</summary>
internal sealed class Profile
{
    public string? Endpoint { get; set; }

    public string? Key { get; set; }

    public string? Account { get; set; }
}

/// <summary>
/// The file of profiles: sections <c>[name]</c> with lines <c>endpoint = …</c>, <c>key = ID:SECRET</c> and <c>account = …</c>; lines that begin with <c>#</c> are comments. It holds
/// secrets: one that others on the machine may read or write is refused, and it is written for its owner alone.
/// </summary>
internal sealed class ProfileFile
{
    public const string DefaultName = "default";
    public const string NameVariable = "ACTIONTRAIL_PROFILE";
    public const string PathVariable = "ACTIONTRAIL_CONFIG";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SortedDictionary<string, Profile> profiles = new(StringComparer.Ordinal);

    private ProfileFile(string? path) => Path = path;

    /// <summary>Where it is; null when there is no home to have it in.</summary>
    public string? Path { get; }

    /// <summary>The profile of this name, or null.</summary>
    public Profile? Find(string name) => profiles.GetValueOrDefault(name);

    /// <summary>The profile of this name, made when it is not there.</summary>
    public Profile Open(string name) => profiles.TryGetValue(name, out var known) ? known : profiles[name] = new Profile();

    public static bool IsName(string text) => text.Length is > 0 and <= 64 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>Reads the file, or none where there is none.</summary>
    /// <exception cref="CliException">It is open to others, cannot be read, or is not as described; the message never repeats a value.</exception>
    public static ProfileFile Read(Func<string, string?> variable)
    {
        var file = new ProfileFile(Locate(variable));
        if (file.Path is null || !File.Exists(file.Path))
            return file;
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.Path) & ~(OwnerOnly | UnixFileMode.UserExecute)) != 0)
                throw new CliException(ExitCode.Usage, $"{TerminalText.Clean(file.Path)} holds keys and is open to others on this machine: chmod 600 it, and change the keys if others may have read them.");
            file.Parse(File.ReadAllLines(file.Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"{TerminalText.Clean(file.Path)} cannot be read: {TerminalText.Clean(e.Message)}");
        }

        return file;
    }

    /// <summary>Writes it whole: a new file takes the place of the old one.</summary>
    public void Write()
    {
        if (Path is null)
            throw new CliException(ExitCode.Usage, $"There is no home folder to keep profiles in; say where in {PathVariable}.");
        var text = new StringBuilder("# Profiles of actiontrail. It holds secrets: for its owner alone.\n");
        foreach (var (name, profile) in profiles)
        {
            text.Append($"\n[{name}]\n");
            foreach (var (key, value) in (ReadOnlySpan<(string, string?)>)[("endpoint", profile.Endpoint), ("key", profile.Key), ("account", profile.Account)])
            {
                if (value is not null)
                    text.Append($"{key} = {value}\n");
            }
        }

        var fresh = Path + ".new";
        try
        {
            var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            File.Delete(fresh);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnerOnly;
            using (var stream = new FileStream(fresh, options))
                stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
            File.Move(fresh, Path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"{TerminalText.Clean(Path)} cannot be written: {TerminalText.Clean(e.Message)}");
        }
    }

    private static string? Locate(Func<string, string?> variable)
    {
        if (variable(PathVariable) is { Length: > 0 } named)
            return named;
        if (OperatingSystem.IsWindows())
            return variable("APPDATA") is { Length: > 0 } data ? System.IO.Path.Combine(data, "actiontrail", "config") : null;
        if (variable("XDG_CONFIG_HOME") is { Length: > 0 } folder)
            return System.IO.Path.Combine(folder, "actiontrail", "config");
        return variable("HOME") is { Length: > 0 } home ? System.IO.Path.Combine(home, ".config", "actiontrail", "config") : null;
    }

    private void Parse(string[] lines)
    {
        Profile? profile = null;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line is ['[', .., ']'] && IsName(line[1..^1]) && Find(line[1..^1]) is null)
            {
                profile = Open(line[1..^1]);
                continue;
            }

            var sign = line.IndexOf('=', StringComparison.Ordinal);
            var value = line[(sign + 1)..].Trim();
            if (profile is null || sign < 1 || value.Length == 0 || !Set(profile, line[..sign].Trim(), value))
                throw new CliException(ExitCode.Usage, FormattableString.Invariant($"{TerminalText.Clean(Path!)}, line {i + 1}: a profile is [name], each name once, and under it endpoint = …, key = ID:SECRET, account = …"));
        }
    }

    private static bool Set(Profile profile, string name, string value)
    {
        switch (name)
        {
            case "endpoint":
                profile.Endpoint = value;
                return true;
            case "key":
                profile.Key = value;
                return true;
            case "account":
                profile.Account = value;
                return true;
            default:
                return false;
        }
    }
}
