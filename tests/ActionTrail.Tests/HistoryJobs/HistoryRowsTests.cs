using ActionTrail.Delivery;
using ActionTrail.HistoryJobs;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Tests.HistoryJobs;

/// <summary>What is stored of jobs reads back as it was, and what another version wrote is refused.</summary>
public sealed class HistoryRowsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_a_job_wrote_is_noted_beside_what_a_delivery_of_the_same_time_wrote()
    {
        var ofJob = DeliveryKeys.Unsealed(Start, 77, 0, job: 3);
        Assert.Equal("n00000001772323200000.00000000000000000077.0000~job3", ofJob);
        Assert.NotEqual(ofJob, DeliveryKeys.Unsealed(Start, 77, 0));
        Assert.True(DeliveryKeys.TryParseUnsealed(ofJob, out var hour, out var window));
        Assert.Equal((Start, 77L), (hour, window));
        Assert.InRange(ofJob, DeliveryKeys.FirstUnsealed, DeliveryKeys.AfterUnsealed, StringComparer.Ordinal);
        Assert.True(string.CompareOrdinal(ofJob, DeliveryKeys.UnsealedAfter(Start)) < 0);
        Assert.Equal("j000000000003.00000000000000000077.0012", DeliveryKeys.NotedPiece(3, 77, 12));
        Assert.InRange(DeliveryKeys.NotedPiece(3, 77, 12), DeliveryKeys.FirstNotedPiece, DeliveryKeys.AfterNotedPieces, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_job_with_thousands_of_times_reads_back_as_it_was()
    {
        var bench = await HistoryBench.StartAsync();
        var trail = await bench.CreateTrailAsync();
        var takes = Enumerable.Range(0, 3000).Select(static i => new TimeInterval(Start.AddMinutes(i), Start.AddMinutes(i).AddTicks(7))).ToList();
        var job = new HistoryJob
        {
            Account = HistoryBench.Account,
            JobId = 7,
            State = HistoryJobState.Cancelling,
            Trail = trail with { ETag = "" },
            Targets = [new(DestinationKind.Blob, takes), new(DestinationKind.Logstore, [])],
            From = Start,
            Until = Start.AddDays(1),
            CreatedAt = Start,
            UpdatedAt = Start.AddTicks(1),
            EndedAt = Start.AddTicks(2),
            TokenKey = JobKeys.Token("token"),
        };

        Assert.Equivalent(job, HistoryJob.FromRow(job.ToRow()), strict: true);
        Assert.Equal("j.000000000007", job.ToRow().RowKey);
        Assert.Equal("c.3c469e9d6c5875d37a43f353d4f88e61", job.TokenKey);
        Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(() => HistoryJob.FromRow(job.ToRow().With("JobVersion", 2))).Kind);
        Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(() => HistoryJob.FromRow(job.ToRow().With("JobState", "17"))).Kind);
        Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(() => HistoryJob.FromRow(job.ToRow().With("Destinations", "tape"))).Kind);
    }

    [Fact]
    public void A_work_item_reads_back_as_it_was()
    {
        var item = new HistoryItem
        {
            Account = "acme",
            JobId = 7,
            Kind = DestinationKind.Blob,
            From = Start.AddSeconds(5),
            To = Start.AddDays(1),
            At = Start.AddHours(1),
            PieceTo = Start.AddHours(2),
            State = HistoryItemState.Undelivered,
            Attempts = 3,
            NotBefore = Start,
            SentAt = Start.AddTicks(1),
            ChangedAt = Start.AddTicks(2),
            LastCategory = DeliveryCategory.Denied,
            LastDetail = "closed",
            Events = 5_000_000_000,
            Bytes = 6_000_000_000,
            Objects = 70,
        };

        Assert.Equal(item, HistoryItem.FromRow(item.ToRow()));
        Assert.Equal("i.000000000007.20260301.blob", item.ToRow().RowKey);
        Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(() => HistoryItem.FromRow(item.ToRow().With("ItemVersion", 2))).Kind);
        Assert.True(HistoryMessage.TryParse(item.ToMessage().ToJson(), out var message));
        Assert.Equal(item.ToMessage(), message);
        Assert.Equal("""{"account":"acme","job":7,"day":"2026-03-01","destination":"blob"}""", message.ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"account":"acme","job":0,"day":"2026-03-01","destination":"blob"}""")]
    [InlineData("""{"account":"acme","job":1,"day":"2026-3-1","destination":"blob"}""")]
    [InlineData("""{"account":"acme","job":1,"day":"2026-03-01","destination":"tape"}""")]
    [InlineData("""{"account":"\ud800","job":1,"day":"2026-03-01","destination":"blob"}""")]
    public void What_is_no_message_is_none(string text) => Assert.False(HistoryMessage.TryParse(text, out _));
}
