namespace ActionTrail.Layout;

/// <summary>Names of the tables that the data account holds.</summary>
public static class Tables
{
    /// <summary>The commit log: PK <c>{store}.{partition}</c>; RK <c>c{last:D20}</c>, <c>head</c>, <c>q{last:D20}</c>.</summary>
    public const string Commits = "commits";

    /// <summary>Compacted segments: PK <c>{store}.{shard:D4}</c>; RK <c>{since:D20}.{number:D6}</c>.</summary>
    public const string Segments = "segments";

    /// <summary>Positions and registries: PK <c>{store}</c>; RK <c>partition.{partition}</c>, <c>purge.{partition}</c>, <c>compaction</c>, <c>plan-{n:D20}</c>, <c>sweep</c>.</summary>
    public const string Progress = "progress";

    public const string Windows = "windows";
    public const string Deliveries = "deliveries";
    public const string Digests = "digests";
    public const string Trails = "trails";
    public const string Accounts = "accounts";
    public const string AccessKeys = "accesskeys";
    public const string Directories = "directories";
    public const string Quarantine = "quarantine";

    /// <summary>History delivery jobs; see <see cref="JobKeys"/>.</summary>
    public const string Jobs = "jobs";

    /// <summary>Logstores: PK <c>{account}</c>; RK <c>{project}.{name}</c>.</summary>
    public const string Logstores = "logstores";

    /// <summary>Saved queries: PK <c>{account}</c>; RK <c>h.{inverted ticks:D19}.{id}</c>, <c>t.{id}</c>.</summary>
    public const string Queries = "queries";

    /// <summary>The log of commits and its checkpoints: keys in <see cref="SealKeys"/>.</summary>
    public const string Checkpoints = "checkpoints";

    public static IReadOnlyList<string> All { get; } = [Commits, Segments, Progress, Windows, Deliveries, Digests, Trails, Accounts, AccessKeys, Directories, Jobs, Quarantine, Queries, Checkpoints, Logstores];
}

/// <summary>Names of the Blob containers that the data account holds; delivery containers are named by trails.</summary>
public static class Containers
{
    public const string Events = "events";
    public const string Quarantine = "quarantine";

    /// <summary>Leaf hashes of events and tiles of the log of commits.</summary>
    public const string Proofs = "proofs";

    public static IReadOnlyList<string> All { get; } = [Events, Quarantine, Proofs];
}

/// <summary>Names of the work queues.</summary>
public static class Queues
{
    public const string DeliverBlob = "deliver-blob";
    public const string DeliverLogstore = "deliver-logstore";

    /// <summary>Of event hubs and Log Analytics.</summary>
    public const string DeliverStream = "deliver-stream";

    public const string DeliverHistory = "deliver-history";

    /// <summary>The host moves what failed too often to the queue of this name.</summary>
    public const string PoisonSuffix = "-poison";

    public static IReadOnlyList<string> All { get; } = [.. new[] { DeliverBlob, DeliverLogstore, DeliverStream, DeliverHistory }.SelectMany(static queue => new[] { queue, queue + PoisonSuffix })];
}
