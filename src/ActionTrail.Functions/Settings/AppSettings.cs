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

/// <summary>Every setting of the app, read and checked once at start. Each is declared once; docs/settings.md is written from the declarations by a test.</summary>
internal sealed record AppSettings
{
    public static readonly Setting Port = Setting.Number("FUNCTIONS_CUSTOMHANDLER_PORT", @default: null, 0, 65_535, "Port on 127.0.0.1 to listen on. The Functions host sets it.");
    public static readonly Setting DataAccount = new("ActionTrailStorage", SettingKind.Secret, Default: null, "", "The data account: a connection string, or the section `ActionTrailStorage__blobServiceUri`, `__queueServiceUri`, `__tableServiceUri` (or `__accountName`) with `__credential` and `__clientId` for an identity.");
    public static readonly Setting OperatorKey = new("ActionTrail__OperatorKey", SettingKind.Secret, Default: null, "at least 20 characters", "Password of the Basic user `operator`. On Azure a Key Vault reference, which the platform resolves.");
    public static readonly Setting EncryptionKey = new("ActionTrail__EncryptionKey", SettingKind.Secret, Default: null, "Base64 of 32 bytes", "32 random bytes; seals access key secrets and signs continuation tokens. Losing it voids all access keys. On Azure a Key Vault reference.");
    public static readonly Setting PublicAddress = new("ActionTrail__PublicAddress", SettingKind.Address, "", "http or https, no query, no fragment", "Address under which clients see the app, for links. Without it the request's own host is used.");

    public static readonly Setting FailedSignIns = Setting.Number("ActionTrail__FailedSignInsPerMinute", 60, 10, 10_000, "Failed attempts to sign in that a client address, and an access key, may make per minute on each instance, twice as many at once; more are answered 429.");
    public static readonly Setting CallsPerSecond = Setting.Number("ActionTrail__CallsPerSecond", 500, 1, 100_000, "Calls of the API per second and account on each instance; more are answered 429 with Retry-After. The operator is not limited.");
    public static readonly Setting CallBurst = Setting.Number("ActionTrail__CallBurst", 1000, 1, 1_000_000, "Calls that an account which was idle may make at once.");
    public static readonly Setting EntraIssuers = new("ActionTrail__Entra__Issuers", SettingKind.List, "", "https addresses", "Accepted issuers of tokens, separated by commas, such as `https://login.microsoftonline.com/{tenant}/v2.0`. Without one tokens are not offered, and the other settings of this group are empty.");
    public static readonly Setting EntraAudiences = new("ActionTrail__Entra__Audiences", SettingKind.List, "", "at least one where there are issuers", "Accepted audiences, separated by commas: the application id or its URI.");
    public static readonly Setting EntraTenants = new("ActionTrail__Entra__Tenants", SettingKind.List, "", "at least one where there are issuers", "Accepted values of the claim `tid`, separated by commas.");
    public static readonly Setting EntraMetadata = new("ActionTrail__Entra__MetadataAddress", SettingKind.Address, "", "https, or http on this machine", "The OpenID metadata, whose `jwks_uri` names the signing keys.");
    public static readonly Setting EntraKeys = new("ActionTrail__Entra__KeysAddress", SettingKind.Address, "", "https, or http on this machine", "Instead of the metadata: the signing keys (JWKS) themselves.");
    public static readonly Setting EntraRefresh = Setting.Span("ActionTrail__Entra__KeyRefresh", "00:05:00", "00:00:01", "1.00:00:00", "Least time between two requests for the signing keys.");
    public static readonly Setting EntraRoleClaim = new("ActionTrail__Entra__RoleClaim", SettingKind.Text, "roles", "", "Claim that says the role.");
    public static readonly Setting EntraRoles = new("ActionTrail__Entra__Roles", SettingKind.Pairs, "", "at least one where there are issuers", "What its values mean: `value=Role` separated by commas; of several in a token the first of this list counts.");
    public static readonly Setting EntraAccountClaim = new("ActionTrail__Entra__AccountClaim", SettingKind.Text, "tid", "", "Claim that says the account.");
    public static readonly Setting EntraAccounts = new("ActionTrail__Entra__Accounts", SettingKind.Pairs, "", "at least one where there are issuers", "What its values mean: `value=accountId` separated by commas.");

    public static readonly Setting Region = new("ActionTrail__Region", SettingKind.Text, "local", "1 to 64 letters, digits and hyphens", "Home region of the trails made here.");
    public static readonly Setting TrailsPerAccount = Setting.Number("ActionTrail__TrailsPerAccount", 5, 1, 50, "Most trails of an account.");

    public static readonly Setting RetentionDays = Setting.Number("ActionTrail__RetentionDays", 90, 1, 3_650, "How many days events are kept and found. Older ones are refused to quarantine.");
    public static readonly Setting CreateAccountsOnSight = Setting.Flag("ActionTrail__CreateAccountsOnSight", @default: true, "Whether an unknown account in an event of the hub comes into being; else such events go to quarantine. Never so over HTTP.");

    public static readonly Setting RedactionEnabled = Setting.Flag("ActionTrail__Redaction__Enabled", @default: true, "Whether secrets in events are masked before they are stored.");
    public static readonly Setting RedactionNames = new("ActionTrail__Redaction__Names", SettingKind.List, "", "at most 200, each of 3 to 64 letters, digits and _-.$@:/", "Names of further members to mask.");
    public static readonly Setting RedactionKeep = new("ActionTrail__Redaction__Keep", SettingKind.List, "", "likewise; none of those above", "Names of members that are never masked.");

    public static readonly Setting PurgeGrace = Setting.Span("ActionTrail__PurgeGrace", "1.00:00:00", "00:10:00", "365.00:00:00", "How long commits and compacted segments that are past retention stay marked before they are deleted or retired, and retired segments before they are deleted.");
    public static readonly Setting CompactionEnabled = Setting.Flag("ActionTrail__CompactionEnabled", @default: true, "Whether the timer CompactSegments compacts. What is compacted stays readable without.");
    public static readonly Setting Shards = Setting.Number("ActionTrail__Shards", 1, 1, 4_096, "Shards a store is compacted into; fixed by its first compaction.");
    public static readonly Setting CompactionDelay = Setting.Span("ActionTrail__CompactionDelay", "00:05:00", "00:00:00", "1.00:00:00", "How long commits wait for more of them before they are compacted. A backlog of 8 MiB does not wait.");
    public static readonly Setting CompactionGrace = Setting.Span("ActionTrail__CompactionGrace", "01:00:00", "00:15:00", "30.00:00:00", "How long merged segments stay before they are deleted. Longer than any read.");
    public static readonly Setting FreshGrace = Setting.Span("ActionTrail__FreshGrace", "2.00:00:00", "01:00:00", "90.00:00:00", "How long the segments of commits stay after they were compacted. Deliveries of recent windows read them.");
    public static readonly Setting DeliveryWindow = Setting.Span("ActionTrail__DeliveryWindow", "00:00:30", "00:00:01", "01:00:00", "Time between two delivery windows. With the settling time and the timer it bounds the delay of an object.", wholeSeconds: true);
    public static readonly Setting DeliverySettle = Setting.Span("ActionTrail__DeliverySettle", "00:00:05", "00:00:00", "00:10:00", "How long a window waits after its end for commits under way and for clocks that differ.");
    public static readonly Setting DeliveryFastSettle = Setting.Span("ActionTrail__DeliveryFastSettle", "00:00:01", "00:00:00", "00:10:00", "The same for the windows of Logstores, which are cut whenever the timer ScheduleDeliveries runs.");
    public static readonly Setting LogstoreRetentionDays = Setting.Number("ActionTrail__LogstoreRetentionDays", 0, 0, Logstore.MaxRetentionDays, "Days for which a new Logstore keeps events; 0: for ever. Each can be set by its owner.");
    public static readonly Setting LogstoresPerAccount = Setting.Number("ActionTrail__LogstoresPerAccount", 20, 1, 1_000, "Most Logstores of an account. One that is deleted no longer counts.");
    public static readonly Setting DeliveryRequeue = Setting.Span("ActionTrail__DeliveryRequeue", "00:02:00", "00:00:01", "1.00:00:00", "When a delivery whose message got lost is sent another. Longer than a delivery takes.");
    public static readonly Setting CheckpointsKey = new("ActionTrail__Checkpoints__Key", SettingKind.Secret, "", "ECDSA P-256, PEM or the Base64 of PKCS#8", "Private key that signs checkpoints. On Azure a Key Vault reference. Without one nothing is sealed, and there are no proofs.");
    public static readonly Setting CheckpointsOrigin = new("ActionTrail__Checkpoints__Origin", SettingKind.Text, "localhost/actiontrail", "1 to 200 characters, no blanks, no plus sign", "Name of this log in checkpoints, never changed: like an address without scheme, such as `audit.example.com/history`.");
    public static readonly Setting SigningKeysPlace = new("ActionTrail__SigningKeys", SettingKind.Text, "", "path, or https address of a Key Vault key", "What digests are signed with: path of a file of private keys in PEM, or address of a Key Vault key, `https://{vault}.vault.azure.net/keys/{name}`. Without it no digests are made.");
    public static readonly Setting DigestInterval = Setting.Span("ActionTrail__DigestInterval", "01:00:00", "00:00:05", "1.00:00:00", "Length of the time that one digest covers.", wholeSeconds: true);
    public static readonly Setting DigestSettle = Setting.Span("ActionTrail__DigestSettle", "00:02:00", "00:00:00", "01:00:00", "How long after its end an interval is sealed. Longer than clocks of instances differ.");
    public static readonly Setting LookupsPerSecond = Setting.Number("ActionTrail__LookupsPerSecond", 50, 1, 10_000, "Lookups per second and account on each instance; more are answered 429 with Retry-After.");
    public static readonly Setting LookupBurst = Setting.Number("ActionTrail__LookupBurst", 100, 1, 100_000, "Lookups that an account which was idle may make at once.");
    public static readonly Setting CacheMegabytes = Setting.Number("ActionTrail__CacheMegabytes", 160, 0, 65_536, "Memory for cached segment heads (four fifths), blocks, and pages of sieves (a twentieth), MiB.");

    public static readonly Setting Otlp = new("OTEL_EXPORTER_OTLP_ENDPOINT", SettingKind.Address, "", "http or https", "OTLP collector for traces, metrics and logs; without it none are sent. The other `OTEL_` variables of OpenTelemetry are heeded too.");

    public static IReadOnlyList<Setting> All { get; } =
    [
        Port, DataAccount, OperatorKey, EncryptionKey, PublicAddress, FailedSignIns, CallsPerSecond, CallBurst, EntraIssuers, EntraAudiences, EntraTenants, EntraMetadata, EntraKeys,
        EntraRefresh, EntraRoleClaim, EntraRoles, EntraAccountClaim, EntraAccounts, Region, TrailsPerAccount, RetentionDays, CreateAccountsOnSight,
        RedactionEnabled, RedactionNames, RedactionKeep, PurgeGrace, CompactionEnabled, Shards,
        CompactionDelay, CompactionGrace, FreshGrace, DeliveryWindow, DeliverySettle, DeliveryFastSettle, DeliveryRequeue, LogstoreRetentionDays, LogstoresPerAccount,
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
            PortNumber = reader.Number(Port),
            Storage = ReadStorage(reader, configuration)!,
            Access = new AccessOptions
            {
                OperatorKey = ReadOperatorKey(reader),
                EncryptionKey = ReadEncryptionKey(reader),
                FailuresPerMinute = reader.Number(FailedSignIns),
                CallsPerSecond = reader.Number(CallsPerSecond),
                CallBurst = reader.Number(CallBurst),
                Tokens = TokenSettings.Read(reader),
            },
            Ingest = new IngestOptions
            {
                CreateAccountsOnSight = reader.Flag(CreateAccountsOnSight),
                Normalizer = new NormalizerOptions { RetentionDays = reader.Number(RetentionDays), Redaction = ReadRedaction(reader) },
            },
            Lookup = new LookupOptions
            {
                RetentionDays = reader.Number(RetentionDays),
                RatePerSecond = reader.Number(LookupsPerSecond),
                Burst = reader.Number(LookupBurst),
            },
            SegmentCache = Cache(reader.Number(CacheMegabytes)),
            Retention = new RetentionOptions
            {
                Days = reader.Number(RetentionDays),
                Grace = reader.Span(PurgeGrace),
            },
            Compacts = reader.Flag(CompactionEnabled),
            Compaction = new CompactionOptions
            {
                Shards = reader.Number(Shards),
                Delay = reader.Span(CompactionDelay),
                Grace = reader.Span(CompactionGrace),
                PurgeGrace = reader.Span(PurgeGrace),
                FreshGrace = reader.Span(FreshGrace),
            },
            Trails = new TrailsOptions
            {
                Region = ReadRegion(reader),
                TrailsPerAccount = reader.Number(TrailsPerAccount),
                Logstores = new() { RetentionDays = reader.Number(LogstoreRetentionDays), PerAccount = reader.Number(LogstoresPerAccount) },
                LoggingMemory = TimeSpan.FromDays(reader.Number(RetentionDays)),
            },
            History = new HistoryOptions { Retention = TimeSpan.FromDays(reader.Number(RetentionDays)) },
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
        return new DeliveryOptions
        {
            DigestInterval = ReadDigests(reader) is { IsEnabled: true } digests ? digests.Interval : null,
            WindowLength = reader.Span(DeliveryWindow),
            Settle = reader.Span(DeliverySettle),
            Kept = TimeSpan.FromDays(reader.Number(RetentionDays)) + reader.Span(PurgeGrace),
            FastSettle = reader.Span(DeliveryFastSettle),
            RequeueAfter = reader.Span(DeliveryRequeue),
        };
    }

    private static DigestOptions ReadDigests(SettingsReader reader)
    {
        return new DigestOptions { IsEnabled = reader.Text(SigningKeysPlace) is not null, Interval = reader.Span(DigestInterval), Settle = reader.Span(DigestSettle) };
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
