using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Tests.Proofs;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Verify;

/// <summary>One bit of any object of a store is changed, each bit of each: the verification names that object.</summary>
public sealed class BitFlipTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Any_changed_bit_of_any_object_is_found_and_its_object_named(bool isCompacted)
    {
        var world = await ProofWorld.CreateAsync();
        await world.Compaction.CommitAsync(1);
        await world.Ingest.NewRival().IngestAsync(world.Ingest.Batch(world.Ingest.Message(9, "bad")), default);
        await world.SealAsync();
        world.Compaction.Time.Advance(TimeSpan.FromMinutes(1));
        if (isCompacted)
        {
            await world.Compaction.CompactAsync();
            await world.Ingest.Objects.DeleteAsync(Containers.Events, (await world.Ingest.CommitsAsync())[0].Segment!.Name, default);
        }

        await world.AssertSoundAsync();
        var (bits, names) = (0, new List<string>());
        foreach (var container in (string[])[Containers.Events, Containers.Quarantine, Containers.Proofs])
        {
            await foreach (var item in world.Ingest.Objects.ListAsync(container, "", default))
                names.Add($"{container}/{item.Name}");
        }

        foreach (var name in names)
        {
            var (container, key) = (name[..name.IndexOf('/', StringComparison.Ordinal)], name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]);
            var found = (await world.Ingest.Objects.FindAsync(container, key, default))!;
            var content = await world.Ingest.Objects.ReadAsync(container, key, 0, (int)found.Length, default);
            for (var bit = 0; bit < 8 * content.Length; bit++, bits++)
            {
                content[bit / 8] ^= (byte)(1 << (bit % 8));
                await ReplaceAsync(world, container, key, content);
                var report = await world.Ingest.VerifyAsync();
                Assert.True(report.Problems.Any(problem => problem.Object == name), $"bit {bit} of {name}: {string.Join("; ", report.Problems)}");
                content[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            await ReplaceAsync(world, container, key, content);
        }

        await world.AssertSoundAsync();
        output.WriteLine($"{bits} bits of {names.Count} objects");
    }

    private static async Task ReplaceAsync(ProofWorld world, string container, string name, byte[] content)
    {
        await world.Ingest.Objects.DeleteAsync(container, name, default);
        await world.Ingest.Objects.CreateAsync(container, name, content, ObjectLabel.Binary, default);
    }
}
