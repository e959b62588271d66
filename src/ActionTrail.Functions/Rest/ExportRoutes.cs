using System.IO.Pipelines;
using ActionTrail.Access;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rest;

/// <summary><c>GET /v1/events/export</c>: all events of a query as one file, in constant memory.</summary>
internal sealed class ExportRoutes(EventExport export, EventSources sources, ExportSlots slots, LookupRateLimiter limiter, LookupOptions options, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public IEnumerable<ApiRoute> All => EventSources.Both(new("GET", "/v1/events/export", Operation.ExportEvents, ExportAsync, EventDescriptions.Export) { IsFile = true }, EventDescriptions.ExportFromLogstore);

    private async Task<ApiResult> ExportAsync(ApiCall call)
    {
        var withOriginal = LookupRoutes.ReadWithOriginal(call);
        var direction = call.Note("direction", call.Query.Choice("direction", "backward", "forward"));
        var format = call.Note("format", call.Query.Choice("format", "ndjson", "json", "csv")) ?? "ndjson";
        var columns = call.Note("columns", call.Query.Text("columns"));
        var query = LookupParameters.ReadSelection(call, options, time.GetUtcNow()) with { Direction = LookupParameters.DirectionOf(direction) };
        if (columns is not null && format != "csv")
            call.Query.Refuse("columns", "Only with format=csv.");
        var chosen = CsvColumn.Choose(columns, withOriginal);
        if (chosen is null)
            call.Query.Refuse("columns", $"Names of these, with commas: {string.Join(", ", CsvColumn.All.Select(static c => c.Name))}.");
        if (call.Query.Finish() is { } problem)
            return problem;
        if (await sources.FindAsync(call) is not { } source)
            return ProblemType.LogstoreNotFound;
        query = query with { Reach = source.Reach };
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };
        if (slots.TryTake(call.Caller.HomeAccountId) is not { } slot)
            return new Problem(ProblemType.TooManyRequests, "Other exports of the account are under way.") { RetryAfter = Pause };
        call.Context.Response.RegisterForDispose(slot);

        // The first page is read before anything is answered: what is wrong from the start is a problem, not a broken file.
        var pages = export.ReadAsync(source.Store, query, call.Cancellation).GetAsyncEnumerator(call.Cancellation);
        call.Context.Response.RegisterForDisposeAsync(pages);
        await pages.MoveNextAsync();
        ExportForm form = format switch
        {
            "json" => new JsonArrayForm(source.Shape(withOriginal)),
            "csv" => new CsvForm(chosen!),
            _ => new NdjsonForm(source.Shape(withOriginal)),
        };
        var name = $"events-{time.GetUtcNow().UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.{format}";
        return new ApiResult
        {
            Status = StatusCodes.Status200OK,
            File = new FileBody(form.ContentType, name, writer => WriteAsync(pages, form, writer, call.Cancellation)),
            Statistics = LookupRoutes.Text(pages.Current.Statistics),
        };
    }

    private static async Task WriteAsync(IAsyncEnumerator<LookupPage> pages, ExportForm form, PipeWriter writer, CancellationToken cancellationToken)
    {
        form.Begin(writer);
        do
        {
            foreach (var found in pages.Current.Events)
            {
                form.Write(writer, found.Body.Span);
                // Waits for the reader; without a reader nothing piles up.
                if (writer.UnflushedBytes >= 64 * 1024)
                    await writer.FlushAsync(cancellationToken);
            }

            await writer.FlushAsync(cancellationToken);
        }
        while (await pages.MoveNextAsync());
        form.End(writer);
        await writer.FlushAsync(cancellationToken);
    }
}
