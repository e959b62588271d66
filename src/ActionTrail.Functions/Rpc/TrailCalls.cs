using System.Globalization;
using System.Text.Json;
using ActionTrail.Delivery;
using ActionTrail.Functions.Rest;
using ActionTrail.Layout;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rpc;

/// <summary>Trails under the names that ActionTrail gives their parts: <c>OssBucketName</c> is the container, <c>OssKeyPrefix</c> the prefix.</summary>
internal sealed class TrailCalls(TrailStore trails, DeliveryLedger ledger, TrailMetrics metrics)
{
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly Dictionary<string, string> Parameters = new(StringComparer.Ordinal)
    {
        ["/name"] = "Name",
        ["/container"] = "OssBucketName",
        ["/prefix"] = "OssKeyPrefix",
        ["/eventRW"] = "EventRW",
        ["/trailRegion"] = "TrailRegion",
        ["/isOrganizationTrail"] = "IsOrganizationTrail",
        ["/logstoreProject"] = "SlsProjectArn",
        ["/isInnerTrail"] = "TrailType",
        ["/trailRegionIds"] = "TrailRegionIds",
    };

    public async Task<ApiResult> CreateAsync(ApiCall call, RpcParameters parameters)
    {
        var draft = new TrailDraft
        {
            Name = parameters.Text("Name", required: true),
            Container = ReadContainer(parameters),
            Prefix = parameters.Text("OssKeyPrefix"),
            WriteRoles = ReadRoles(parameters),
            EventRW = parameters.Text("EventRW"),
            TrailRegion = parameters.Text("TrailRegion"),
            IsOrganizationTrail = parameters.Flag("IsOrganizationTrail"),
            LogstoreProject = ReadProject(parameters) is { Length: > 0 } project ? project : null,
            IsInnerTrail = parameters.Choice("TrailType", "Standard", "Inner") is { } type ? type == "Inner" : null,
        };
        draft = draft with { Container = draft.Container is "" ? null : draft.Container };
        if (draft.Container is null && draft.LogstoreProject is null)
            parameters.Missing(draft.IsInnerTrail == true ? "SlsProjectArn" : "OssBucketName");
        call.ResourceName = draft.Name;
        if (parameters.Finish() is { } refused)
            return refused;
        return Answer(await trails.CreateAsync(call.AccountId, draft, call.Cancellation), trail => Echo(call, trail));
    }

    public async Task<ApiResult> UpdateAsync(ApiCall call, RpcParameters parameters)
    {
        var name = ReadName(call, parameters, "Name");
        var change = new TrailChange
        {
            Container = ReadContainer(parameters),
            LogstoreProject = ReadProject(parameters),
            Prefix = parameters.Change("OssKeyPrefix"),
            WriteRoles = ReadRoles(parameters),
            EventRW = parameters.Text("EventRW"),
            TrailRegion = parameters.Text("TrailRegion"),
        };
        if (parameters.Finish() is { } refused)
            return refused;
        return Answer(await trails.UpdateAsync(call.AccountId, name!, change, ifMatch: null, call.Cancellation), trail => Echo(call, trail));
    }

    public async Task<ApiResult> DeleteAsync(ApiCall call, RpcParameters parameters)
    {
        var name = ReadName(call, parameters, "Name");
        if (parameters.Finish() is { } refused)
            return refused;
        return Answer(await trails.DeleteAsync(call.AccountId, name!, ifMatch: null, call.Cancellation), _ => RpcAnswerForm.Ok(call));
    }

    public async Task<ApiResult> StartAsync(ApiCall call, RpcParameters parameters)
    {
        var name = ReadName(call, parameters, "Name");
        if (parameters.Finish() is { } refused)
            return refused;
        return Answer(await trails.StartAsync(call.AccountId, name!, call.Cancellation), _ => RpcAnswerForm.Ok(call));
    }

    public async Task<ApiResult> StopAsync(ApiCall call, RpcParameters parameters)
    {
        var name = ReadName(call, parameters, "Name");
        if (parameters.Finish() is { } refused)
            return refused;
        return Answer(await trails.StopAsync(call.AccountId, name!, call.Cancellation), _ => RpcAnswerForm.Ok(call));
    }

    public async Task<ApiResult> DescribeAsync(ApiCall call, RpcParameters parameters)
    {
        var names = parameters.Text("NameList")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        // To a member the trail of its directory is a shadow trail; either name asks for it.
        var includes = parameters.Flag("IncludeShadowTrails") == true | parameters.Flag("IncludeOrganizationTrail") == true;
        if (parameters.Finish() is { } refused)
            return refused;
        var list = await trails.ListVisibleAsync(call.AccountId, includes, call.Cancellation);
        return RpcAnswerForm.Ok(call, json =>
        {
            json.WriteStartArray("TrailList"u8);
            foreach (var seen in list.Where(seen => names is null || names.Contains(seen.Trail.Name, StringComparer.Ordinal)))
                Describe(json, seen);
            json.WriteEndArray();
        });
    }

    public async Task<ApiResult> StatusAsync(ApiCall call, RpcParameters parameters)
    {
        var name = ReadName(call, parameters, "Name");
        var isOrganizationTrail = parameters.Flag("IsOrganizationTrail") ?? false;
        if (parameters.Finish() is { } refused)
            return refused;
        var (found, refusal) = await FindAsync(trails, call, name!, isOrganizationTrail);
        if (found is not { } trail)
            return refusal!;
        var report = await ledger.ReadStatusAsync(trail, call.Cancellation);
        var (container, logstore) = (report.Find(DestinationKind.Blob), report.Find(DestinationKind.Logstore));
        return RpcAnswerForm.Ok(call, json =>
        {
            json.WriteBoolean("IsLogging"u8, report.IsLogging);
            json.WriteBoolean("OssBucketStatus"u8, container is { IsUsable: true });
            json.WriteBoolean("SlsLogStoreStatus"u8, logstore is { IsUsable: true });
            json.WriteString("LatestDeliveryTime"u8, Text(container?.LatestDeliveryTime));
            json.WriteString("LatestDeliveryError"u8, container?.LatestDeliveryError ?? "");
            json.WriteString("LatestDeliveryLogServiceTime"u8, Text(logstore?.LatestDeliveryTime));
            json.WriteString("LatestDeliveryLogServiceError"u8, logstore?.LatestDeliveryError ?? "");
            json.WriteString("StartLoggingTime"u8, Text(report.StartLoggingTime));
            json.WriteString("StopLoggingTime"u8, Text(report.StopLoggingTime));
        });
    }

    /// <summary>Counted in the minute in which an attempt ended. A failure counts the events that had been read when it failed.</summary>
    public async Task<ApiResult> MetricAsync(ApiCall call, RpcParameters parameters)
    {
        var name = ReadName(call, parameters, "TrailName");
        var metric = parameters.Choice("MetricName", "delivery_sls_success_count", "delivery_sls_fail_count", "delivery_oss_success_count", "delivery_oss_fail_count");
        var start = parameters.Time("StartTime", required: true);
        var end = parameters.Time("EndTime", required: true);
        var seconds = parameters.Number("Period", 60, 86_400, 60, required: true);
        if (seconds % 60 != 0)
            parameters.Refuse("Period", "A multiple of 60.");
        else if (start >= end)
            parameters.Refuse("StartTime", "Before EndTime.");
        else if (start is { } s && end is { } e && TrailMetrics.CountPeriods(s, e, TimeSpan.FromSeconds(seconds)) > TrailMetrics.MaxPeriods)
            parameters.Refuse("Period", string.Create(CultureInfo.InvariantCulture, $"At most {TrailMetrics.MaxPeriods} periods from StartTime to EndTime."));
        if (metric is null)
            parameters.Text("MetricName", required: true);
        if (parameters.Finish() is { } refused)
            return refused;
        var (found, refusal) = await FindAsync(trails, call, name!, isOrganization: false);
        if (found is not { } trail)
            return refusal!;
        var kind = metric!.Contains("_sls_", StringComparison.Ordinal) ? DestinationKind.Logstore : DestinationKind.Blob;
        var periods = await metrics.ReadAsync(trail, kind, start!.Value, end!.Value, TimeSpan.FromSeconds(seconds), call.Cancellation);
        return RpcAnswerForm.Ok(call, json =>
        {
            json.WriteStartArray("MetricList"u8);
            foreach (var one in periods)
            {
                json.WriteStartObject();
                json.WriteNumber("Timestamp"u8, one.Start.ToUnixTimeMilliseconds());
                json.WriteNumber("Count"u8, metric.EndsWith("_success_count", StringComparison.Ordinal) ? one.Counts.Delivered : one.Counts.Failed);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    /// <summary>The trail of this name if the account may do more than know of it; else the refusal.</summary>
    public static async Task<(Trail? Trail, ApiResult? Refusal)> FindAsync(TrailStore trails, ApiCall call, string name, bool isOrganization) =>
        await trails.ResolveAsync(call.AccountId, name, isOrganization, call.Cancellation) switch
        {
            null => (null, ProblemType.TrailNotFound),
            { Access: TrailAccess.Shadow } => (null, ProblemType.NotOrganizationMasterAccount),
            var seen => (seen.Trail, null),
        };

    public static string? ReadName(ApiCall call, RpcParameters parameters, string parameter)
    {
        var name = parameters.Text(parameter, required: true);
        call.ResourceName = name;
        return name;
    }

    /// <summary>The container; other destinations are refused by name. Empty values are how clients take a destination away.</summary>
    private static string? ReadContainer(RpcParameters parameters)
    {
        if (parameters.Text("MaxComputeProjectArn") is not null)
            parameters.Refuse("MaxComputeProjectArn", "This destination is not offered here; trails deliver to OssBucketName, which names a Blob container, and SlsProjectArn, a Logstore project.");
        return parameters.Change("OssBucketName");
    }

    /// <summary>The Logstore project out of <c>acs:log:{region}:{account}:project/{project}</c>, or its bare name. Region and account are not looked at: it is the account's own.</summary>
    private static string? ReadProject(RpcParameters parameters)
    {
        if (parameters.Change("SlsProjectArn") is not { } text)
            return null;
        var parts = text.Split(':', 5);
        return parts is ["acs", "log", _, _, var resource] && resource.StartsWith("project/", StringComparison.Ordinal) ? resource["project/".Length..] : text;
    }

    private static TrailWriteRoles ReadRoles(RpcParameters parameters) => new(
        parameters.Change("OssWriteRoleArn", maxLength: TrailWriteRoles.MaxLength),
        parameters.Change("SlsWriteRoleArn", maxLength: TrailWriteRoles.MaxLength),
        parameters.Change("MaxComputeWriteRoleArn", maxLength: TrailWriteRoles.MaxLength));

    public static ApiResult Answer(TrailOutcome outcome, Func<Trail, ApiResult> done) => outcome.Kind switch
    {
        TrailOutcomeKind.Created or TrailOutcomeKind.Ok => done(outcome.Trail!),
        TrailOutcomeKind.Invalid => new Problem(RpcErrors.InvalidParameterValue) { Errors = Faults(outcome.Errors) },
        TrailOutcomeKind.ContainerMissing => new Problem(RpcErrors.InsufficientBucketPolicy) { Errors = Faults(outcome.Errors) },
        TrailOutcomeKind.NameTaken => ProblemType.TrailAlreadyExists,
        TrailOutcomeKind.QuotaExceeded => ProblemType.TrailLimitExceeded,
        TrailOutcomeKind.LogstoreQuotaExceeded => ProblemType.LogstoreLimitExceeded,
        TrailOutcomeKind.NotFound => ProblemType.TrailNotFound,
        TrailOutcomeKind.NotPermitted => ProblemType.NotOrganizationMasterAccount,
        TrailOutcomeKind.TooManyChanges => new Problem(ProblemType.Conflict, "The trail changes too fast; repeat later."),
        _ => throw new InvalidOperationException($"There is no outcome {outcome.Kind}."),
    };

    /// <summary>Faults under the names of parameters; a pointer into the selectors stays behind theirs.</summary>
    public static IReadOnlyList<Fault> Faults(IEnumerable<TrailFieldError> errors) => [.. errors.Select(static error => new Fault(Name(error.Pointer), error.Rule))];

    public static string Arn(Trail trail) => $"acs:actiontrail:{trail.HomeRegion}:{trail.Account}:trail/{trail.Name}";

    private static string Name(string pointer) => pointer.StartsWith("/eventSelectors", StringComparison.Ordinal)
        ? string.Concat("EventSelectors", pointer.AsSpan("/eventSelectors".Length))
        : Parameters.GetValueOrDefault(pointer, pointer);

    private static ApiResult Echo(ApiCall call, Trail trail) => RpcAnswerForm.Ok(call, json => WriteSettings(json, trail));

    private static void WriteSettings(Utf8JsonWriter json, Trail trail)
    {
        json.WriteString("Name"u8, trail.Name);
        json.WriteString("HomeRegion"u8, trail.HomeRegion);
        json.WriteString("TrailRegion"u8, trail.TrailRegion);
        json.WriteString("EventRW"u8, trail.EventRW.ToString());
        json.WriteString("OssBucketName"u8, trail.Container ?? "");
        json.WriteString("OssKeyPrefix"u8, trail.Prefix ?? "");
        json.WriteString("OssWriteRoleArn"u8, trail.WriteRoles.Oss ?? "");
        json.WriteString("SlsProjectArn"u8, trail.Logstore is { } logstore ? $"acs:log:{trail.HomeRegion}:{trail.Account}:project/{logstore.Project}" : "");
        json.WriteString("SlsWriteRoleArn"u8, trail.WriteRoles.Sls ?? "");
        json.WriteString("MaxComputeProjectArn"u8, "");
        json.WriteString("MaxComputeWriteRoleArn"u8, trail.WriteRoles.MaxCompute ?? "");
    }

    /// <summary>Of a shadow trail no more than that it is there and what it takes.</summary>
    private static void Describe(Utf8JsonWriter json, VisibleTrail seen)
    {
        var trail = seen.Trail;
        json.WriteStartObject();
        if (seen.Access == TrailAccess.Shadow)
        {
            json.WriteString("Name"u8, trail.Name);
            json.WriteString("HomeRegion"u8, trail.HomeRegion);
            json.WriteString("TrailRegion"u8, trail.TrailRegion);
            json.WriteString("EventRW"u8, trail.EventRW.ToString());
        }
        else
        {
            WriteSettings(json, trail);
            json.WriteString("OssBucketLocation"u8, trail.HomeRegion);
            json.WriteString("UpdateTime"u8, Text(trail.UpdateTime));
            json.WriteString("StartLoggingTime"u8, Text(trail.StartLoggingTime));
            json.WriteString("StopLoggingTime"u8, Text(trail.StopLoggingTime));
        }

        json.WriteString("Status"u8, trail.Status.ToString());
        json.WriteBoolean("IsOrganizationTrail"u8, trail.IsOrganizationTrail);
        json.WriteString("TrailType"u8, trail.IsInner ? "Inner"u8 : "Standard"u8);
        if (trail.DirectoryId is not null)
            json.WriteString("OrganizationId"u8, trail.DirectoryId);
        json.WriteString("Region"u8, trail.HomeRegion);
        json.WriteString("TrailArn"u8, Arn(trail));
        json.WriteString("CreateTime"u8, Text(trail.CreateTime));
        json.WriteEndObject();
    }

    private static string Text(DateTimeOffset? time) => time?.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture) ?? "";
}
