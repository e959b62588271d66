using System.CommandLine;
using ActionTrail.Cli.Output;
using ActionTrail.Cli.Resources;
using static ActionTrail.Cli.Resources.ResourceCalls;

namespace ActionTrail.Cli.Commands;

/// <summary><c>trail …</c>: trails, their status, and deliveries that wait for a person.</summary>
internal static class TrailCommands
{
    private static readonly Column[] TrailColumns =
    [
        Column.At("name", 36, "name"), Column.At("status", 8, "status"), Column.At("container", 40, "container"), Column.At("logstore", 44, "logstore"), Column.At("prefix", 32, "prefix"), Column.At("eventRW", 8, "eventRW"),
        Column.At("trailRegion", 20, "trailRegion"), Column.At("isOrganizationTrail", 20, "isOrganizationTrail"),
    ];

    private static readonly Column[] DeliveryColumns =
    [
        Column.At("window", 16, "window"), Column.At("category", 16, "category"), Column.At("at", 28, "at"), Column.At("attempts", 8, "attempts"), Column.At("detail", 60, "detail"),
    ];

    public static Command Create(ResourceCommand make)
    {
        var name = ResourceCommand.Argument("TRAIL", "Name of the trail.");
        var isOrganization = new Option<bool>("--organization") { Description = "Means the directory's trail." };
        var draft = new Draft();
        var isInner = new Option<bool>("--inner") { Description = "The account's Inner trail, which takes platform events to a Logstore." };
        string Path(ParseResult result, string rest = "") =>
            $"v1/trails/{ResourceCommand.Segment(result.GetValue(name)!)}{rest}{(result.GetValue(isOrganization) ? "?isOrganizationTrail=true" : "")}";
        Command Post(string verb, string description, string done) => make.Create(
            verb, description, repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Post, Path(result, "/" + verb), body: null, done, stop), name, isOrganization);
        return new Command("trail", "Trails: what is copied into Blob containers, Logstores, event hubs and Log Analytics tables.")
        {
            make.Create("create", "Makes a trail. It delivers nothing until it is started.", repeats: false, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Post, "v1/trails", draft.Body(result, ("name", result.GetValue(name)), ("isOrganizationTrail", result.GetValue(isOrganization) ? true : null), ("isInnerTrail", result.GetValue(isInner) ? true : null)), "created; trail start begins the delivery", stop), [name, isOrganization, isInner, .. draft.All]),
            make.Create("list", "Lists the trails of the account.", repeats: true, (calls, result, stop) => calls.ListAsync("v1/trails", result.GetValue(isOrganization) ? "includeOrganizationTrail=true" : "", TrailColumns, stop), isOrganization),
            make.Create("show", "Shows a trail.", repeats: true, (calls, result, stop) => calls.ShowAsync(Path(result), stop), name, isOrganization),
            make.Create("update", "Changes a trail; what is not given stays.", repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Patch, Path(result), draft.Body(result), "changed", stop), [name, isOrganization, .. draft.All]),
            Post("start", "Starts a trail.", "started"),
            Post("stop", "Stops a trail.", "stopped"),
            make.Create("delete", "Deletes a trail. What it delivered stays.", repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Delete, Path(result), body: null, "deleted", stop), name, isOrganization),
            make.Create("status", "Shows how the deliveries of a trail stand.", repeats: true, (calls, result, stop) => calls.ShowAsync(Path(result, "/status"), stop), name, isOrganization),
            make.Create("undelivered", "Lists deliveries that wait for a person.", repeats: true, (calls, result, stop) => calls.ListAsync($"v1/trails/{ResourceCommand.Segment(result.GetValue(name)!)}/deliveries", "pageSize=100" + (result.GetValue(isOrganization) ? "&isOrganizationTrail=true" : ""), DeliveryColumns, stop), name, isOrganization),
            Redeliver(make, name, isOrganization, Path),
        };
    }

    private static Command Redeliver(ResourceCommand make, Argument<string> name, Option<bool> isOrganization, Func<ParseResult, string, string> path)
    {
        var windows = new Argument<string[]>("WINDOW") { Description = "Windows as trail undelivered shows them.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "Every undelivered window." };
        var command = make.Create(
            "redeliver",
            "Has undelivered windows delivered again.",
            repeats: true,
            async (calls, result, stop) =>
            {
                if (result.GetValue(all))
                    return await calls.ChangeAsync(HttpMethod.Post, path(result, "/redeliver"), body: null, "under way", stop);
                foreach (var window in result.GetValue(windows)!)
                    await calls.ChangeAsync(HttpMethod.Post, path(result, $"/deliveries/{ResourceCommand.Segment(window)}/redeliver"), body: null, window + " is under way", stop);
                return ExitCode.Ok;
            },
            name,
            windows,
            all,
            isOrganization);
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == (result.GetValue(windows) is { Length: > 0 }))
                result.AddError("Name windows, or give --all.");
        });
        return command;
    }

    /// <summary>What a creation and a change have in common.</summary>
    private sealed class Draft
    {
        private readonly Option<string?> container = ResourceCommand.Option("--container", "NAME", "Blob container that it delivers to; empty takes it away.");
        private readonly Option<string?> logstore = ResourceCommand.Option("--logstore", "PROJECT", "Project of the Logstore that it delivers to, actiontrail_TRAIL; empty takes it away.");
        private readonly Option<string?> stream = ResourceCommand.Option("--stream", "NAME", "Event hub that it delivers to, under the name that the operator gave it; empty takes it away.");
        private readonly Option<string?> logAnalytics = ResourceCommand.Option("--log-analytics", "NAME", "Log Analytics table that it delivers to, likewise.");
        private readonly Option<string?> prefix = ResourceCommand.Option("--prefix", "TEXT", "What names of delivered objects begin with; empty takes it away.");
        private readonly Option<string?> format = ResourceCommand.Option("--format", "FORM", "Form of delivered objects: ActionTrail, CloudTrail or Ndjson.");
        private readonly Option<int?> maxObject = new("--max-object-mib") { HelpName = "N", Description = "Largest object, 1 to 256 MiB before gzip." };
        private readonly Option<int?> flushAfter = new("--flush-after") { HelpName = "SECONDS", Description = "How long events are gathered before they are written: 300, or as the deployment says; fixed when a trail is made." };
        private readonly Option<string?> eventRW = ResourceCommand.Option("--event-rw", "RW", "Read, Write or All.");
        private readonly Option<string?> region = ResourceCommand.Option("--trail-region", "REGION", "All, or the one region whose events it takes.");
        private readonly Option<string?> selectors = ResourceCommand.Option("--selectors", "JSON|FILE", "Which events it takes, as docs/api.md has it.");
        private readonly Option<string?> advanced = ResourceCommand.Option("--advanced-selectors", "JSON|FILE", "The same in CloudTrail's advanced form.");

        public IEnumerable<Symbol> All => [container, logstore, stream, logAnalytics, prefix, format, maxObject, flushAfter, eventRW, region, selectors, advanced];

        public string Body(ParseResult result, params IReadOnlyList<(string Name, object? Value)> more) => ResourceCalls.Body(
        [
            .. more, ("container", Place(result, container)), ("logstoreProject", Place(result, logstore)), ("stream", Place(result, stream)), ("logAnalytics", Place(result, logAnalytics)), ("prefix", result.GetValue(prefix)),
            ("format", result.GetValue(format)), ("maxObjectMegabytes", result.GetValue(maxObject)), ("flushAfterSeconds", result.GetValue(flushAfter)), ("eventRW", result.GetValue(eventRW)), ("trailRegion", result.GetValue(region)),
            ("selectors", Parse("--selectors", result.GetValue(selectors))), ("advancedSelectors", Parse("--advanced-selectors", result.GetValue(advanced))),
        ]);

        /// <summary>Null, as JSON has it, takes a destination away.</summary>
        private static object? Place(ParseResult result, Option<string?> option) => result.GetValue(option) is "" ? new Json("null") : result.GetValue(option);

        private static Json? Parse(string option, string? text)
        {
            if (text is null)
                return null;
            try
            {
                text = text.StartsWith('{') || text.StartsWith('[') ? text : File.ReadAllText(text);
                using var document = System.Text.Json.JsonDocument.Parse(text);
                return new Json(text);
            }
            catch (Exception e) when (e is System.Text.Json.JsonException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new CliException(ExitCode.Usage, $"{option} is JSON, or the name of a file with JSON in it: {TerminalText.Clean(e.Message)}");
            }
        }
    }
}
