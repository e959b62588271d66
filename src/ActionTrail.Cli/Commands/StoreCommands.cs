using System.CommandLine;
using System.Globalization;
using ActionTrail.Cli.Output;
using ActionTrail.Cli.Store;

namespace ActionTrail.Cli.Commands;

/// <summary><c>verify store</c> and <c>store repair</c>.</summary>
internal static class StoreCommands
{
    private const int DefaultSeconds = 3600;

    public static Command Verify(ConnectionOptions connection, Surroundings around)
    {
        var rowsOnly = new Option<bool>("--rows-only") { Description = "Proves chains, order, gaps, counts and the catalog, and reads no objects." };
        var timeout = Numbers.Option("--timeout", "SECONDS", 1, 30 * 24 * 3600, $"How long the whole run may take. Default {DefaultSeconds}.");
        var (store, output) = (Store(), Output());
        var command = new Command("store", "Proves that the store is as it was written; names what is not.") { rowsOnly, timeout, store, output };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = connection.Open(result);
            var proof = new StoreProof(api, around, TimeSpan.FromSeconds(result.GetValue(timeout) ?? DefaultSeconds));
            return await proof.RunAsync(result.GetValue(rowsOnly), result.GetValue(store), Form(result.GetValue(output)), cancellationToken);
        });
        return command;
    }

    public static Command Repair(ConnectionOptions connection, Surroundings around)
    {
        var hours = Numbers.Option("--hours", "N", 1, 24 * 3650, "Only commits of the last N hours. Default: all.");
        var acceptLoss = new Option<string?>("--accept-loss") { Description = "Gives up this compacted segment with its events, when it cannot be read or written again. For good.", HelpName = "NAME" };
        var (store, output) = (Store(), Output());
        var command = new Command("repair", "Writes again what is missing and can be made anew, and marks what is lost. Harmless when repeated.") { hours, acceptLoss, store, output };
        command.SetAction(async (result, cancellationToken) =>
        {
            // No second try by itself: the report of the first, which names what is lost, would be gone.
            using var api = connection.Open(result, defaultRetries: 0);
            var query = new List<string>();
            if (result.GetValue(hours) is { } number)
                query.Add("hours=" + number.ToString(CultureInfo.InvariantCulture));
            if (result.GetValue(acceptLoss) is { } name)
                query.Add("acceptLoss=" + Uri.EscapeDataString(name));
            if (result.GetValue(store) is { } other)
                query.Add("store=" + Uri.EscapeDataString(other));
            return await StoreMending.RunAsync(api, query.Count == 0 ? "" : "?" + string.Join('&', query), Form(result.GetValue(output)), around, cancellationToken);
        });
        return command;
    }

    private static Option<string?> Store() => new("--store") { Description = "The store of a Logstore, as GET /v1/logstores names it, instead of the history.", HelpName = "NAME" };

    private static Option<string> Output()
    {
        var option = new Option<string>("--output") { Description = "How to write the report.", DefaultValueFactory = static _ => "text" };
        option.AcceptOnlyFromAmong("text", "json");
        return option;
    }

    private static OutputForm Form(string? value) => value == "json" ? OutputForm.Json : OutputForm.Table;
}
