using ActionTrail.Access;
using ActionTrail.Azure;
using ActionTrail.Azure.Streaming;
using ActionTrail.Compaction;
using ActionTrail.Delivery;
using ActionTrail.Digests;
using ActionTrail.Events;
using ActionTrail.Events.Redaction;
using ActionTrail.HistoryJobs;
using ActionTrail.Ingest;
using ActionTrail.Logstores;
using ActionTrail.Proofs;
using ActionTrail.Query;
using ActionTrail.Retention;
using ActionTrail.Segments;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Settings;

/// <summary>Every setting of the app, read and checked once at start. docs/settings.md shows the same table; a test compares them.</summary>
internal sealed record AppSettings
{
    public static readonly Setting Port = new("FUNCTIONS_CUSTOMHANDLER_PORT", Default: null, "Port on 127.0.0.1 to listen on. The Functions host sets it.");
    public static readonly Setting DataAccount = new("ActionTrailStorage", Default: null, "The data account: a connection string, or the section `ActionTrailStorage__blobServiceUri`, `__queueServiceUri`, `__tableServiceUri` (or `__accountName`) with `__credential` and `__clientId` for an identity.");
    public static readonly Setting OperatorKey = new("ActionTrail__OperatorKey", Default: null, "Password of the Basic user `operator`, at least 20 characters. On Azure a Key Vault reference, which the platform resolves.");
    public static readonly Setting EncryptionKey = new("ActionTrail__EncryptionKey", Default: null, "Base64 of 32 random bytes; seals access key secrets and signs continuation tokens. Losing it voids all access keys. On Azure a Key Vault reference.");
    public static readonly Setting PublicAddress = new("ActionTrail__PublicAddress", Default: "", "Absolute http(s) address under which clients see the app, for links. Without it the request's own host is used.");

    public static readonly Setting FailedSignIns = new("ActionTrail__FailedSignInsPerMinute", "60", "Failed attempts to sign in that a client address, and an access key, may make per minute on each instance, 10 to 10000, twice as many at once; more are answered 429.");
    public static readonly Setting CallsPerSecond = new("ActionTrail__CallsPerSecond", "500", "Calls of the API per second and account on each instance, 1 to 100000; more are answered 429 with Retry-After. The operator is not limited.");
    public static readonly Setting CallBurst = new("ActionTrail__CallBurst", "1000", "Calls that an account which was idle may make at once, 1 to 1000000.");
    public static readonly Setting EntraIssuers = new("ActionTrail__Entra__Issuers", "", "Accepted issuers of tokens, separated by commas, such as `https://login.microsoftonline.com/{tenant}/v2.0`. Without one tokens are not offered, and the other settings of this group are empty.");
    public static readonly Setting EntraAudiences = new("ActionTrail__Entra__Audiences", "", "Accepted audiences, separated by commas: the application id or its URI.");
    public static readonly Setting EntraTenants = new("ActionTrail__Entra__Tenants", "", "Accepted values of the claim `tid`, separated by commas.");
    public static readonly Setting EntraMetadata = new("ActionTrail__Entra__MetadataAddress", "", "https address of the OpenID metadata, whose `jwks_uri` names the signing keys; http only on this machine.");
    public static readonly Setting EntraKeys = new("ActionTrail__Entra__KeysAddress", "", "Instead of the metadata: https address of the signing keys (JWKS) themselves.");
    public static readonly Setting EntraRefresh = new("ActionTrail__Entra__KeyRefresh", "00:05:00", "Least time between two requests for the signing keys, 00:00:01 to 1.00:00:00.");
    public static readonly Setting EntraRoleClaim = new("ActionTrail__Entra__RoleClaim", "roles", "Claim that says the role.");
    public static readonly Setting EntraRoles = new("ActionTrail__Entra__Roles", "", "What its values mean: `value=Role` separated by commas; of several in a token the first of this list counts.");
    public static readonly Setting EntraAccountClaim = new("ActionTrail__Entra__AccountClaim", "tid", "Claim that says the account.");
    public static readonly Setting EntraAccounts = new("ActionTrail__Entra__Accounts", "", "What its values mean: `value=accountId` separated by commas.");

    public static readonly Setting Region = new("ActionTrail__Region", "local", "Home region of the trails made here: 1 to 64 letters, digits and hyphens.");
    public static readonly Setting TrailsPerAccount = new("ActionTrail__TrailsPerAccount", "5", "Most trails of an account, 1 to 50.");

    public static readonly Setting RetentionDays = new("ActionTrail__RetentionDays", "90", "How many days events are kept and found, 1 to 3650. Older ones are refused to quarantine.");
    public static readonly Setting CreateAccountsOnSight = new("ActionTrail__CreateAccountsOnSight", "true", "Whether an unknown account in an event of the hub comes into being; else such events go to quarantine. Never so over HTTP.");

    public static readonly Setting RedactionEnabled = new("ActionTrail__Redaction__Enabled", "true", "Whether secrets in events are masked before they are stored.");
    public static readonly Setting RedactionNames = new("ActionTrail__Redaction__Names", "", "Names of further members to mask, separated by commas: at most 200, each 3 to 64 letters, digits and _-.$@:/.");
    public static readonly Setting RedactionKeep = new("ActionTrail__Redaction__Keep", "", "Names of members that are never masked, likewise.");

    public static readonly Setting PurgeGrace = new("ActionTrail__PurgeGrace", "1.00:00:00", "How long commits and compacted segments that are past retention stay marked before they are deleted or retired, and retired segments before they are deleted, 00:10:00 to 365.00:00:00.");
    public static readonly Setting CompactionEnabled = new("ActionTrail__CompactionEnabled", "true", "Whether the timer CompactSegments compacts. What is compacted stays readable without.");
    public static readonly Setting Shards = new("ActionTrail__Shards", "1", "Shards a store is compacted into, 1 to 4096; fixed by its first compaction.");
    public static readonly Setting CompactionDelay = new("ActionTrail__CompactionDelay", "00:05:00", "How long commits wait for more of them before they are compacted, 00:00:00 to 1.00:00:00. A backlog of 8 MiB does not wait.");
    public static readonly Setting CompactionGrace = new("ActionTrail__CompactionGrace", "01:00:00", "How long merged segments stay before they are deleted, 00:15:00 to 30.00:00:00. Longer than any read.");
    public static readonly Setting FreshGrace = new("ActionTrail__FreshGrace", "2.00:00:00", "How long the segments of commits stay after they were compacted, 01:00:00 to 90.00:00:00. Deliveries of recent windows read them.");
    public static readonly Setting DeliveryWindow = new("ActionTrail__DeliveryWindow", "00:00:30", "Time between two delivery windows, 00:00:01 to 01:00:00 in whole seconds. With the settling time and the timer it bounds the delay of an object.");
    public static readonly Setting DeliverySettle = new("ActionTrail__DeliverySettle", "00:00:05", "How long a window waits after its end for commits under way and for clocks that differ, 00:00:00 to 00:10:00.");
    public static readonly Setting DeliveryFastSettle = new("ActionTrail__DeliveryFastSettle", "00:00:01", "The same for the windows of Logstores, which are cut whenever the timer ScheduleDeliveries runs, 00:00:00 to 00:10:00.");
    public static readonly Setting LogstoreRetentionDays = new("ActionTrail__LogstoreRetentionDays", "0", "Days for which a new Logstore keeps events, 0 to 36500; 0: for ever. Each can be set by its owner.");
    public static readonly Setting DeliveryRequeue = new("ActionTrail__DeliveryRequeue", "00:02:00", "When a delivery whose message got lost is sent another, 00:00:01 to 1.00:00:00. Longer than a delivery takes.");
    public static readonly Setting CheckpointsKey = new("ActionTrail__Checkpoints__Key", "", "Private key that signs checkpoints: ECDSA P-256, PEM or the Base64 of PKCS#8. On Azure a Key Vault reference. Without one nothing is sealed, and there are no proofs.");
    public static readonly Setting CheckpointsOrigin = new("ActionTrail__Checkpoints__Origin", "localhost/actiontrail", "Name of this log in checkpoints, never changed: like an address without scheme, such as `audit.example.com/history`; no blanks, no plus sign.");
    public static readonly Setting SigningKeysPlace = new("ActionTrail__SigningKeys", "", "What digests are signed with: path of a file of private keys in PEM, or address of a Key Vault key, `https://{vault}.vault.azure.net/keys/{name}`. Without it no digests are made.");
    public static readonly Setting DigestInterval = new("ActionTrail__DigestInterval", "01:00:00", "Length of the time that one digest covers, 00:00:05 to 1.00:00:00 in whole seconds.");
    public static readonly Setting DigestSettle = new("ActionTrail__DigestSettle", "00:02:00", "How long after its end an interval is sealed, 00:00:00 to 01:00:00. Longer than clocks of instances differ.");
    public static readonly Setting LookupsPerSecond = new("ActionTrail__LookupsPerSecond", "50", "Lookups per second and account on each instance, 1 to 10000; more are answered 429 with Retry-After.");
    public static readonly Setting LookupBurst = new("ActionTrail__LookupBurst", "100", "Lookups that an account which was idle may make at once, 1 to 100000.");
    public static readonly Setting CacheMegabytes = new("ActionTrail__CacheMegabytes", "160", "Memory for cached segment heads (four fifths), blocks, and pages of sieves (a twentieth), 0 to 65536 MiB.");

    public static readonly Setting Otlp = new("OTEL_EXPORTER_OTLP_ENDPOINT", "", "Address of an OTLP collector, http or https, for traces, metrics and logs; without it none are sent. The other `OTEL_` variables of OpenTelemetry are heeded too.");

    public static IReadOnlyList<Setting> All { get; } =
    [
        Port, DataAccount, OperatorKey, EncryptionKey, PublicAddress, FailedSignIns, CallsPerSecond, CallBurst, EntraIssuers, EntraAudiences, EntraTenants, EntraMetadata, EntraKeys,
        EntraRefresh, EntraRoleClaim, EntraRoles, EntraAccountClaim, EntraAccounts, Region, TrailsPerAccount, RetentionDays, CreateAccountsOnSight,
        RedactionEnabled, RedactionNames, RedactionKeep, PurgeGrace, CompactionEnabled, Shards,
        CompactionDelay, CompactionGrace, FreshGrace, DeliveryWindow, DeliverySettle, DeliveryFastSettle, DeliveryRequeue, LogstoreRetentionDays,
        SigningKeysPlace, DigestInterval, DigestSettle, CheckpointsKey, CheckpointsOrigin, LookupsPerSecond, LookupBurst, CacheMegabytes, Otlp,
    ];

    public required int PortNumber { get; init; }

    public required StorageConnection Storage { get; init; }

    public required AccessOptions Access { get; init; }

    public required IngestOptions Ingest { get; init; }

    public required LookupOptions Lookup { get; init; }

    public required SegmentCacheOptions SegmentCache { get; init; }

    public required RetentionOptions Retention { get; init; }

    public required bool Compacts { get; init; }

    public required CompactionOptions Compaction { get; init; }

    public required TrailsOptions Trails { get; init; }

    public required DeliveryOptions Delivery { get; init; }

    /// <summary>The streams and Log Analytics tables that trails may name; their settings bear the names that the operator gives.</summary>
    public required BatchTargets Targets { get; init; }

    public required SealOptions Seal { get; init; }

    /// <summary>Null: nothing is sealed.</summary>
    public required ICheckpointKey? CheckpointKey { get; init; }

    public required DigestOptions Digests { get; init; }

    /// <summary>Null when no digests are made.</summary>
    public required SigningKeySettings? SigningKeys { get; init; }

    public required HistoryOptions History { get; init; }

    public required Uri? Address { get; init; }

    /// <summary>Where telemetry goes; null: nowhere.</summary>
    public required Uri? OtlpEndpoint { get; init; }

    /// <exception cref="SettingsException">Something is wrong; the message names every fault.</exception>
    public static AppSettings Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var settings = new AppSettings
        {
            PortNumber = reader.Number(Port, 0, 65535),
            Storage = ReadStorage(reader, configuration)!,
            Access = new AccessOptions
            {
                OperatorKey = ReadOperatorKey(reader),
                EncryptionKey = ReadEncryptionKey(reader),
                FailuresPerMinute = reader.Number(FailedSignIns, 10, 10_000),
                CallsPerSecond = reader.Number(CallsPerSecond, 1, 100_000),
                CallBurst = reader.Number(CallBurst, 1, 1_000_000),
                Tokens = TokenSettings.Read(reader),
            },
            Ingest = new IngestOptions
            {
                CreateAccountsOnSight = reader.Flag(CreateAccountsOnSight),
                Normalizer = new NormalizerOptions { RetentionDays = reader.Number(RetentionDays, 1, 3650), Redaction = ReadRedaction(reader) },
            },
            Lookup = new LookupOptions
            {
                RetentionDays = reader.Number(RetentionDays, 1, 3650),
                RatePerSecond = reader.Number(LookupsPerSecond, 1, 10_000),
                Burst = reader.Number(LookupBurst, 1, 100_000),
            },
            SegmentCache = Cache(reader.Number(CacheMegabytes, 0, 65_536)),
            Retention = new RetentionOptions
            {
                Days = reader.Number(RetentionDays, 1, 3650),
                Grace = reader.Span(PurgeGrace, TimeSpan.FromMinutes(10), TimeSpan.FromDays(365)),
            },
            Compacts = reader.Flag(CompactionEnabled),
            Compaction = new CompactionOptions
            {
                Shards = reader.Number(Shards, 1, 4096),
                Delay = reader.Span(CompactionDelay, TimeSpan.Zero, TimeSpan.FromDays(1)),
                Grace = reader.Span(CompactionGrace, TimeSpan.FromMinutes(15), TimeSpan.FromDays(30)),
                PurgeGrace = reader.Span(PurgeGrace, TimeSpan.FromMinutes(10), TimeSpan.FromDays(365)),
                FreshGrace = reader.Span(FreshGrace, TimeSpan.FromHours(1), TimeSpan.FromDays(90)),
            },
            Trails = new TrailsOptions
            {
                Region = ReadRegion(reader),
                TrailsPerAccount = reader.Number(TrailsPerAccount, 1, 50),
                Logstores = new() { RetentionDays = reader.Number(LogstoreRetentionDays, 0, Logstore.MaxRetentionDays) },
                LoggingMemory = TimeSpan.FromDays(reader.Number(RetentionDays, 1, 3650)),
            },
            History = new HistoryOptions { Retention = TimeSpan.FromDays(reader.Number(RetentionDays, 1, 3650)) },
            Delivery = ReadDelivery(reader),
            Targets = BatchTargets.Read(configuration, "ActionTrail", TimeProvider.System, reader.Refuse, OutsideClient()),
            Seal = new SealOptions { Origin = ReadOrigin(reader) },
            CheckpointKey = ReadCheckpointKey(reader),
            SigningKeys = SigningKeySettings.Read(reader),
            Digests = ReadDigests(reader),
            Address = ReadAddress(reader),
            OtlpEndpoint = ReadOtlp(reader),
        };
        foreach (var fault in UnknownSettings.Faults(configuration, All))
            reader.Refuse(fault);
        reader.ThrowIfFaulty();
        return settings;
    }

    /// <summary>Goes where the setting says and nowhere else: no redirects, no cookies.</summary>
    private static HttpMessageInvoker OutsideClient() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10), ConnectTimeout = TimeSpan.FromSeconds(15) });

    private static SegmentCacheOptions Cache(long megabytes) => new() { HeadBytes = (megabytes << 20) / 20 * 16, BlockBytes = (megabytes << 20) / 20 * 3, SieveBytes = (megabytes << 20) / 20 };

    private static DeliveryOptions ReadDelivery(SettingsReader reader)
    {
        var window = reader.Span(DeliveryWindow, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        if (window.Ticks % TimeSpan.TicksPerSecond != 0)
            reader.Refuse(DeliveryWindow, "has whole seconds.");
        return new DeliveryOptions
        {
            DigestInterval = ReadDigests(reader) is { IsEnabled: true } digests ? digests.Interval : null,
            WindowLength = window,
            Settle = reader.Span(DeliverySettle, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            Kept = TimeSpan.FromDays(reader.Number(RetentionDays, 1, 3650)) + reader.Span(PurgeGrace, TimeSpan.FromMinutes(10), TimeSpan.FromDays(365)),
            FastSettle = reader.Span(DeliveryFastSettle, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            RequeueAfter = reader.Span(DeliveryRequeue, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        };
    }

    private static DigestOptions ReadDigests(SettingsReader reader)
    {
        var interval = reader.Span(DigestInterval, TimeSpan.FromSeconds(5), TimeSpan.FromDays(1));
        if (interval.Ticks % TimeSpan.TicksPerSecond != 0)
            reader.Refuse(DigestInterval, "has whole seconds.");
        return new DigestOptions { IsEnabled = reader.Text(SigningKeysPlace) is not null, Interval = interval, Settle = reader.Span(DigestSettle, TimeSpan.Zero, TimeSpan.FromHours(1)) };
    }

    private static RedactionRules? ReadRedaction(SettingsReader reader)
    {
        var isEnabled = reader.Flag(RedactionEnabled);
        var names = reader.Names(RedactionNames);
        var keep = reader.Names(RedactionKeep);
        if (names.Intersect(keep, StringComparer.OrdinalIgnoreCase).Any())
            reader.Refuse(RedactionKeep, "has no name that ActionTrail__Redaction__Names has as well.");
        return isEnabled ? RedactionRules.Create(names, keep) : null;
    }

    private static StorageConnection? ReadStorage(SettingsReader reader, IConfiguration configuration)
    {
        try
        {
            return StorageConnection.Read(configuration, DataAccount.Name);
        }
        catch (FormatException e)
        {
            reader.Refuse(e.Message.Contains(DataAccount.Name, StringComparison.Ordinal) ? e.Message : $"Setting {DataAccount.Name}: {e.Message}");
            return null;
        }
    }

    private static string ReadOperatorKey(SettingsReader reader)
    {
        if (reader.Text(OperatorKey) is not { } key)
            return "";
        if (key.Length < AccessOptions.MinOperatorKeyLength)
            reader.Refuse(OperatorKey, FormattableString.Invariant($"has at least {AccessOptions.MinOperatorKeyLength} characters."));
        return key;
    }

    private static byte[] ReadEncryptionKey(SettingsReader reader)
    {
        var key = new byte[AccessOptions.EncryptionKeyBytes + 1];
        if (reader.Text(EncryptionKey) is not { } text)
            return [];
        if (Convert.TryFromBase64String(text, key, out var length) && length == AccessOptions.EncryptionKeyBytes)
            return key[..length];
        reader.Refuse(EncryptionKey, FormattableString.Invariant($"is the Base64 form of {AccessOptions.EncryptionKeyBytes} bytes."));
        return [];
    }

    private static string ReadOrigin(SettingsReader reader)
    {
        var origin = reader.Text(CheckpointsOrigin)!;
        if (!NoteKey.IsName(origin) || origin.Length > SealOptions.MaxOrigin)
            reader.Refuse(CheckpointsOrigin, "is 1 to 200 characters without blanks and plus signs.");
        return origin;
    }

    private static LocalCheckpointKey? ReadCheckpointKey(SettingsReader reader)
    {
        if (reader.Text(CheckpointsKey) is not { } text)
            return null;
        try
        {
            return LocalCheckpointKey.Parse(text);
        }
        catch (FormatException)
        {
            reader.Refuse(CheckpointsKey, "is a private key of ECDSA P-256 as PEM or the Base64 of its PKCS#8 form.");
            return null;
        }
    }

    private static string ReadRegion(SettingsReader reader)
    {
        var region = reader.Text(Region)!;
        if (region.Length > 64 || !char.IsAsciiLetterOrDigit(region[0]) || !region.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            reader.Refuse(Region, "is 1 to 64 letters, digits and hyphens, a letter or digit first.");
        return region;
    }

    private static Uri? ReadAddress(SettingsReader reader)
    {
        if (reader.Text(PublicAddress) is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.Query.Length == 0 && address.Fragment.Length == 0)
            return address;
        reader.Refuse(PublicAddress, "is an absolute http or https address without query and fragment.");
        return null;
    }

    private static Uri? ReadOtlp(SettingsReader reader)
    {
        if (reader.Text(Otlp) is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            return address;
        reader.Refuse(Otlp, "is an absolute http or https address.");
        return null;
    }
}
