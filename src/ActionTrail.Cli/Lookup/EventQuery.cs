using ActionTrail.Cli.Connection;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Lookup;

/// <summary><c>events query</c> and every other list: pages until enough was shown.</summary>
internal static class EventQuery
{
    public const int LargestPage = 1000;

    /// <summary>Shows up to <paramref name="maxItems"/> records, 0 for all. A cut is said, never silent.</summary>
    public static async Task<int> RunAsync(ApiClient api, string path, Func<int, string> query, int maxItems, RecordWriter writer, Surroundings around, CancellationToken cancellationToken)
    {
        var pageSize = maxItems == 0 ? LargestPage : Math.Min(maxItems, LargestPage);
        var isCut = false;
        await foreach (var page in ApiPages.ReadAsync(api, path, query(pageSize), cancellationToken))
        {
            var room = maxItems == 0 ? int.MaxValue : maxItems - writer.Count;
            isCut = page.Records.Count > room || (page.Records.Count == room && page.HasMore);
            writer.Write([.. page.Records.Take(room)]);
            if (isCut)
                break;
        }

        writer.Finish();
        if (isCut)
            around.Tell($"{writer.Count} shown; there are more. --max-items 0 shows all.");
        else if (writer.Count == 0)
            around.Tell("nothing matches");
        return ExitCode.Ok;
    }
}
