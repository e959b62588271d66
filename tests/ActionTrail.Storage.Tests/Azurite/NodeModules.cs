using System.Diagnostics;

namespace ActionTrail.Storage.Tests.Azurite;

/// <summary>Installs the npm packages of a folder by its lock file, once per lock file, and starts programs there.</summary>
internal static class NodeModules
{
    public static async Task InstallAsync(string folder)
    {
        var wanted = await File.ReadAllTextAsync(Path.Combine(folder, "package-lock.json"));
        var mark = Path.Combine(folder, "node_modules", ".installed-lock.json");

        // Test projects run side by side, and two installations in one folder break each other.
        await using var turn = await TakeTurnAsync(folder);
        if (File.Exists(mark) && await File.ReadAllTextAsync(mark) == wanted)
            return;
        var (code, output) = await RunAsync(folder, "npm", "ci", "--no-progress", "--no-audit", "--no-fund");
        if (code != 0)
            throw new InvalidOperationException($"npm ci in {folder} ended with {code}: {output}");
        await File.WriteAllTextAsync(mark, wanted);
    }

    public static Process Start(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    /// <summary>Runs a program to its end; gives its exit code and what it wrote.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string folder, string program, params string[] arguments)
    {
        using var process = Start(folder, program, arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    private static async Task<FileStream> TakeTurnAsync(string folder)
    {
        var path = Path.Combine(Path.GetTempPath(), $"actiontrail-npm-{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(folder)))[..16]}.lock");
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < 1200)
            {
                await Task.Delay(250);
            }
        }
    }
}
