using System.CommandLine;
using ActionTrail.Cli.Lookup;
using ActionTrail.Cli.Output;
using ActionTrail.Cli.Store;
using ActionTrail.Cli.Validate;
using ActionTrail.Digests;
using ActionTrail.Digests.Validation;

namespace ActionTrail.Cli.Commands;

/// <summary><c>validate-logs</c>: proves delivered files from their digests.</summary>
internal static class ValidateLogsCommand
{
    private const int DefaultParallelism = 8;

    public static Command Create(ConnectionOptions connection, Surroundings around)
    {
        var place = new Argument<string>("FOLDER|ADDRESS") { Description = "A copy of the container in a folder, or the signed address of the container, or with --connection-string its name." };
        var connectionString = new Option<string?>("--connection-string") { Description = $"Connection string of the storage account that the container is in. Better in the variable {StorageConnectionString.Variable}, where no list of processes shows it; then - here.", HelpName = "TEXT" };
        var keyFile = new Option<string?>("--public-keys") { Description = "The public keys, from a place that whoever may write to the container cannot write to. Else the service is asked.", HelpName = "FILE" };
        var trail = new Option<string?>("--trail") { Description = "Only this trail.", HelpName = "NAME" };
        var container = new Option<string?>("--container") { Description = "Name of the container that the folder is a copy of: digests of another one are then refused.", HelpName = "NAME" };
        var start = new Option<string?>("--start") { Description = $"Back to this time: {TimeText.Rule}. Default: to the first digest.", HelpName = "TIME" };
        var end = new Option<string?>("--end") { Description = "Files of digests that begin before this time. Default: now.", HelpName = "TIME" };
        var content = new Option<bool>("--content") { Description = "Compares what is in the files, not the files as they lie there: for copies that were compressed anew. Slower." };
        var parallelism = Numbers.Option("--parallelism", "N", 1, 64, $"Files read at once. Default {DefaultParallelism}.");
        var output = new Option<string>("--output") { Description = "How to write the report.", DefaultValueFactory = static _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("validate-logs", "Proves that delivered files are what was delivered, and all of it; names what is not.") { place, connectionString, keyFile, trail, container, start, end, content, parallelism, output };
        command.SetAction(async (result, cancellationToken) =>
        {
            var now = around.Time.GetUtcNow();
            var options = new ValidationOptions
            {
                Trail = result.GetValue(trail),
                Start = Time(result, start, now),
                End = Time(result, end, now),
                ContentOnly = result.GetValue(content),
                Parallelism = result.GetValue(parallelism) ?? DefaultParallelism,
            };
            if (options.Start >= options.End)
                throw new CliException(ExitCode.Usage, "--start lies before --end.");
            var where = result.GetValue(connectionString) is { } text
                ? StorageConnectionString.AddressOf(text == "-" ? around.Variable(StorageConnectionString.Variable) ?? "" : text, result.GetValue(place)!, now).AbsoluteUri
                : result.GetValue(place)!;
            var keys = await KeysAsync(result, result.GetValue(keyFile), connection, around, cancellationToken);
            var files = Open(where, result.GetValue(container), around, connection.Retries(result, 4));
            using (files as IDisposable)
                return await RunAsync(new LogValidator(files, keys, options, around.Time), result.GetValue(output) == "json", around, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(LogValidator validator, bool asJson, Surroundings around, CancellationToken cancellationToken)
    {
        var started = around.Time.GetTimestamp();
        ValidationReport report;
        try
        {
            report = await validator.RunAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"A file cannot be read: {TerminalText.Clean(e.Message)}");
        }

        var took = around.Time.GetElapsedTime(started);
        StoreText.Write(around, asJson ? ValidationText.Json(report, took) : ValidationText.Lines(report, took));
        if (report.IsSound)
            return ExitCode.Ok;
        var first = report.Findings[0];
        around.Tell(FormattableString.Invariant($"error: the logs are not as they were delivered: {ValidationText.NameOf(first.Kind)}: {TerminalText.Clean(first.Object)}: {TerminalText.Clean(first.Detail)} ({report.FindingCount} findings)"));
        return ExitCode.Damaged;
    }

    private static async Task<IReadOnlyList<SigningKey>> KeysAsync(ParseResult result, string? file, ConnectionOptions connection, Surroundings around, CancellationToken cancellationToken)
    {
        if (file is not null)
            return PublicKeySource.ReadFile(file);
        using var api = connection.Open(result);
        var keys = await PublicKeySource.AskAsync(api, cancellationToken);
        return keys.Count > 0 ? keys : throw new CliException(ExitCode.Usage, "The service has no public keys: it makes no digests.");
    }

    private static IDeliveredFiles Open(string place, string? container, Surroundings around, int retries)
    {
        if (Uri.TryCreate(place, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return container is null
                ? new ContainerFiles(around, address, retries)
                : throw new CliException(ExitCode.Usage, "--container goes with a folder; an address names its container.");
        }

        return Directory.Exists(place)
            ? new FolderFiles(place, container)
            : throw new CliException(ExitCode.Usage, $"{TerminalText.Clean(place)} is neither a folder nor an http(s) address.");
    }

    private static DateTimeOffset? Time(ParseResult result, Option<string?> option, DateTimeOffset now)
    {
        if (result.GetValue(option) is not { } text)
            return null;
        return TimeText.TryParse(text, now, out var time) ? time : throw new CliException(ExitCode.Usage, $"{option.Name} is {TimeText.Rule}.");
    }
}
