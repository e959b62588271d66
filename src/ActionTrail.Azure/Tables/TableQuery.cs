using Azure;

namespace ActionTrail.Azure.Tables;

/// <summary>The pages of one query. A page may be empty and still have a successor.</summary>
internal sealed class TableQuery<T>(TableRequests requests, string table, string? filter, int? maxPerPage, IEnumerable<string>? select, CancellationToken cancellationToken)
    : AsyncPageable<T>(cancellationToken)
    where T : TableEntity, new()
{
    public override async IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        var continuation = continuationToken;
        do
        {
            using var message = requests.Query(table, filter, pageSizeHint ?? maxPerPage, select, continuation);
            await requests.Pipeline.SendAsync(message, CancellationToken);
            if (message.Response.Status != 200)
                throw new RequestFailedException(message.Response);
            continuation = TableRequests.Continuation(message.Response);
            var entities = TableEntityJson.ReadPage<T>(message.Response.Content.ToMemory().Span);
            yield return Page<T>.FromValues(entities, continuation, message.Response);
        }
        while (continuation is not null);
    }
}
