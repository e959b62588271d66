using System.Security.Cryptography;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Tests.Ingest;

namespace ActionTrail.Tests.Segments;

/// <summary>A sieve never denies a value that its segment has, and says so when it is not whole.</summary>
public sealed class SieveTests
{
    private static readonly string Folder = SegmentFixtureTests.Formats();

    private static byte[] Segment => File.ReadAllBytes(Path.Combine(Folder, "segment-l1-v1.aud"));

    [Fact]
    public void The_frozen_sieve_of_version_1_is_what_its_segment_makes()
    {
        var path = Path.Combine(Folder, "sieve-v1.aus");
        if (Environment.GetEnvironmentVariable("ACTIONTRAIL_NEW_FIXTURE") == "sieve")
            File.WriteAllBytes(path, Sieve());
        Assert.Equal(File.ReadAllBytes(path), Sieve());
    }

    [Fact]
    public async Task Every_value_of_the_frozen_segment_passes_its_frozen_sieve_and_few_others_do()
    {
        var (source, segment) = await StoredAsync(File.ReadAllBytes(Path.Combine(Folder, "sieve-v1.aus")));
        foreach (var (attribute, hash) in SegmentFixtureTests.Events().SelectMany(static one => one.Values).Distinct())
            Assert.True(await source.MayHoldAsync(segment, [new(attribute, hash)], reads: null, default), $"{attribute} {hash:X16} is denied.");
        var passed = 0;
        for (var i = 0; i < 10_000; i++)
            passed += await source.MayHoldAsync(segment, [new((EventAttribute)(i % EventAttributes.Count), Hash64.Of($"absent-{i}"))], reads: null, default) ? 1 : 0;
        Assert.InRange(passed, 0, 100);
    }

    [Fact]
    public async Task All_conditions_must_pass_and_a_value_without_a_hash_is_never_denied()
    {
        var (source, segment) = await StoredAsync(Sieve());
        var (there, absent) = (new AttributeFilter(EventAttribute.EventId, Hash64.Of("event-7")), new AttributeFilter(EventAttribute.User, Hash64.Of("nobody")));
        Assert.True(await source.MayHoldAsync(segment, [there], null, default));
        Assert.False(await source.MayHoldAsync(segment, [there, absent], null, default));
        Assert.True(await source.MayHoldAsync(segment, [], null, default));
        Assert.True(await source.MayHoldAsync(segment, [new(EventAttribute.User, 0xFFFF_FFFF)], null, default));
        Assert.True(await source.MayHoldAsync(segment with { Sieve = null }, [absent], null, default));
    }

    [Fact]
    public async Task A_page_is_read_once_and_a_cached_head_is_asked_instead()
    {
        var (source, segment) = await StoredAsync(Sieve(), headBytes: 1 << 20);
        var (reads, absent) = (new SegmentReads(), new AttributeFilter(EventAttribute.User, Hash64.Of("nobody")));
        Assert.False(await source.MayHoldAsync(segment, [absent], reads, default));
        Assert.False(await source.MayHoldAsync(segment, [absent], reads, default));
        Assert.Equal((1, (long)SieveReference.PageBytes), (reads.Requests, reads.Bytes));
        await source.OpenAsync(segment, default);
        Assert.True(await source.MayHoldAsync(segment, [absent], reads, default));
    }

    [Fact]
    public async Task A_sieve_that_is_asked_often_gives_way_to_the_head_while_that_has_room()
    {
        var absent = new AttributeFilter(EventAttribute.User, Hash64.Of("nobody"));
        foreach (var (headBytes, expected) in new[] { (1L << 20, 8), (0L, 20) })
        {
            var (source, segment) = await StoredAsync(Sieve(), headBytes: headBytes);
            var denied = 0;
            for (var i = 0; i < 20; i++)
            {
                if (await source.MayHoldAsync(segment, [absent], null, default))
                    await source.OpenAsync(segment, default);
                else
                    denied++;
            }

            Assert.Equal(expected, denied);
        }
    }

    [Fact]
    public async Task Every_flipped_bit_of_a_page_is_a_typed_error_and_never_a_denial()
    {
        var sieve = Sieve();
        var there = new AttributeFilter(EventAttribute.EventId, Hash64.Of("event-7"));
        var page = SieveFormat.PageOf(SieveFormat.KeyOf(EventAttribute.EventId, (uint)(there.Hash >> 32)), SieveBuilder.Reference("", sieve).Pages);
        for (var bit = 0; bit < SieveReference.PageBytes * 8; bit++)
        {
            var damaged = sieve.ToArray();
            damaged[SieveReference.OffsetOf(page) + (bit / 8)] ^= (byte)(1 << (bit % 8));
            var (source, segment) = await StoredAsync(damaged);
            var error = await Assert.ThrowsAsync<StoreException>(() => source.MayHoldAsync(segment, [there], null, default));
            Assert.Equal(StoreErrorKind.Corrupt, error.Kind);
        }
    }

    [Fact]
    public async Task Pages_of_another_place_another_segment_or_another_number_of_pages_and_shortened_ones_are_refused()
    {
        var sieve = Sieve();
        var there = new AttributeFilter(EventAttribute.EventId, Hash64.Of("event-7"));
        var pages = SieveBuilder.Reference("", sieve).Pages;
        Assert.True(pages > 1);
        var turned = sieve.ToArray();
        for (var page = 0; page < pages; page++)
            sieve.AsSpan((int)SieveReference.OffsetOf((page + 1) % pages), SieveReference.PageBytes).CopyTo(turned.AsSpan((int)SieveReference.OffsetOf(page)));
        foreach (var wrong in new[] { turned, SieveBuilder.Build(Head(), SHA256.HashData("another"u8)), sieve[..SieveReference.HeaderBytes] })
        {
            var (source, segment) = await StoredAsync(wrong, pages);
            Assert.Equal(StoreErrorKind.Corrupt, (await Assert.ThrowsAsync<StoreException>(() => source.MayHoldAsync(segment, [there], null, default))).Kind);
        }

        for (var claimed = 1; claimed < pages; claimed++)
        {
            var (source, segment) = await StoredAsync(sieve, claimed);
            Assert.Equal(StoreErrorKind.Corrupt, (await Assert.ThrowsAsync<StoreException>(() => source.MayHoldAsync(segment, [there], null, default))).Kind);
        }
    }

    private static SegmentHead Head()
    {
        var content = Segment;
        using var facts = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "segment-l1-v1.json")));
        return SampleEvents.Parse(content, facts.RootElement.GetProperty("headOffset").GetInt32());
    }

    private static byte[] Sieve() => SieveBuilder.Build(Head(), SHA256.HashData(Segment));

    private static async Task<(SegmentSource Source, SegmentReference Segment)> StoredAsync(byte[] sieve, int? pages = null, long headBytes = 0)
    {
        var objects = new MemoryObjectStore(new SettableTime());
        await objects.CreateContainerAsync(Containers.Events, default);
        await objects.CreateAsync(Containers.Events, "segment", Segment, ObjectLabel.Binary, default);
        await objects.CreateAsync(Containers.Events, "sieve", sieve, ObjectLabel.Binary, default);
        var head = Head();
        var reference = new SegmentReference("segment", Segment.Length, head.HeadOffset, SHA256.HashData(Segment), head.MinEventTimeMs, head.MaxEventTimeMs, AccountSummary.Any)
        {
            Sieve = new("sieve", pages ?? SieveBuilder.Reference("sieve", sieve).Pages),
        };
        return (new SegmentSource(objects, new SegmentCacheOptions { HeadBytes = headBytes }), reference);
    }
}
