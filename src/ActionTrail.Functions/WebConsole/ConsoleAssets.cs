using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;

namespace ActionTrail.Functions.WebConsole;

/// <summary>A file of the console. <paramref name="ETag"/> is of its content, so that a browser keeps it until a deployment changes it.</summary>
internal sealed record ConsoleAsset(string ContentType, byte[] Content, byte[] Gzip, string ETag);

/// <summary>The files of <c>src/ActionTrail.Console</c>, which the assembly carries: name without folder → file. Nothing is read from disk.</summary>
internal static class ConsoleAssets
{
    /// <summary>What the project file names the resources after.</summary>
    private const string Prefix = "console/";

    public const string Start = "index.html";

    private static readonly Lazy<FrozenDictionary<string, ConsoleAsset>> Files = new(Load);

    public static FrozenDictionary<string, ConsoleAsset> All => Files.Value;

    private static FrozenDictionary<string, ConsoleAsset> Load()
    {
        var assembly = typeof(ConsoleAssets).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(static name => name[Prefix.Length..], name => Read(name, assembly.GetManifestResourceStream(name)!), StringComparer.Ordinal);
    }

    private static ConsoleAsset Read(string name, Stream stream)
    {
        using (stream)
        {
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
                gzip.Write(content);
            return new(TypeOf(name), content, packed.ToArray(), $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"");
        }
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The console has no type for {other}."),
    };
}
