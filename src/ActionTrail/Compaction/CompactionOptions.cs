namespace ActionTrail.Compaction;

/// <summary>Settings of compaction. The bounds keep one plan small enough to be finished in one run and to be held in memory.</summary>
public sealed class CompactionOptions
{
    /// <summary>Number of shards a store starts with, 1 to 4096; its first plan fixes it. Default 1.</summary>
    public int Shards { get; set; } = 1;

    /// <summary>Younger commits wait. Default 30 s.</summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Commits wait for more of them until the oldest is this old, or <see cref="EnoughBytes"/> are there. Default 5 min.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes of fresh segments that are worth a plan at once. Default 8 MiB.</summary>
    public long EnoughBytes { get; set; } = 8L * 1024 * 1024;

    /// <summary>Most bytes of fresh segments that one plan takes up; a single larger commit has its own. Default 24 MiB, some 75,000 events.</summary>
    public long MaxFreshBytes { get; set; } = 24L * 1024 * 1024;

    /// <summary>Most commits that one plan takes up. Default 512.</summary>
    public int MaxFreshCommits { get; set; } = 512;

    /// <summary>Segments of one day and like size that are merged while the day is open. Default 8.</summary>
    public int MergeCount { get; set; } = 8;

    /// <summary>Most segments that one plan merges. Default 32.</summary>
    public int MaxMergeCount { get; set; } = 32;

    /// <summary>Most bytes that one plan merges. Default 128 MiB.</summary>
    public long MaxMergeBytes { get; set; } = 128L * 1024 * 1024;

    /// <summary>A segment of as many events is not merged further. Default 500,000.</summary>
    public int FullRows { get; set; } = 500_000;

    /// <summary>Nor one of as many bytes. Default 64 MiB.</summary>
    public long FullBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>An account with as many events in a plan's share of a shard gets segments of its own, and keeps to them while these hold as many. Default 65,536.</summary>
    public int LargeAccountRows { get; set; } = 65_536;

    /// <summary>Most accounts of a shard that keep to segments of their own, the largest ones: each plan makes one more segment for each. Default 32.</summary>
    public int MaxLargeAccounts { get; set; } = 32;

    /// <summary>A segment of as many events gets a sieve, which spares lookups of rare values its head: smaller heads are cheap. Default 131,072.</summary>
    public int SieveRows { get; set; } = 131_072;

    /// <summary>Late events of a day are waited for before its segments are merged to the last. Default 2 h.</summary>
    public TimeSpan DayGrace { get; set; } = TimeSpan.FromHours(2);

    /// <summary>As <see cref="DayGrace"/>, for a week. Default 1 day.</summary>
    public TimeSpan WeekGrace { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long merged segments stay for readers that saw them in force. Longer than any read and any run. Default 1 h.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long fresh segments stay after they were taken up, for deliveries of recent windows. Default 2 days.</summary>
    public TimeSpan FreshGrace { get; set; } = TimeSpan.FromDays(2);

    /// <summary>How long segments that retention retired stay before they are deleted. Default 1 day.</summary>
    public TimeSpan PurgeGrace { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Plans that stay although nothing of theirs is left to delete: for repairs, and for readers that are a little behind. Default 100.</summary>
    public int KeptPlans { get; set; } = 100;

    /// <summary>Plans beyond <see cref="KeptPlans"/> that are forgotten together, which costs a list of all segments in force. Default 500.</summary>
    public int ForgottenPlans { get; set; } = 500;

    /// <summary>No plan is begun after this time of a run. Default 4 min.</summary>
    public TimeSpan RunTime { get; set; } = TimeSpan.FromMinutes(4);

    /// <summary>Age of the oldest waiting commit beyond which compaction is said to fall behind. Default 30 min.</summary>
    public TimeSpan BacklogAlarm { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Bytes of decoded blocks that are kept while a plan reads its inputs several times. Default 192 MiB.</summary>
    public long KeptBytes { get; set; } = 192L * 1024 * 1024;
}
