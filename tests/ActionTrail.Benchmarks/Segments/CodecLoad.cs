using System.Globalization;
using System.IO.Compression;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>The codecs that the platform has, on 64 KiB blocks of generated events in arrival order: why blocks are brotli, and with which window.</summary>
internal static class CodecLoad
{
    private const int BlockBytes = 64 * 1024;

    public static int Run()
    {
        var events = HubPayloadMaker.Events(2000, accounts: 50);
        var blocks = Blocks(events);
        Console.WriteLine("| codec, 64 KiB blocks | events/s per core | us/event | allocated B/event | |");
        Console.WriteLine("| --- | ---: | ---: | ---: | --- |");
        foreach (var (quality, window) in ((int, int)[])[(0, 16), (0, 18), (1, 16), (1, 17), (1, 18), (1, 22), (2, 16), (4, 16)])
            Measure(string.Create(CultureInfo.InvariantCulture, $"brotli quality {quality}, window 2^{window}"), events.Count, blocks, (block, target) =>
                BrotliEncoder.TryCompress(block, target, out var written, quality, window) ? written : throw new InvalidOperationException("too small"));
        foreach (var level in (CompressionLevel[])[CompressionLevel.Fastest, CompressionLevel.Optimal])
            Measure($"deflate {level}", events.Count, blocks, (block, target) => Deflate(block, target, level));
        return 0;
    }

    private static void Measure(string name, int events, List<byte[]> blocks, Func<byte[], byte[], int> compress)
    {
        var target = new byte[2 * BlockBytes];
        var stored = 0L;
        var measure = ThreadClock.Best(20, () =>
        {
            stored = 0;
            foreach (var block in blocks)
                stored += compress(block, target);
        });
        Console.WriteLine(ThreadClock.Row(name, measure, events, $"{stored / events} B/event"));
    }

    private static int Deflate(byte[] block, byte[] target, CompressionLevel level)
    {
        using var stream = new MemoryStream(target);
        using (var deflate = new DeflateStream(stream, level, leaveOpen: true))
            deflate.Write(block);
        return (int)stream.Position;
    }

    private static List<byte[]> Blocks(List<byte[]> events)
    {
        var blocks = new List<byte[]>();
        using var block = new MemoryStream();
        foreach (var one in events)
        {
            if (block.Length + one.Length > BlockBytes)
            {
                blocks.Add(block.ToArray());
                block.SetLength(0);
            }

            block.Write(one);
        }

        blocks.Add(block.ToArray());
        return blocks;
    }
}
