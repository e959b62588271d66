using ActionTrail.EndToEnd.Tests.PublishedRoot;

namespace ActionTrail.EndToEnd.Tests.Package;

/// <summary>The archive depends on the files in it and on nothing else.</summary>
[Collection(nameof(PublishedFolder))]
public sealed class PackingTests(PublishedFolder published) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("actiontrail-packing-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_same_files_give_the_same_bytes()
    {
        var packages = new[] { "one", "two" }.Select(name => Path.Combine(folder, name)).ToList();
        foreach (var package in packages)
            published.Run("node", "tools/package/package.mjs", "--from", published.Folder, "--out", package);

        var files = packages.ConvertAll(static package => Path.Combine(package, "actiontrail-linux-x64.zip"));
        Assert.Equal(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[1]));
    }
}
