using System.Globalization;
using System.IO.Compression;
using ActionTrail.Benchmarks.Report;
using ActionTrail.Benchmarks.Segments;

namespace ActionTrail.Benchmarks.Store;

/// <summary>What the level of gzip costs in bytes of a delivered object, and in time: why <c>ObjectPart</c> has the one it has.</summary>
internal static class ObjectSizeLoad
{
    private const int BufferBytes = 64 * 1024;
    private const int Count = 4000;
    private const int Rounds = 5;

    /// <summary>.NET's names for levels of zlib: Fastest is 1, Optimal 6.</summary>
    private static readonly int[] Levels = [1, 2, 3, 4, 5, 6, 9];

    public static int Run()
    {
        var table = new MarkdownTable("object of", "gzip level", "stored B/event", "beside level 6", "events/s per core", "MB/s per core");
        Add(table, "generated events", HubPayloadMaker.Events(Count, accounts: 1));
        Add(table, "CloudTrail records of sessions", [.. new SessionTrail(seed: 3).Records().Take(Count)]);
        Console.WriteLine(table);
        return 0;
    }

    private static void Add(MarkdownTable table, string name, List<byte[]> events)
    {
        using var content = new MemoryStream();
        foreach (var one in events)
        {
            content.Write(content.Length == 0 ? "["u8 : ","u8);
            content.Write(one);
        }

        content.Write("]"u8);
        var bytes = content.ToArray();
        var sizes = Levels.ToDictionary(static level => level, level => Pack(bytes, level));
        foreach (var level in Levels)
        {
            var measure = ThreadClock.Best(Rounds, () => Pack(bytes, level), warmUp: 1);
            var seconds = measure.Nanoseconds / 1e9;
            table.Add(
                name, Text(level, "N0"), Text((double)sizes[level] / events.Count, "N1"), Text(((double)sizes[level] / sizes[6]) - 1, "+0.0 %;-0.0 %"),
                Text(events.Count / seconds, "N0"), Text(bytes.Length / 1e6 / seconds, "N0"));
        }
    }

    private static long Pack(byte[] content, int level)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
        {
            for (var at = 0; at < content.Length; at += BufferBytes)
                gzip.Write(content.AsSpan(at, Math.Min(BufferBytes, content.Length - at)));
        }

        return packed.Length;
    }

    private static string Text(double number, string form) => number.ToString(form, CultureInfo.InvariantCulture);
}
