using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>
/// Holds <see cref="SessionTrail"/> to what was measured on 2,900 real CloudTrail records: 1,262 B mean, 10.5 times by whole-file gzip, 138 B
/// per record in 64 KiB blocks of deflate 6, 123 B of brotli 5.
/// </summary>
internal static class SessionTrailLoad
{
    private const int BlockBytes = 64 * 1024;

    /// <summary>Hub messages of up to 20 records each.</summary>
    public static IEnumerable<byte[]> Messages(int seed) => new SessionTrail(seed).Records().Chunk(20)
        .Select(static records => Encoding.UTF8.GetBytes("{\"Records\":[" + string.Join(',', records.Select(Encoding.UTF8.GetString)) + "]}"));

    public static int Run()
    {
        Console.WriteLine("| records | mean B | median B | 95 % B | reads | refused | gzip, whole | deflate 6, 64 KiB blocks, B | brotli 5, 64 KiB blocks, B |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var count in (int[])[2_900, 15_600])
        {
            var records = new SessionTrail(11).Records().Take(count).ToList();
            var lengths = records.Select(static r => r.Length).Order().ToList();
            var whole = records.SelectMany(static r => r.Append((byte)'\n')).ToArray();
            double Share(string part) => 100.0 * records.Count(r => r.AsSpan().IndexOf(Encoding.UTF8.GetBytes(part)) >= 0) / count;
            double Blocks(Func<byte[], int> pack) => (double)whole.Chunk(BlockBytes).Sum(pack) / count;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {count:N0} | {lengths.Average():N0} | {lengths[count / 2]:N0} | {lengths[count * 95 / 100]:N0} | {Share("\"readOnly\":true"):F0} % | {Share("\"errorCode\""):F0} % | {(double)whole.Length / Gzip(whole):F1} times | {Blocks(Deflate):F0} | {Blocks(Brotli):F0} |"));
        }

        return 0;
    }

    private static int Gzip(byte[] raw) => Packed(raw, static target => new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true));

    private static int Deflate(byte[] raw) => Packed(raw, static target => new DeflateStream(target, CompressionLevel.Optimal, leaveOpen: true));

    private static int Brotli(byte[] raw)
    {
        var target = new byte[BrotliEncoder.GetMaxCompressedLength(raw.Length)];
        return BrotliEncoder.TryCompress(raw, target, out var length, 5, 16) ? length : raw.Length;
    }

    private static int Packed(byte[] raw, Func<Stream, Stream> pack)
    {
        using var target = new MemoryStream();
        using (var packer = pack(target))
            packer.Write(raw);
        return (int)target.Length;
    }
}
