using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace ActionTrail.EndToEnd.Tests.PublishedRoot;

/// <summary>What <c>dotnet publish</c> makes, once for all tests of the collection.</summary>
public sealed class PublishedFolder : IDisposable
{
    public PublishedFolder()
    {
        Repository = FindRepository();
        Folder = Directory.CreateTempSubdirectory("actiontrail-publish-").FullName;

        // What this test run was built with: publishing then only copies.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        Run("dotnet", "publish", "src/ActionTrail.Functions", "--no-build", "-c", configuration, "-o", Folder, "--nologo", "-v", "q");
    }

    public string Folder { get; }

    public string Repository { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Runs a tool in the repository; its output. Fails with what it printed.</summary>
    public string Run(string tool, params string[] arguments) => Run(Repository, tool, arguments);

    public static string Run(string folder, string tool, string[] arguments)
    {
        var start = new ProcessStartInfo(tool) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.Result : throw new InvalidOperationException($"{tool} {string.Join(' ', arguments)} failed: {output.Result}{errors.Result}");
    }

    /// <summary>Starts the published executable as the host does: elsewhere, with the host's own web settings in its environment. Its exit code and the lines it printed.</summary>
    public Task<(int ExitCode, string[] Lines)> RunAsync(params (string Name, string Value)[] settings) => RunAsync(Folder, settings);

    public static async Task<(int ExitCode, string[] Lines)> RunAsync(string root, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(Path.Combine(root, OperatingSystem.IsWindows() ? "ActionTrail.Functions.exe" : "ActionTrail.Functions"))
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(static k => k.StartsWith("ActionTrail", StringComparison.Ordinal) || k.StartsWith("AzureWebJobs", StringComparison.Ordinal) || k.StartsWith("OTEL_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        var port = FreePort().ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in new[] { ("ASPNETCORE_URLS", "http://+:80"), ("ASPNETCORE_CONTENTROOT", "/nowhere"), ("FUNCTIONS_CUSTOMHANDLER_PORT", port), ("FUNCTIONS_HTTPWORKER_PORT", port) }.Concat(settings))
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, (await output + await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static string FindRepository([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));
}

[CollectionDefinition(nameof(PublishedFolder))]
public sealed class PublishedFolders : ICollectionFixture<PublishedFolder>;
