using System.Security.Cryptography;
using ActionTrail.Access;
using ActionTrail.Access.Tokens;
using ActionTrail.Azure;
using ActionTrail.Compaction;
using ActionTrail.Delivery;
using ActionTrail.Digests;
using ActionTrail.Directories;
using ActionTrail.Functions.Audit;
using ActionTrail.Functions.OpenApi;
using ActionTrail.Functions.Rest;
using ActionTrail.Functions.Rpc;
using ActionTrail.Functions.Settings;
using ActionTrail.Functions.Telemetry;
using ActionTrail.Functions.Triggers;
using ActionTrail.Functions.WebConsole;
using ActionTrail.HistoryJobs;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Proofs;
using ActionTrail.Query;
using ActionTrail.Retention;
using ActionTrail.SavedQueries;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Trails;
using ActionTrail.Verify;

namespace ActionTrail.Functions;

/// <summary>Puts the app together. Nothing is listened to and no request is made before <see cref="StartAsync"/>.</summary>
internal static class FunctionsApp
{
    /// <param name="configuration">Settings beside the process environment, which wins; null for none.</param>
    /// <param name="customize">Replaces services, e.g. the storage ports by memory twins.</param>
    /// <exception cref="SettingsException">Settings are missing or wrong.</exception>
    public static WebApplication Build(IReadOnlyDictionary<string, string?>? configuration = null, Action<WebApplicationBuilder>? customize = null)
    {
        // The host's own ASPNETCORE_ variables reach this process: content root and address are ours, whatever they say.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "ActionTrail.Functions" });
        if (configuration is not null)
            builder.Configuration.AddInMemoryCollection(configuration);
        var settings = AppSettings.Read(builder.Configuration);
        builder.WebHost.UseUrls(FormattableString.Invariant($"http://127.0.0.1:{settings.PortNumber}"));
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            // Trigger bodies have no limit; the API reads its bodies under limits of its own.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.AddServerHeader = false;
        });
        builder.Logging.ClearProviders().AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.IncludeScopes = false;
            console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        }).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        TelemetryExport.Add(builder, settings);
        AddServices(builder.Services, settings);
        customize?.Invoke(builder);
        var app = builder.Build();
        Map(app);
        return app;
    }

    /// <summary>Prepares the storage, then opens the port: the host takes an open port for readiness.</summary>
    public static async Task StartAsync(WebApplication app)
    {
        using var patience = new CancellationTokenSource(StoragePreparation.Patience);
        try
        {
            await app.Services.GetRequiredService<StoragePreparation>().RunAsync(patience.Token);
        }
        catch (OperationCanceledException e) when (patience.IsCancellationRequested)
        {
            throw new StoreException(StoreErrorKind.Unavailable, $"The storage account did not answer within {StoragePreparation.Patience.TotalSeconds:0} s.", e);
        }

        await app.StartAsync();
    }

    private static void AddServices(IServiceCollection services, AppSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(new HandlerPort(settings.PortNumber));
        services.AddSingleton(new PublicAddress(settings.Address));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IRandomSource, SystemRandomSource>();
        AddStorage(services, settings.Storage);
        AddAccess(services, settings.Access);
        AddIngest(services, settings.Ingest);
        AddLookup(services, settings);
        services.AddSingleton(settings.Retention);
        services.AddSingleton<RetentionPurge>();
        services.AddSingleton<LegalHolds>();
        services.AddSingleton<StoreErasure>();
        services.AddSingleton(settings.Compaction);
        services.AddSingleton<Compactor>();
        services.AddSingleton<CompactionRound>();
        services.AddSingleton<BackPressure>();
        AddTrails(services, settings);
        AddProofs(services, settings);
        AddDigests(services, settings);

        services.AddSingleton<AuditTrail>();
        services.AddSingleton<ErrorEndpoints>();
        services.AddSingleton<ITrigger, IngestEvents>();
        services.AddSingleton<ITrigger, DeliverToBlob>();
        services.AddSingleton<ITrigger, DeliverToStream>();
        services.AddSingleton<ITrigger, DeliverHistory>();
        services.AddSingleton<ITrigger, DeliverToLogstore>();
        services.AddSingleton<ITrigger, ScheduleDeliveries>();
        services.AddSingleton<ITrigger, CompactSegments>();
        services.AddSingleton<ITrigger, SealCheckpoints>();
        services.AddSingleton<ITrigger, PurgeExpiredEvents>();
        services.AddSingleton<ITrigger, SealDigests>();
        services.AddSingleton<TriggerEndpoints>();
        services.AddSingleton<ApiPipeline>();
        services.AddSingleton<CallerRoutes>();
        services.AddSingleton<AccountRoutes>();
        services.AddSingleton<AccessKeyRoutes>();
        services.AddSingleton<EventRoutes>();
        services.AddSingleton<LookupRoutes>();
        services.AddSingleton<AggregateRoutes>();
        services.AddSingleton<ExportRoutes>();
        services.AddSingleton<QuarantineRoutes>();
        services.AddSingleton<TrailRoutes>();
        services.AddSingleton<DeliveryRoutes>();
        services.AddSingleton<MetricRoutes>();
        services.AddSingleton<HistoryJobRoutes>();
        services.AddSingleton<QueryRoutes>();
        services.AddSingleton<EventSources>();
        services.AddSingleton<LogstoreRoutes>();
        services.AddSingleton<DirectoryRoutes>();
        services.AddSingleton<DataEventRoutes>();
        services.AddSingleton<ProofRoutes>();
        services.AddSingleton<StoreRoutes>();
        services.AddSingleton<DigestRoutes>();
        services.AddSingleton<HoldRoutes>();
        AddRpc(services);
    }

    private static void AddRpc(IServiceCollection services)
    {
        services.AddSingleton<TrailMetrics>();
        services.AddSingleton<TrailCalls>();
        services.AddSingleton<LookupCalls>();
        services.AddSingleton<LifeCycleCalls>();
        services.AddSingleton<DeploymentCalls>();
        services.AddSingleton<QueryCalls>();
        services.AddSingleton<DataEventCalls>();
        services.AddSingleton<KeyUseCalls>();
        services.AddSingleton<HistoryJobCalls>();
        services.AddSingleton<EventCountCalls>();
        services.AddSingleton<RpcOperations>();
        services.AddSingleton<RpcEndpoint>();
    }

    private static void AddStorage(IServiceCollection services, StorageConnection connection)
    {
        services.AddSingleton(_ => connection.CreateTableStore());
        services.AddSingleton(_ => connection.CreateObjectStore());
        services.AddSingleton(_ => connection.CreateWorkQueue());
        services.AddSingleton<StoragePreparation>();
        services.AddSingleton<Readiness>();
    }

    private static void AddAccess(IServiceCollection services, AccessOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(s => new SecretSeal(options.EncryptionKey, s.GetRequiredService<IRandomSource>()));
        services.AddSingleton<AccountStore>();
        services.AddSingleton<AccessKeyStore>();
        services.AddSingleton<CallRateLimiter>();
        if (options.Tokens is { } tokens)
            services.AddSingleton(s => new IssuerKeys(tokens, IssuerClient(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<IssuerKeys>>()));
        services.AddSingleton(s => new Authenticator(
            s.GetRequiredService<AccessKeyStore>(), s.GetRequiredService<AccountStore>(), s.GetRequiredService<SecretSeal>(), options, s.GetService<IssuerKeys>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IAccountAdmission, AccountAdmission>();
    }

    /// <summary>Goes where the setting says and nowhere else: no redirects, no cookies.</summary>
    private static HttpMessageInvoker IssuerClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) });

    private static void AddLookup(IServiceCollection services, AppSettings settings)
    {
        services.AddSingleton(settings.Lookup);
        services.AddSingleton(settings.SegmentCache);
        services.AddSingleton(new PageToken(HKDF.DeriveKey(HashAlgorithmName.SHA256, settings.Access.EncryptionKey, 32, salt: null, "ActionTrail page token v1"u8.ToArray())));
        services.AddSingleton<SegmentSource>();
        services.AddSingleton<CommitCatalog>();
        services.AddSingleton<EventLookup>();
        services.AddSingleton<LookupRateLimiter>();
        services.AddSingleton<AccessKeyUse>();
        services.AddSingleton<EventHistogram>();
        services.AddSingleton<TopValues>();
        services.AddSingleton<EventExport>();
        services.AddSingleton<ExportSlots>();
    }

    private static void AddIngest(IServiceCollection services, IngestOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<CommitLog>();
        services.AddSingleton<HubIngest>();
        services.AddSingleton<ApiIngest>();
        services.AddSingleton<QuarantineLog>();
        services.AddSingleton<StoreVerifier>();
        services.AddSingleton<StoreRepair>();
    }

    private static void AddTrails(IServiceCollection services, AppSettings settings)
    {
        services.AddSingleton(settings.Trails);
        services.AddSingleton(settings.Delivery);
        services.AddSingleton(settings.Trails.Logstores);
        services.AddSingleton<LogstoreRegistry>();
        services.AddSingleton<LogstoreRemoval>();
        services.AddSingleton<DirectoryReader>();
        services.AddSingleton<DirectoryStore>();
        services.AddSingleton<MemberStore>();
        services.AddSingleton<TrailStore>();
        services.AddSingleton<DeliveryScheduler>();
        services.AddSingleton<DeliveryWatch>();
        services.AddSingleton(settings.Targets);
        services.AddSingleton<IConfiguredDestinations>(settings.Targets);
        foreach (var kind in (DestinationKind[])[DestinationKind.Stream, DestinationKind.LogAnalytics])
            services.AddSingleton<IDestination>(s => new BatchDestination(kind, settings.Targets.Of(kind), s.GetRequiredService<ITableStore>()));
        services.AddSingleton<IDestination>(s => new BlobDestination(s.GetRequiredService<IObjectStore>(), s.GetRequiredService<DeliveryOptions>(), OpenTemporary));
        services.AddSingleton<IDestination, LogstoreDestination>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<DeliveryRun>(s, Jitter(s.GetRequiredService<IRandomSource>())));
        services.AddSingleton<DeliveryLedger>();
        services.AddSingleton(settings.History);
        services.AddSingleton<HistorySteps>();
        services.AddSingleton<HistoryJobStore>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<HistoryRun>(s, Jitter(s.GetRequiredService<IRandomSource>())));
        services.AddSingleton<SavedQueryStore>();
    }

    /// <summary>Checkpoints are sealed where there is a key for them; what was sealed before can be proved without.</summary>
    private static void AddProofs(IServiceCollection services, AppSettings settings)
    {
        services.AddSingleton(settings.Seal);
        services.AddSingleton<SealLog>();
        services.AddSingleton<ProofFinder>();
        services.AddSingleton<SealPruner>();
        services.AddSingleton<SealRestore>();
        if (settings.CheckpointKey is not { } key)
            return;
        services.AddSingleton(key);
        services.AddSingleton<CommitSealer>();
        services.AddSingleton<SealRound>();
    }

    private static void AddDigests(IServiceCollection services, AppSettings settings)
    {
        services.AddSingleton(settings.Digests);
        services.AddSingleton(s => settings.SigningKeys?.Open(settings.Storage, s.GetRequiredService<TimeProvider>()) ?? new NoSigningKeys());
        services.AddSingleton<DigestSealer>();
        services.AddSingleton<DigestLedger>();
        services.AddSingleton<DigestRepair>();
        services.AddSingleton<IPurgeFloor, DigestFloor>();
    }

    private static Stream OpenTemporary() => new FileStream(
        Path.Combine(Path.GetTempPath(), "actiontrail-" + Path.GetRandomFileName()),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        });

    private static Func<double> Jitter(IRandomSource random) => () =>
    {
        Span<byte> bytes = stackalloc byte[4];
        random.Fill(bytes);
        return BitConverter.ToUInt32(bytes) / 4294967296.0;
    };

    private static void Map(WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<ErrorEndpoints>().InvokeAsync);
        app.Use(app.Services.GetRequiredService<TriggerEndpoints>().InvokeAsync);
        app.UseRouting();
        RootRoutes.Map(app);
        ConsoleEndpoint.Map(app);
        var pipeline = app.Services.GetRequiredService<ApiPipeline>();
        foreach (var route in Routes(app.Services))
        {
            string[] methods = route.Method == HttpMethods.Get ? [HttpMethods.Get, HttpMethods.Head] : [route.Method];
            app.MapMethods(route.Pattern, methods, context => pipeline.RunAsync(context, route));
        }
    }

    /// <summary>Everything that is offered, for the OpenAPI document.</summary>
    internal static IEnumerable<DescribedRoute> DescribedRoutes(IServiceProvider services) => [.. RootDescriptions.All, .. Routes(services).Select(DescribedRoute.Of)];

    /// <summary>Every route of the API, for mapping and for the tests that go through all of them.</summary>
    internal static IEnumerable<ApiRoute> Routes(IServiceProvider services) =>
    [
        .. services.GetRequiredService<CallerRoutes>().All,
        .. services.GetRequiredService<AccountRoutes>().All,
        .. services.GetRequiredService<AccessKeyRoutes>().All,
        .. services.GetRequiredService<EventRoutes>().All,
        .. services.GetRequiredService<LookupRoutes>().All,
        .. services.GetRequiredService<AggregateRoutes>().All,
        .. services.GetRequiredService<ExportRoutes>().All,
        .. services.GetRequiredService<QuarantineRoutes>().All,
        .. services.GetRequiredService<TrailRoutes>().All,
        .. services.GetRequiredService<DeliveryRoutes>().All,
        .. services.GetRequiredService<MetricRoutes>().All,
        .. services.GetRequiredService<LogstoreRoutes>().All,
        .. services.GetRequiredService<DataEventRoutes>().All,
        .. services.GetRequiredService<HistoryJobRoutes>().All,
        .. services.GetRequiredService<QueryRoutes>().All,
        .. services.GetRequiredService<DirectoryRoutes>().All,
        .. services.GetRequiredService<ProofRoutes>().All,
        .. services.GetRequiredService<StoreRoutes>().All,
        .. services.GetRequiredService<DigestRoutes>().All,
        .. services.GetRequiredService<HoldRoutes>().All,
    ];
}
