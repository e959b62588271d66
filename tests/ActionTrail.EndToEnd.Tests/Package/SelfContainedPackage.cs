using System.IO.Compression;
using System.Runtime.InteropServices;
using ActionTrail.EndToEnd.Tests.PublishedRoot;

namespace ActionTrail.EndToEnd.Tests.Package;

/// <summary>
/// What <c>tools/package/package.mjs</c> makes for this machine, self-contained and trimmed as it is deployed, and unpacked as a host does; made once for all tests that use it.
/// <c>ACTIONTRAIL_PACKAGE</c> names one that is made already.
/// </summary>
public sealed class SelfContainedPackage : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("actiontrail-package-").FullName;

    public SelfContainedPackage()
    {
        Archive = Environment.GetEnvironmentVariable("ACTIONTRAIL_PACKAGE") is { Length: > 0 } given ? given : Make();
        ZipFile.ExtractToDirectory(Archive, Root);
    }

    /// <summary>The zip.</summary>
    public string Archive { get; }

    /// <summary>The script root.</summary>
    public string Root => Path.Combine(folder, "root");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Make()
    {
        var rid = $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        PublishedFolder.Run(PublishedFolder.FindRepository(), "node", ["tools/package/package.mjs", "--rid", rid, "--out", folder]);
        return Path.Combine(folder, $"actiontrail-{rid}.zip");
    }
}
