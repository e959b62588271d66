using System.Buffers;
using System.Text;
using System.Text.Json;
using ActionTrail.Generator;

namespace ActionTrail.Tests.Generator;

public sealed class AzureMonitorGeneratorTests
{
    private static readonly GeneratorOptions Options = new() { Start = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), Accounts = ["1b2c3d4e-0000-4000-8000-000000000001"] };

    [Fact]
    public void A_batch_holds_pairs_of_records_with_one_correlation_id_each()
    {
        using var document = JsonDocument.Parse(Make(1, 200));
        var records = document.RootElement.GetProperty("records").EnumerateArray().ToList();
        Assert.Equal(400, records.Count);
        for (var i = 0; i < records.Count; i += 2)
        {
            Assert.Equal("Start", records[i].GetProperty("resultType").GetString());
            Assert.Contains(records[i + 1].GetProperty("resultType").GetString(), (string[])["Success", "Failure"]);
            Assert.Equal(records[i].GetProperty("correlationId").GetString(), records[i + 1].GetProperty("correlationId").GetString());
            Assert.StartsWith("/SUBSCRIPTIONS/1B2C3D4E-0000-4000-8000-000000000001/RESOURCEGROUPS/RG-", records[i].GetProperty("resourceId").GetString(), StringComparison.Ordinal);
            Assert.Equal("Administrative", records[i].GetProperty("category").GetString());
            Assert.Matches(@"^2026-03-0[12]T\d\d:\d\d:\d\d\.\d{7}Z$", records[i].GetProperty("time").GetString());
        }
        var failed = records.Where(r => r.GetProperty("resultType").GetString() == "Failure").ToList();
        Assert.NotEmpty(failed);
        foreach (var record in failed)
        {
            using var status = JsonDocument.Parse(record.GetProperty("properties").GetProperty("statusMessage").GetString()!);
            Assert.Equal($"Failed.{status.RootElement.GetProperty("error").GetProperty("code").GetString()}", record.GetProperty("resultSignature").GetString());
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_batch()
    {
        Assert.Equal(Make(5, 20), Make(5, 20));
        Assert.NotEqual(Make(5, 20), Make(6, 20));
    }

    private static string Make(int seed, int operations)
    {
        using var generator = new AzureMonitorGenerator(seed, Options);
        var buffer = new ArrayBufferWriter<byte>();
        generator.Next(buffer, operations);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
