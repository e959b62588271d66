using System.Globalization;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>Where the handler is and how the host would start it.</summary>
internal sealed record HandlerLaunch(string ScriptRoot, string HostJson, string FunctionsFolder, string BinaryFolder)
{
    /// <summary>A published script root: host.json, function folders and executable side by side.</summary>
    public static HandlerLaunch Published(string scriptRoot) => new(scriptRoot, Path.Combine(scriptRoot, "host.json"), scriptRoot, scriptRoot);

    /// <summary>
    /// The repository this runner was built in: host.json at its top, the function folders in the source, and the executable that was built with
    /// the same configuration.
    /// </summary>
    public static HandlerLaunch InRepository(string ownFolder)
    {
        var repository = RepositoryAbove(ownFolder);
        var functions = Path.Combine(repository, "src", "ActionTrail.Functions");
        var output = new DirectoryInfo(ownFolder);
        return new HandlerLaunch(
            repository,
            Path.Combine(repository, "host.json"),
            Path.Combine(functions, "functions"),
            Path.Combine(functions, "bin", output.Parent!.Name, output.Name));
    }

    /// <summary>The folder above that holds the solution; a <see cref="RunnerException"/> when there is none.</summary>
    public static string RepositoryAbove(string folder)
    {
        for (var candidate = new DirectoryInfo(folder); candidate is not null; candidate = candidate.Parent)
        {
            if (File.Exists(Path.Combine(candidate.FullName, "ActionTrail.Functions.sln")))
            {
                return candidate.FullName;
            }
        }

        throw new RunnerException($"No repository with ActionTrail.Functions.sln is above {folder}: start the runner from a clone.");
    }

    /// <summary>The start of one handler process, by the host's rules: settings and port in the environment, arguments expanded.</summary>
    public ChildStart Start(HostSettings host, AppSettings settings, int port, Guid workerId)
    {
        var environment = new Dictionary<string, string>(settings.Values, StringComparer.Ordinal);
        var number = port.ToString(CultureInfo.InvariantCulture);
        environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = number;
        environment["FUNCTIONS_HTTPWORKER_PORT"] = number;
        environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = workerId.ToString("D");
        environment["FUNCTIONS_HTTPWORKER_ID"] = workerId.ToString("D");
        environment["FUNCTIONS_APP_ROOT_PATH"] = ScriptRoot;

        // Not the host's: it leaves handlers behind when it is killed. Ours end with the pipe that the runner holds.
        environment["ACTIONTRAIL_EXIT_WITH_STDIN"] = "1";

        return new ChildStart("handler", Executable(host), [.. host.Arguments.Select(Expand)], WorkingDirectory(host)) { Environment = environment };

        string Expand(string argument) => environment.Aggregate(argument, (text, pair) => text.Replace($"%{pair.Key}%", pair.Value, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The full path when the file is there, else a command on PATH, as the host decides it.</summary>
    private string Executable(HostSettings host)
    {
        foreach (var name in new[] { host.ExecutablePath, host.ExecutablePath + ".exe" })
        {
            var path = Path.Combine(BinaryFolder, name);
            if (File.Exists(path) && (OperatingSystem.IsWindows() || !name.EndsWith(".exe", StringComparison.Ordinal)))
            {
                return path;
            }
        }

        return host.Arguments.Count > 0
            ? host.ExecutablePath
            : throw new RunnerException($"The handler {Path.Combine(BinaryFolder, host.ExecutablePath)} is not there. Build it: dotnet build src/ActionTrail.Functions, or give a published script root with --handler.");
    }

    private string WorkingDirectory(HostSettings host) => host.WorkingDirectory is null ? ScriptRoot : Path.Combine(ScriptRoot, host.WorkingDirectory);
}
