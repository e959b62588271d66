using System.Runtime.CompilerServices;
using ActionTrail.Directories;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Trails;

/// <summary>
/// The trails of all accounts: Fresh → Enable ⇄ Disable. Every change is one guarded write, so that callers may race and repeat.
/// Expected ends are <see cref="TrailOutcome"/> values; <see cref="StoreException"/> only tells of storage (Unavailable: the change may
/// have happened; read the trail).
/// </summary>
public sealed class TrailStore(ITableStore tables, IObjectStore objects, TrailsOptions options, TimeProvider time, ILogger<TrailStore> log, IConfiguredDestinations? configured = null)
{
    // A conflict means that somebody else made progress on the same account; its few trails settle long before this.
    private const int MaxTries = 20;

    // Commits appear at most seconds after their time; what ended this long before the last window no window can ask for.
    private static readonly TimeSpan Lateness = TimeSpan.FromHours(1);

    private readonly DirectoryReader directories = new(tables);
    private readonly IConfiguredDestinations named = configured ?? NoConfiguredDestinations.Instance;
    private readonly LogstoreRegistry logstores = new(tables, options.Logstores, time);

    /// <summary>Makes a trail of the account, or the multi-account trail of the directory that it manages or administers.</summary>
    public async Task<TrailOutcome> CreateAsync(string account, TrailDraft draft, CancellationToken cancellationToken)
    {
        var errors = TrailRules.Check(draft);
        if (errors.Count > 0)
            return new(TrailOutcomeKind.Invalid, null, errors);
        if (draft.IsOrganizationTrail != true)
        {
            // A trail in the account must not hide the one of its directory.
            return await FindOrganizationAsync(account, cancellationToken) is { } seen && seen.Trail.Name == draft.Name
                ? TrailOutcome.Of(TrailOutcomeKind.NameTaken)
                : await CreateAsync(account, directory: null, draft, cancellationToken);
        }

        if (await directories.FindOfAsync(account, cancellationToken) is not { Administers: true } standing)
            return TrailOutcome.Of(TrailOutcomeKind.NotPermitted);
        if (account != standing.Directory.ManagementAccount && await FindAsync(account, draft.Name!, cancellationToken) is not null)
            return TrailOutcome.Of(TrailOutcomeKind.NameTaken);
        return await CreateAsync(standing.Directory.ManagementAccount, standing.Directory.DirectoryId, draft, cancellationToken);
    }

    private async Task<TrailOutcome> CreateAsync(string account, string? directory, TrailDraft draft, CancellationToken cancellationToken)
    {
        if (FindUnoffered(account, draft.Stream, draft.LogAnalytics) is { Count: > 0 } unoffered)
            return new(TrailOutcomeKind.Invalid, null, unoffered);
        if (draft.Container is not null && !await objects.ContainerExistsAsync(draft.Container, cancellationToken))
            return new(TrailOutcomeKind.ContainerMissing, null, [TrailRules.ContainerMissing]);
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var rows = await ReadAccountAsync(account, cancellationToken);
            if (rows.ContainsKey(TrailKeys.Trail(draft.Name!)))
                return TrailOutcome.Of(TrailOutcomeKind.NameTaken);
            var trail = Make(account, draft, rows) with { DirectoryId = directory };
            if (IsFull(trail, rows))
                return TrailOutcome.Of(TrailOutcomeKind.QuotaExceeded);
            if (draft.Container is not null && !await BindAsync(draft.Container, account, cancellationToken))
                return new(TrailOutcomeKind.ContainerMissing, null, [TrailRules.ContainerMissing]);

            // Before the trail: a Logstore without its trail is empty and harmless, a trail without its Logstore could not deliver.
            if (trail.Logstore is { } logstore && await logstores.EnsureAsync(account, logstore, SchemaOf(trail), cancellationToken) is null)
                return TrailOutcome.Of(TrailOutcomeKind.LogstoreQuotaExceeded);
            try
            {
                await tables.SubmitAsync(Tables.Trails, [TableAction.Insert(TrailRow.Of(trail)), Count(trail, rows, by: 1)], cancellationToken);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
            {
                continue;
            }

            await EnsureAgainAsync(trail, cancellationToken);
            TrailsLog.Created(log, account, trail.Name, string.Join(", ", trail.Destinations.Select(DestinationKinds.Text)));
            return new(TrailOutcomeKind.Created, await FindAsync(account, trail.Name, cancellationToken) ?? trail, []);
        }

        return TrailOutcome.Of(TrailOutcomeKind.TooManyChanges);
    }

    /// <summary>The trail, or null when the account has none of that name (or the name cannot be one).</summary>
    public async Task<Trail?> FindAsync(string account, string name, CancellationToken cancellationToken) =>
        TrailRules.IsName(name) && await tables.FindAsync(Tables.Trails, account, TrailKeys.Trail(name), cancellationToken) is { } row ? TrailRow.Read(row) : null;

    /// <summary>The trail that the account means by a name, or null: its own, else the one of its directory.</summary>
    /// <param name="account">Who asks.</param>
    /// <param name="name">Name.</param>
    /// <param name="isOrganization">True: only a multi-account trail is meant.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<VisibleTrail?> ResolveAsync(string account, string name, bool isOrganization, CancellationToken cancellationToken)
    {
        if (!TrailRules.IsName(name))
            return null;
        if (await FindAsync(account, name, cancellationToken) is { } own && (own.IsOrganizationTrail || !isOrganization))
            return new(own, TrailAccess.Own);
        return await FindOrganizationAsync(account, cancellationToken) is { } seen && seen.Trail.Name == name ? seen : null;
    }

    /// <summary>The single-account trails of the account, by name.</summary>
    public async Task<IReadOnlyList<Trail>> ListAsync(string account, CancellationToken cancellationToken) =>
        [.. (await ListVisibleAsync(account, includeOrganization: false, cancellationToken)).Select(static v => v.Trail)];

    /// <summary>The trails of the account by name, on demand with multi-account ones: its own, then the one of its directory.</summary>
    public async Task<IReadOnlyList<VisibleTrail>> ListVisibleAsync(string account, bool includeOrganization, CancellationToken cancellationToken)
    {
        var trails = new List<VisibleTrail>();
        await foreach (var row in tables.QueryAsync(Tables.Trails, account, TrailKeys.FirstTrail, TrailKeys.AfterTrails, cancellationToken))
        {
            var trail = TrailRow.Read(row);
            if (includeOrganization || !trail.IsOrganizationTrail)
                trails.Add(new(trail, TrailAccess.Own));
        }

        if (includeOrganization && await FindOrganizationAsync(account, cancellationToken) is { Access: not TrailAccess.Own } seen)
            trails.Add(seen);
        return trails;
    }

    /// <summary>The multi-account trail of the account's directory, or null.</summary>
    private async Task<VisibleTrail?> FindOrganizationAsync(string account, CancellationToken cancellationToken)
    {
        if (await directories.FindOfAsync(account, cancellationToken) is not { } standing)
            return null;
        var (directory, owner) = (standing.Directory.DirectoryId, standing.Directory.ManagementAccount);
        if (await tables.FindAsync(Tables.Trails, owner, TrailKeys.Organization(directory), cancellationToken) is not { } row
            || await FindAsync(owner, row.GetString("Name"), cancellationToken) is not { } trail || trail.DirectoryId != directory)
        {
            return null;
        }

        return new(trail, account == owner ? TrailAccess.Own : standing.Administers ? TrailAccess.Administered : TrailAccess.Shadow);
    }

    /// <summary>The account that owns the trail which <paramref name="account"/> wants to change; null when it may not, with the end of the call.</summary>
    private async Task<(string? Owner, TrailOutcome Refusal)> OwnerAsync(string account, string name, CancellationToken cancellationToken) =>
        await ResolveAsync(account, name, isOrganization: false, cancellationToken) switch
        {
            null => (null, TrailOutcome.Of(TrailOutcomeKind.NotFound)),
            { Access: TrailAccess.Shadow } => (null, TrailOutcome.Of(TrailOutcomeKind.NotPermitted)),
            var seen => (seen.Trail.Account, TrailOutcome.Of(TrailOutcomeKind.Ok)),
        };

    /// <param name="account">Owner, or a delegated administrator who means the trail of its directory.</param>
    /// <param name="name">Name.</param>
    /// <param name="change">What is to change; deliveries of windows that were handed out before keep what was.</param>
    /// <param name="ifMatch">The version that the caller saw, or null for any.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<TrailOutcome> UpdateAsync(string account, string name, TrailChange change, string? ifMatch, CancellationToken cancellationToken)
    {
        var (owner, refusal) = await OwnerAsync(account, name, cancellationToken);
        if (owner is null)
            return refusal;
        if (await FindAsync(owner, name, cancellationToken) is not { } found)
            return TrailOutcome.Of(TrailOutcomeKind.NotFound);
        var errors = TrailRules.Check(change, found);
        if (errors.Count > 0)
            return new(TrailOutcomeKind.Invalid, null, errors);
        if (ifMatch is not null && ifMatch != found.ETag)
            return TrailOutcome.Of(TrailOutcomeKind.PreconditionFailed);
        if (FindUnoffered(owner, change.Stream is "" ? null : change.Stream, change.LogAnalytics is "" ? null : change.LogAnalytics) is { Count: > 0 } unoffered)
            return new(TrailOutcomeKind.Invalid, null, unoffered);
        if (change.Container is { Length: > 0 } container
            && (!await objects.ContainerExistsAsync(container, cancellationToken) || !await BindAsync(container, owner, cancellationToken)))
            return new(TrailOutcomeKind.ContainerMissing, null, [TrailRules.ContainerMissing]);
        if (Apply(change, found).Logstore is { } logstore && await logstores.EnsureAsync(owner, logstore, SchemaOf(found), cancellationToken) is null)
            return TrailOutcome.Of(TrailOutcomeKind.LogstoreQuotaExceeded);

        // Before the trail: whatever is handed out by now went to the places of before.
        var handedOut = new Dictionary<DestinationKind, DateTimeOffset>();
        foreach (var kind in TrailPlaces.Kinds)
        {
            var position = await tables.FindAsync(Tables.Windows, WindowKeys.Lane(StoreName.History, found.LaneOf(kind)), WindowKeys.Position, cancellationToken);
            handedOut[kind] = position is null ? DateTimeOffset.MinValue : DateTimeOffset.FromUnixTimeMilliseconds(position.GetInt64("Window"));
        }

        var outcome = await ChangeOwnAsync(
            owner, name, ifMatch, trail => TrailPlaces.Moved(trail, Apply(change, trail), handedOut, time.GetUtcNow(), time.GetUtcNow() - options.LoggingMemory), cancellationToken);
        if (outcome.Trail is { } changed)
            await EnsureAgainAsync(changed, cancellationToken);
        return outcome;
    }

    /// <summary>The Logstore may have been deleted while no trail delivered to it yet; see <see cref="LogstoreRemoval"/>.</summary>
    private async Task EnsureAgainAsync(Trail trail, CancellationToken cancellationToken)
    {
        if (trail.Logstore is { } logstore)
            await logstores.EnsureOwedAsync(trail.Account, logstore, SchemaOf(trail), cancellationToken);
    }

    /// <summary>Starts logging; does nothing when the trail logs already. Events committed from now on are due.</summary>
    public async Task<TrailOutcome> StartAsync(string account, string name, CancellationToken cancellationToken)
    {
        var needed = DateTimeOffset.MaxValue;
        foreach (var lane in WindowLanes.All)
        {
            var covered = await tables.FindAsync(Tables.Windows, WindowKeys.Lane(StoreName.History, lane), WindowKeys.Covered, cancellationToken);
            var until = covered is null ? DateTimeOffset.MinValue : covered.GetTime("Until") - Lateness;
            needed = until < needed ? until : needed;
        }

        return await ChangeAsync(account, name, ifMatch: null, trail => trail.IsLogging ? trail : Start(trail, needed), cancellationToken);
    }

    /// <summary>Stops logging; does nothing when the trail does not log. Events committed before now stay due.</summary>
    public Task<TrailOutcome> StopAsync(string account, string name, CancellationToken cancellationToken) =>
        ChangeAsync(account, name, ifMatch: null, trail => trail.IsLogging ? Stop(trail, time.GetUtcNow()) : trail, cancellationToken);

    /// <summary>Sets the data events that the trail takes beside what its selectors take.</summary>
    public async Task<TrailOutcome> PutDataEventsAsync(string account, string name, DataEventSelectors selectors, string? ifMatch, CancellationToken cancellationToken)
    {
        var errors = SelectorRules.Check(selectors);
        if (await ResolveAsync(account, name, isOrganization: false, cancellationToken) is { Trail.IsInner: true })
            errors = [.. errors, new("/eventSelectors", TrailRules.InnerRule)];
        return errors.Count > 0
            ? new(TrailOutcomeKind.Invalid, null, errors)
            : await ChangeAsync(account, name, ifMatch, trail => trail with { DataEvents = selectors, UpdateTime = time.GetUtcNow() }, cancellationToken);
    }

    /// <summary>Removes the data event selectors; does nothing when there are none.</summary>
    public Task<TrailOutcome> DeleteDataEventsAsync(string account, string name, string? ifMatch, CancellationToken cancellationToken) =>
        ChangeAsync(account, name, ifMatch, trail => trail.DataEvents is null ? trail : trail with { DataEvents = null, UpdateTime = time.GetUtcNow() }, cancellationToken);

    /// <summary>
    /// Marks that a history job of the trail delivers what was committed until now, and returns the trail as that job has it: whatever starts or
    /// stops it later does so from the mark on.
    /// </summary>
    public async Task<TrailOutcome> MarkHistoryAsync(string account, string name, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await ChangeOwnAsync(
            account,
            name,
            ifMatch: null,
            trail =>
            {
                // A clock that ran ahead may have started the trail later than now: no moment between is nobody's.
                var started = trail.IsLogging ? trail.Intervals[^1].Start : now;
                var until = started > now ? started : now;
                return trail with { HistoryUntil = trail.HistoryUntil > until ? trail.HistoryUntil : until };
            },
            cancellationToken);
    }

    /// <summary>Deletes the trail, never what it delivered. What was committed while it logged is still delivered.</summary>
    public async Task<TrailOutcome> DeleteAsync(string account, string name, string? ifMatch, CancellationToken cancellationToken)
    {
        var (owner, refusal) = await OwnerAsync(account, name, cancellationToken);
        return owner is null ? refusal : await DeleteOwnAsync(owner, name, ifMatch, cancellationToken);
    }

    private async Task<TrailOutcome> DeleteOwnAsync(string account, string name, string? ifMatch, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var rows = await ReadAccountAsync(account, cancellationToken);
            if (rows.GetValueOrDefault(TrailKeys.Trail(name)) is not { } row)
                return TrailOutcome.Of(TrailOutcomeKind.NotFound);
            if (ifMatch is not null && ifMatch != row.ETag)
                return TrailOutcome.Of(TrailOutcomeKind.PreconditionFailed);
            var trail = TrailRow.Read(row);
            var now = time.GetUtcNow();
            var ended = (trail.IsLogging ? Stop(trail, now) : trail) with { DeletedAt = now };
            var actions = new List<TableAction>
            {
                TableAction.Delete(account, row.RowKey, row.ETag),
                Count(trail, rows, by: -1),
                TableAction.Insert(TrailRow.Tombstone(ended)),
            };
            try
            {
                await tables.SubmitAsync(Tables.Trails, actions, cancellationToken);
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                continue;
            }

            TrailsLog.Deleted(log, account, name);
            return TrailOutcome.Ok(trail);
        }

        return TrailOutcome.Of(TrailOutcomeKind.TooManyChanges);
    }

    /// <summary>Every trail of every account, deleted ones included, as the delivery scheduler needs them. Reads the whole table.</summary>
    internal async IAsyncEnumerable<Trail> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.ScanAsync(Tables.Trails, cancellationToken))
        {
            if (row.PartitionKey != TrailKeys.Containers && (TrailKeys.IsTrail(row.RowKey) || TrailKeys.IsTombstone(row.RowKey)))
                yield return TrailRow.Read(row);
        }
    }

    /// <summary>Forgets deleted trails that no window can ask for, when all commits before <paramref name="covered"/> are handed out. Returns how many.</summary>
    internal async Task<int> ForgetDeletedAsync(DateTimeOffset covered, IReadOnlyCollection<Trail> trails, CancellationToken cancellationToken)
    {
        var forgotten = 0;
        foreach (var trail in trails.Where(t => t.DeletedAt is { } deleted && deleted + Lateness < covered))
            forgotten += await tables.DeleteAsync(Tables.Trails, trail.Account, TrailKeys.Tombstone(trail.TrailId), trail.ETag, cancellationToken) ? 1 : 0;
        return forgotten;
    }

    private async Task<TrailOutcome> ChangeAsync(string account, string name, string? ifMatch, Func<Trail, Trail?> change, CancellationToken cancellationToken)
    {
        var (owner, refusal) = await OwnerAsync(account, name, cancellationToken);
        return owner is null ? refusal : await ChangeOwnAsync(owner, name, ifMatch, change, cancellationToken);
    }

    private async Task<TrailOutcome> ChangeOwnAsync(string account, string name, string? ifMatch, Func<Trail, Trail?> change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (await FindAsync(account, name, cancellationToken) is not { } trail)
                return TrailOutcome.Of(TrailOutcomeKind.NotFound);
            if (ifMatch is not null && ifMatch != trail.ETag)
                return TrailOutcome.Of(TrailOutcomeKind.PreconditionFailed);
            if (change(trail) is not { } changed)
                return TrailOutcome.Of(TrailOutcomeKind.TooManyChanges);
            if (ReferenceEquals(changed, trail))
                return TrailOutcome.Ok(trail);
            try
            {
                var etag = await tables.ReplaceAsync(Tables.Trails, TrailRow.Of(changed), trail.ETag, cancellationToken);
                TrailsLog.Changed(log, account, name, changed.Status);
                return TrailOutcome.Ok(changed with { ETag = etag });
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                // Somebody changed it first: look again.
            }
        }

        return TrailOutcome.Of(TrailOutcomeKind.TooManyChanges);
    }

    private async Task<Dictionary<string, TableRow>> ReadAccountAsync(string account, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, TableRow>(StringComparer.Ordinal);
        await foreach (var row in tables.QueryAsync(Tables.Trails, account, fromRowKey: null, toRowKey: null, cancellationToken))
            rows[row.RowKey] = row;
        return rows;
    }

    /// <summary>Binds a container to the first account that uses it; false when that is another. Bindings outlive trails: so do objects.</summary>
    private async Task<bool> BindAsync(string container, string account, CancellationToken cancellationToken)
    {
        var bound = await tables.FindAsync(Tables.Trails, TrailKeys.Containers, container, cancellationToken);
        if (bound is null)
        {
            try
            {
                await tables.InsertAsync(Tables.Trails, new TableRow(TrailKeys.Containers, container).With("Account", account).With("BoundAt", time.GetUtcNow()), cancellationToken);
                return true;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
            {
                bound = await tables.FindAsync(Tables.Trails, TrailKeys.Containers, container, cancellationToken);
            }
        }

        var own = bound?.GetString("Account") == account;
        if (!own)
            TrailsLog.ContainerOfAnother(log, account, container);
        return own;
    }

    private Trail Make(string account, TrailDraft draft, Dictionary<string, TableRow> rows)
    {
        var now = time.GetUtcNow();
        var created = now;
        while (rows.ContainsKey(TrailKeys.Tombstone(TrailKeys.TrailId(draft.Name!, created))))
            created += TimeSpan.FromTicks(1);
        return new Trail
        {
            Account = account,
            Name = draft.Name!,
            TrailId = TrailKeys.TrailId(draft.Name!, created),
            Container = draft.Container,
            Logstore = draft.LogstoreProject is null ? null : LogstoreName.OfTrail(draft.LogstoreProject, draft.Name!, draft.IsInnerTrail == true),
            Stream = draft.Stream,
            LogAnalytics = draft.LogAnalytics,
            Prefix = string.IsNullOrEmpty(draft.Prefix) ? null : draft.Prefix,
            Format = TrailRules.ParseFormat(draft.Format ?? "") ?? ObjectFormat.ActionTrail,
            MaxObjectMegabytes = draft.MaxObjectMegabytes,
            FlushAfterSeconds = draft.FlushAfterSeconds,
            LogFileValidation = draft.LogFileValidation ?? true,
            WriteRoles = TrailWriteRoles.None.With(draft.WriteRoles),
            EventRW = TrailRules.ParseEventRW(draft.EventRW ?? "All") ?? TrailEventRW.All,
            TrailRegion = draft.TrailRegion ?? TrailRules.AllRegions,
            Selectors = draft.Selectors ?? TrailSelectors.Everything,
            AdvancedSelectors = draft.AdvancedSelectors,
            IsInner = draft.IsInnerTrail == true,
            HomeRegion = options.Region,
            CreateTime = now,
            UpdateTime = now,
        };
    }

    private Trail Apply(TrailChange change, Trail trail) => trail with
    {
        Container = change.Container is null ? trail.Container : change.Container.Length == 0 ? null : change.Container,
        Logstore = change.LogstoreProject is null ? trail.Logstore : change.LogstoreProject.Length == 0 ? null : LogstoreName.OfTrail(change.LogstoreProject, trail.Name, trail.IsInner),
        Stream = change.Stream is null ? trail.Stream : change.Stream.Length == 0 ? null : change.Stream,
        LogAnalytics = change.LogAnalytics is null ? trail.LogAnalytics : change.LogAnalytics.Length == 0 ? null : change.LogAnalytics,
        Prefix = change.Prefix is null ? trail.Prefix : change.Prefix.Length == 0 ? null : change.Prefix,
        Format = change.Format is null ? trail.Format : TrailRules.ParseFormat(change.Format) ?? trail.Format,
        MaxObjectMegabytes = change.MaxObjectMegabytes is null ? trail.MaxObjectMegabytes : change.MaxObjectMegabytes == 0 ? null : change.MaxObjectMegabytes,
        LogFileValidation = change.LogFileValidation ?? trail.LogFileValidation,
        ValidatedSince = change.LogFileValidation is true && !trail.LogFileValidation ? time.GetUtcNow() : trail.ValidatedSince,
        WriteRoles = trail.WriteRoles.With(change.WriteRoles),
        EventRW = change.EventRW is null ? trail.EventRW : TrailRules.ParseEventRW(change.EventRW) ?? trail.EventRW,
        TrailRegion = change.TrailRegion ?? trail.TrailRegion,
        Selectors = change.Selectors ?? (change.AdvancedSelectors is null ? trail.Selectors : TrailSelectors.Everything),
        AdvancedSelectors = change.AdvancedSelectors ?? (change.Selectors is null ? trail.AdvancedSelectors : null),
        UpdateTime = time.GetUtcNow(),
    };

    /// <summary>The names that mean nothing for the account: not configured, or not for it, which is the same answer.</summary>
    private List<TrailFieldError> FindUnoffered(string account, string? stream, string? logAnalytics)
    {
        var errors = new List<TrailFieldError>();
        if (stream is not null && !named.Offers(DestinationKind.Stream, stream, account))
            errors.Add(TrailRules.StreamMissing);
        if (logAnalytics is not null && !named.Offers(DestinationKind.LogAnalytics, logAnalytics, account))
            errors.Add(TrailRules.LogAnalyticsMissing);
        return errors;
    }

    private Trail? Start(Trail trail, DateTimeOffset needed)
    {
        var kept = trail.Intervals.Where(i => i.Stop is null || i.Stop >= needed).ToList();
        if (kept.Count >= TimeIntervals.Max)
            return null;

        // Clocks of two instances differ: an interval never begins before the last one ended, nor before the end of a history job.
        var now = time.GetUtcNow();
        var start = kept.Count > 0 && kept[^1].Stop > now ? kept[^1].Stop!.Value : now;
        start = trail.HistoryUntil > start ? trail.HistoryUntil.Value : start;
        var former = trail.FormerIntervals.Concat(trail.Intervals.Except(kept)).Where(i => i.Stop > now - options.LoggingMemory).ToList();
        while (former.Count > TimeIntervals.Max)
        {
            // What lies between counts as logged: a history job passes it over rather than deliver anything twice.
            former[1] = new(former[0].Start, former[1].Stop);
            former.RemoveAt(0);
        }

        return trail with { Status = TrailStatus.Enable, StartLoggingTime = start, Intervals = [.. kept, new(start, null)], FormerIntervals = former };
    }

    private static Trail Stop(Trail trail, DateTimeOffset now)
    {
        var last = trail.Intervals[^1];
        var stop = now < last.Start ? last.Start : now;
        stop = trail.HistoryUntil > stop ? trail.HistoryUntil.Value : stop;
        return trail with { Status = TrailStatus.Disable, StopLoggingTime = stop, Intervals = TimeIntervals.Close(trail.Intervals, stop) };
    }

    private static LogstoreSchema SchemaOf(Trail trail) => trail.IsInner ? LogstoreSchema.Platform : LogstoreSchema.Audit;

    /// <summary>Whether there is no place for another trail of this kind: one of a directory, one Inner trail, and so many others by region.</summary>
    private bool IsFull(Trail trail, Dictionary<string, TableRow> rows) => PlaceOf(trail) is { } place
        ? rows.ContainsKey(place)
        : (rows.GetValueOrDefault(TrailKeys.Quota(trail.HomeRegion))?.GetInt32("Count") ?? 0) >= options.TrailsPerAccount;

    /// <summary>Takes the trail's place, or frees it.</summary>
    private static TableAction Count(Trail trail, Dictionary<string, TableRow> rows, int by)
    {
        if (PlaceOf(trail) is { } place)
            return by > 0 ? TableAction.Insert(new TableRow(trail.Account, place).With("Name", trail.Name)) : TableAction.Delete(trail.Account, place);
        var quota = rows.GetValueOrDefault(TrailKeys.Quota(trail.HomeRegion));
        var row = new TableRow(trail.Account, TrailKeys.Quota(trail.HomeRegion)).With("Count", (quota?.GetInt32("Count") ?? 0) + by);
        return quota is null ? TableAction.Insert(row) : TableAction.Replace(row, quota.ETag!);
    }

    private static string? PlaceOf(Trail trail) => trail.IsInner ? TrailKeys.Inner : trail.DirectoryId is { } directory ? TrailKeys.Organization(directory) : null;
}
