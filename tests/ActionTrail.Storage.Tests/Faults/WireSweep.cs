using ActionTrail.Azure;
using ActionTrail.Storage.Tests.Azurite;
using Xunit.Abstractions;

namespace ActionTrail.Storage.Tests.Faults;

/// <summary>What the store holds after a broken run.</summary>
public enum WireState
{
    Old,
    New,
    Doubled,
}

/// <summary>One broken run: whether the wire stayed broken, what the caller was told (null: done) and what the store holds.</summary>
internal sealed record WireRun(bool Lasting, StoreErrorKind? Failure, WireState State);

/// <summary>An operation over a breakable connection, and how to read its outcome over a whole one.</summary>
internal delegate Task<(Func<Task> Act, Func<Task<WireState>> Check)> WireOperation(StorageConnection broken, string name);

/// <summary>Breaks every request of an operation in every way, once and for good.</summary>
internal sealed class WireSweep(AzuriteFixture azurite, ITestOutputHelper output)
{
    private static readonly WireFault[] Faults = Enum.GetValues<WireFault>();

    /// <summary>Runs the operation unbroken first: it must make <paramref name="requests"/> requests and end as expected.</summary>
    public async Task<List<WireRun>> RunAsync(string title, int requests, WireOperation prepare, StoreErrorKind? unbroken = null)
    {
        var whole = new BreakingTransport(at: -1, WireFault.Refused);
        var counted = await OnceAsync(whole, lasting: false, prepare);
        Assert.Equal(unbroken, counted.Failure);
        Assert.Equal(requests, whole.Seen);
        var runs = new List<WireRun>();
        foreach (var lasting in new[] { false, true })
        {
            for (var i = 0; i < requests; i++)
            {
                foreach (var fault in Faults)
                {
                    var transport = new BreakingTransport(i, fault, lasting);
                    var run = await OnceAsync(transport, lasting, prepare);
                    Assert.True(transport.Seen > i, "The fault was not reached.");
                    output.WriteLine($"{title} request {i} {fault}{(lasting ? " for good" : "")}: {run.Failure?.ToString() ?? "done"}, {run.State}");
                    runs.Add(run);
                }
            }
        }

        Assert.Equal(requests * 8 * 2, runs.Count);
        return runs;
    }

    private async Task<WireRun> OnceAsync(BreakingTransport transport, bool lasting, WireOperation prepare)
    {
        var connection = StorageConnection.FromConnectionString(azurite.ConnectionString, transport, static retry =>
        {
            retry.Delay = TimeSpan.FromMilliseconds(1);
            retry.MaxDelay = TimeSpan.FromMilliseconds(2);
            retry.MaxRetries = 2;
        });
        var (act, check) = await prepare(connection, "w" + Guid.NewGuid().ToString("N"));
        StoreErrorKind? failure = null;
        try
        {
            await act();
        }
        catch (StoreException told)
        {
            failure = told.Kind;
        }

        return new WireRun(lasting, failure, await check());
    }
}
