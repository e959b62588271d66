using System.Runtime.CompilerServices;
using ActionTrail.Delivery;
using ActionTrail.Digests;
using ActionTrail.Digests.Validation;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Delivery;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Digests;

/// <summary>The delivery bench with a sealer, keys and a validator. Time begins at 2026-03-01T12:00:00Z.</summary>
internal sealed class DigestBench
{
    private DigestBench(DeliveryBench delivery, PemSigningKeys keys) => (Delivery, Keys) = (delivery, keys);

    public DeliveryBench Delivery { get; }

    public PemSigningKeys Keys { get; set; }

    public DigestOptions Options { get; } = new() { IsEnabled = true, Parallelism = 1 };

    public static async Task<DigestBench> StartAsync(SigningAlgorithm algorithm = SigningAlgorithm.Ecdsa) =>
        Over(await DeliveryBench.StartAsync(new DeliveryOptions { DigestInterval = TimeSpan.FromHours(1) }), algorithm);

    /// <summary>For a bench whose deliveries are noted.</summary>
    public static DigestBench Over(DeliveryBench delivery, SigningAlgorithm algorithm = SigningAlgorithm.Ecdsa)
    {
        var bench = new DigestBench(delivery, new PemSigningKeys(PemSigningKeys.Create(algorithm, delivery.Clock.Now.AddDays(-1))));
        bench.Options.Interval = delivery.Options.DigestInterval!.Value;
        return bench;
    }

    public DigestSealer Sealer()
    {
        var tables = new FaultyTableStore(Delivery.Tables, Delivery.Faults);
        var trails = new TrailStore(tables, Delivery.Objects, new TrailsOptions(), Delivery.Clock, NullLogger<TrailStore>.Instance);
        return new(tables, new FaultyObjectStore(Delivery.Outages, Delivery.Faults), trails, Keys, Options, Delivery.Clock, NullLogger<DigestSealer>.Instance);
    }

    /// <summary>A sealer that does not meet the faults: another instance.</summary>
    public DigestSealer Rival() => new(Delivery.Tables, Delivery.Objects, Delivery.Trails, Keys, Options, Delivery.Clock, NullLogger<DigestSealer>.Instance);

    /// <summary>Commits events and delivers them.</summary>
    public async Task DeliverAsync(int events = 2)
    {
        await Delivery.CommitAsync([.. Enumerable.Range(0, events).Select(_ => Delivery.Event())]);
        await Delivery.CloseWindowAsync();
        await Delivery.DrainAsync();
    }

    /// <summary>Moves to three minutes after the next full hour.</summary>
    public void NextHour() => Delivery.Clock.Now = DigestSchedule.Floor(Delivery.Clock.Now, TimeSpan.FromHours(1)) + TimeSpan.FromMinutes(63);

    public async Task<SealReport> SealAsync() => await Sealer().RunAsync(default);

    public async Task<List<Digest>> DigestsAsync(string container = "audit-logs")
    {
        var digests = new List<Digest>();
        await foreach (var item in Delivery.Objects.ListAsync(container, "", default))
        {
            if (!DigestObjectName.TryParse(item.Name, out _, out _))
                continue;
            var content = await Delivery.Objects.ReadAsync(container, item.Name, 0, (int)item.Length, default);
            Assert.True(DigestJson.TryParse(content, out var digest, out var fault), fault);
            digests.Add(digest);
        }

        return [.. digests.OrderBy(static d => d.EndTime)];
    }

    public Task<ValidationReport> ValidateAsync(string container = "audit-logs", ValidationOptions? options = null) =>
        new LogValidator(new StoreFiles(Delivery.Objects, container), Keys.Keys, options ?? new ValidationOptions(), Delivery.Clock).RunAsync(default);

    /// <summary>Every delivered object is named by exactly one digest, and the validator is content.</summary>
    public async Task<ValidationReport> ProveAsync(string container = "audit-logs")
    {
        var named = (await DigestsAsync(container)).SelectMany(static d => d.Files).Select(static f => f.Object).Order(StringComparer.Ordinal);
        var delivered = new List<string>();
        await foreach (var item in Delivery.Objects.ListAsync(container, "", default))
        {
            if (!DigestObjectName.IsInFolder(item.Name))
                delivered.Add(item.Name);
        }

        Assert.Equal(delivered.Order(StringComparer.Ordinal), named);
        var report = await ValidateAsync(container);
        Assert.Equal([], report.Findings);
        Assert.Equal(delivered.Count, report.Files);
        return report;
    }

    /// <summary>A container as the validator reads it.</summary>
    private sealed class StoreFiles(IObjectStore objects, string container) : IDeliveredFiles
    {
        public string? Container => container;

        public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var item in objects.ListAsync(container, "", cancellationToken))
                yield return item.Name;
        }

        public async Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) =>
            await objects.FindAsync(container, name, cancellationToken) is null ? null : await objects.OpenReadAsync(container, name, cancellationToken);
    }
}

/// <summary>A copy of a container that a test may tamper with.</summary>
internal sealed class CopiedFiles(string? container) : IDeliveredFiles
{
    public SortedDictionary<string, byte[]> All { get; } = new(StringComparer.Ordinal);

    public string? Container => container;

    public static async Task<CopiedFiles> OfAsync(IObjectStore objects, string container)
    {
        var copy = new CopiedFiles(container);
        await foreach (var item in objects.ListAsync(container, "", default))
            copy.All[item.Name] = await objects.ReadAsync(container, item.Name, 0, (int)item.Length, default);
        return copy;
    }

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var name in All.Keys.ToList())
            yield return name;
        await Task.CompletedTask;
    }

    public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult<Stream?>(All.TryGetValue(name, out var content) ? new MemoryStream(content, writable: false) : null);
}
