using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ActionTrail.Delivery;
using ActionTrail.Digests;
using ActionTrail.Digests.Validation;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Benchmarks.Store;

/// <summary><c>digests [files] [MiB]</c>: sealing a digest of that many files over memory twins, and validating that many MiB of files in a folder.</summary>
internal static class DigestLoad
{
    private const string Container = "audit-logs";
    private const int FileBytes = 1 << 20;

    public static async Task<int> RunAsync(string[] args)
    {
        var files = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
        var megabytes = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1024;
        Console.WriteLine("| work | result |\n| --- | ---: |");
        await SealAsync(files);
        await ValidateAsync(megabytes);
        return 0;
    }

    private static async Task SealAsync(int files)
    {
        var world = await World.CreateAsync();
        for (var window = 0; window < files / 100; window++)
            await world.AddAsync(window, [.. Enumerable.Range(0, 100).Select(n => world.Object(window, n, new string('a', 64), FileBytes))]);
        var watch = Stopwatch.StartNew();
        var report = await world.Sealer().RunAsync(default);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| seal a digest of {files:N0} files ({report.Digests} sealed) | {watch.Elapsed.TotalSeconds:0.00} s |"));
    }

    private static async Task ValidateAsync(int megabytes)
    {
        var world = await World.CreateAsync();
        var folder = Directory.CreateTempSubdirectory("digest-load").FullName;
        try
        {
            var content = RandomNumberGenerator.GetBytes(FileBytes);
            for (var n = 0; n < megabytes; n++)
            {
                BitConverter.TryWriteBytes(content, n);
                var one = world.Object(n, 0, Convert.ToHexStringLower(SHA256.HashData(content)), FileBytes);
                await world.AddAsync(n, [one]);
                var path = Path.Combine(folder, one.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, content);
            }

            await world.Sealer().RunAsync(default);
            await foreach (var item in world.Objects.ListAsync(Container, "", default))
            {
                var path = Path.Combine(folder, item.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, await world.Objects.ReadAsync(Container, item.Name, 0, (int)item.Length, default));
            }

            var watch = Stopwatch.StartNew();
            var report = await new LogValidator(new Folder(folder), world.Keys.Keys, new ValidationOptions { Parallelism = 8 }, world.Clock).RunAsync(default);
            var rate = report.Bytes / watch.Elapsed.TotalSeconds / 1e6;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| validate {report.Files:N0} files, {report.Bytes / 1e6:N0} MB, {report.FindingCount} findings | {rate:N0} MB/s |"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A trail whose deliveries of one hour wait for their digest.</summary>
    private sealed class World(Trail trail, MemoryTableStore tables, MemoryObjectStore objects, TrailStore trails, Now clock)
    {
        public PemSigningKeys Keys { get; } = new(PemSigningKeys.Create(SigningAlgorithm.Rsa, Now.Begin.AddDays(-1)));

        public MemoryObjectStore Objects => objects;

        public TimeProvider Clock => clock;

        public static async Task<World> CreateAsync()
        {
            var clock = new Now();
            var (tables, objects) = (new MemoryTableStore(), new MemoryObjectStore(clock));
            foreach (var table in Tables.All)
                await tables.CreateTableAsync(table, default);
            await objects.CreateContainerAsync(Container, default);
            var trails = new TrailStore(tables, objects, new TrailsOptions(), clock, NullLogger<TrailStore>.Instance);
            await trails.CreateAsync("acme", new TrailDraft { Name = "trail-one", Container = Container }, default);
            var trail = (await trails.StartAsync("acme", "trail-one", default)).Trail!;
            await DigestRegistry.AddAsync(tables, trail, clock.GetUtcNow(), default);
            clock.Time = Now.Begin.AddMinutes(63);
            return new(trail, tables, objects, trails, clock);
        }

        public DigestSealer Sealer() => new(tables, objects, trails, Keys, new DigestOptions { IsEnabled = true }, clock, NullLogger<DigestSealer>.Instance);

        public DeliveredObject Object(int window, int part, string stored, long bytes)
        {
            var boundary = Now.Begin.AddSeconds(window % 3000).ToUnixTimeMilliseconds();
            var stem = DeliveredObjectName.Stem(ObjectFormat.ActionTrail, prefix: null, directoryId: null, "acme", $"r-{window}", boundary, trail.Key, part);
            return new(DeliveredObjectName.Of(ObjectFormat.ActionTrail, stem, 100, bytes, SHA256.HashData([])), 100, bytes, stored) { Stored = new(bytes, stored, boundary, boundary) };
        }

        public Task AddAsync(int window, IReadOnlyList<DeliveredObject> written) =>
            tables.SubmitAsync(Tables.Deliveries, [UnsealedDeliveries.Row(trail.Key, Now.Begin.AddHours(1), window, 0, Container, written)], default);
    }

    private sealed class Now : TimeProvider
    {
        public static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public DateTimeOffset Time { get; set; } = Begin;

        public override DateTimeOffset GetUtcNow() => Time;
    }

    private sealed class Folder(string root) : IDeliveredFiles
    {
        public string? Container => null;

        public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
                yield return Path.GetRelativePath(root, path);
            await Task.CompletedTask;
        }

        public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) => Task.FromResult<Stream?>(File.Exists(Path.Combine(root, name))
            ? new FileStream(Path.Combine(root, name), new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan })
            : null);
    }
}
