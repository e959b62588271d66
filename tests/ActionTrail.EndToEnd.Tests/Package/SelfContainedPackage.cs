using System.IO.Compression;
using System.Runtime.InteropServices;
using ActionTrail.EndToEnd.Tests.PublishedRoot;

namespace ActionTrail.EndToEnd.Tests.Package;

/// <summary>
/// What <c>tools/package/package.mjs</c> makes for this machine, self-contained and trimmed as it is deployed, and unpacked as a host does; made once, when the first test wants it.
/// <c>ACTIONTRAIL_PACKAGE</c> names one that is made already.
/// </summary>
public sealed class SelfContainedPackage : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("actiontrail-package-").FullName;

    private readonly Lazy<string> archive;
    private readonly Lazy<string> root;

    public SelfContainedPackage()
    {
        archive = new(() => Environment.GetEnvironmentVariable("ACTIONTRAIL_PACKAGE") is { Length: > 0 } given ? given : Make());
        root = new(Unpack);
    }

    /// <summary>The zip.</summary>
    public string Archive => archive.Value;

    /// <summary>The script root.</summary>
    public string Root => root.Value;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Unpack()
    {
        var to = Path.Combine(folder, "root");
        ZipFile.ExtractToDirectory(Archive, to);
        return to;
    }

    private string Make()
    {
        var rid = $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        PublishedFolder.Run(PublishedFolder.FindRepository(), "node", ["tools/package/package.mjs", "--rid", rid, "--out", folder]);
        return Path.Combine(folder, $"actiontrail-{rid}.zip");
    }
}
