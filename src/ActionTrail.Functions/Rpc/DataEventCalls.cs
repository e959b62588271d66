using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Functions.Rest;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rpc;

/// <summary>Data event selectors of trails. <c>EventSelectors</c> is a JSON array in a parameter; what was chosen goes where the trail goes, so there are no Logstores to tell of.</summary>
internal sealed class DataEventCalls(TrailStore trails)
{
    private const int MaxSelectorText = 32_000;

    public async Task<ApiResult> PutAsync(ApiCall call, RpcParameters parameters)
    {
        var name = TrailCalls.ReadName(call, parameters, "TrailName");
        var selectors = Read(parameters);
        var isAllRegion = parameters.Flag("IsTrailAllRegion") ?? false;
        var regions = parameters.Text("TrailRegionIds")?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        if (parameters.Finish() is { } refused)
            return refused;
        var outcome = await trails.PutDataEventsAsync(call.AccountId, name!, new DataEventSelectors(isAllRegion, regions, selectors), ifMatch: null, call.Cancellation);
        return TrailCalls.Answer(outcome, trail => RpcAnswerForm.Ok(call, json =>
        {
            json.WriteString("TrailArn"u8, TrailCalls.Arn(trail));
            json.WriteString("DataEventSelectors"u8, Text(trail.DataEvents!));
        }));
    }

    public async Task<ApiResult> GetAsync(ApiCall call, RpcParameters parameters)
    {
        var name = TrailCalls.ReadName(call, parameters, "TrailName");
        if (parameters.Finish() is { } refused)
            return refused;
        var (trail, refusal) = await TrailCalls.FindAsync(trails, call, name!, isOrganization: false);
        if (trail is null)
            return refusal!;
        return trail.DataEvents is { } selectors
            ? RpcAnswerForm.Ok(call, json =>
            {
                json.WriteString("TrailArn"u8, TrailCalls.Arn(trail));
                json.WriteString("DataEventSelectors"u8, Text(selectors));
                Write(json, selectors);
            })
            : ProblemType.DataEventSelectorNotFound;
    }

    public async Task<ApiResult> DeleteAsync(ApiCall call, RpcParameters parameters)
    {
        var name = TrailCalls.ReadName(call, parameters, "TrailName");
        if (parameters.Finish() is { } refused)
            return refused;
        return TrailCalls.Answer(await trails.DeleteDataEventsAsync(call.AccountId, name!, ifMatch: null, call.Cancellation), _ => RpcAnswerForm.Ok(call));
    }

    /// <summary>An account has few trails: all pages are cut from one list, by the name after which the next begins.</summary>
    public async Task<ApiResult> ListAsync(ApiCall call, RpcParameters parameters)
    {
        var size = parameters.Number("MaxResults", 1, 100, 20);
        var after = parameters.Text("NextToken");
        if (after is not null && !TrailRules.IsName(after))
            parameters.Refuse("NextToken", "The one of the page before.");
        if (parameters.Finish() is { } refused)
            return refused;
        var all = await trails.ListVisibleAsync(call.AccountId, includeOrganization: true, call.Cancellation);
        var rest = all.Where(static seen => seen.Access != TrailAccess.Shadow && seen.Trail.DataEvents is not null).Select(static seen => seen.Trail)
            .OrderBy(static trail => trail.Name, StringComparer.Ordinal).Where(trail => after is null || string.CompareOrdinal(trail.Name, after) > 0).ToList();
        return RpcAnswerForm.Ok(call, json =>
        {
            json.WriteStartObject("Data"u8);
            json.WriteNumber("MaxResults"u8, size);
            json.WriteString("NextToken"u8, rest.Count > size ? rest[size - 1].Name : "");
            json.WriteStartArray("DataEventSelectorInfos"u8);
            foreach (var trail in rest.Take(size))
            {
                json.WriteStartObject();
                json.WriteString("TrailName"u8, trail.Name);
                json.WriteString("TrailArn"u8, TrailCalls.Arn(trail));
                json.WriteString("EventSelectors"u8, Text(trail.DataEvents!));
                Write(json, trail.DataEvents!);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static IReadOnlyList<DataEventSelector> Read(RpcParameters parameters)
    {
        if (parameters.Text("EventSelectors", required: true, MaxSelectorText) is not { } text)
            return [];
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 16 });
            var errors = new List<TrailFieldError>();
            var selectors = SelectorJson.ReadDataEventList(document.RootElement, "/eventSelectors", errors);
            foreach (var fault in TrailCalls.Faults(errors))
                parameters.Refuse(fault.Pointer, fault.Rule);
            return selectors;
        }
        catch (JsonException e)
        {
            parameters.Refuse("EventSelectors", string.Create(CultureInfo.InvariantCulture, $"Not valid JSON at byte {e.BytePositionInLine + 1}."));
            return [];
        }
    }

    private static void Write(Utf8JsonWriter json, DataEventSelectors selectors)
    {
        json.WriteBoolean("IsTrailAllRegion"u8, selectors.IsTrailAllRegion);
        json.WriteString("TrailRegionIds"u8, string.Join(',', selectors.TrailRegionIds));
        json.WriteStartArray("SlsDeliveryConfigs"u8);
        json.WriteEndArray();
    }

    /// <summary>The array as the original writes it.</summary>
    private static string Text(DataEventSelectors selectors)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var one in selectors.Selectors)
            {
                json.WriteStartObject();
                json.WriteString("ServiceName"u8, one.ServiceName);
                json.WriteString("ReadWriteType"u8, one.ReadWriteType.ToString());
                Write(json, "EventName", one.EventName);
                Write(json, "ResourceArn", one.ResourceArn);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string name, ValueCondition condition)
    {
        if (condition.EqualTo.Count == 0 && condition.NotEqualTo.Count == 0)
            return;
        json.WriteStartObject(name);
        Write(json, "Equals", condition.EqualTo);
        Write(json, "NotEquals", condition.NotEqualTo);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
