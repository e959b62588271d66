using System.CommandLine;
using ActionTrail.Cli.Lookup;
using ActionTrail.Cli.Output;
using ActionTrail.Cli.Validate;
using static ActionTrail.Cli.Resources.ResourceCalls;

namespace ActionTrail.Cli.Commands;

/// <summary><c>digest …</c>: the signed digests of what trails deliver. <c>validate-logs</c> proves files with them.</summary>
internal static class DigestCommands
{
    private static readonly Column[] DigestColumns =
    [
        Column.At("digestStartTime", 28, "digestStartTime"), Column.At("digestEndTime", 28, "digestEndTime"), Column.At("state", 8, "state"), Column.At("files", 8, "files"), Column.At("events", 10, "events"),
        Column.At("container", 40, "container"), Column.At("object", 120, "object"),
    ];

    private static readonly Column[] KeyColumns =
    [
        Column.At("fingerprint", 64, "fingerprint"), Column.At("signatureAlgorithm", 24, "signatureAlgorithm"), Column.At("validityStartTime", 28, "validityStartTime"), Column.At("validityEndTime", 28, "validityEndTime"),
    ];

    public static Command Create(ResourceCommand make, Surroundings around)
    {
        var trail = ResourceCommand.Argument("TRAIL", "Name of the trail.");
        var isOrganization = new Option<bool>("--organization") { Description = "Means the directory's trail." };
        var start = ResourceCommand.Option("--start", "TIME", $"From this time on: {TimeText.Rule}.");
        var end = ResourceCommand.Option("--end", "TIME", "Up to, not including, this time.");
        var pem = new Option<bool>("--pem") { Description = "Write them as validate-logs --public-keys reads them." };
        string Path(ParseResult result, string rest = "") => $"v1/trails/{ResourceCommand.Segment(result.GetValue(trail)!)}{rest}{(result.GetValue(isOrganization) ? "?isOrganizationTrail=true" : "")}";
        string Range(ParseResult result) => Bound("startTime", start, result, around) + Bound("endTime", end, result, around);
        Command Switch(string verb, bool on, string description, string done) => make.Create(
            verb, description, repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Patch, Path(result), Body(("logFileValidation", on)), done, stop), trail, isOrganization);
        return new Command("digest", "Digests: what trails delivered, signed every hour. validate-logs proves files with them.")
        {
            make.Create("list", "Lists the digests of a trail, oldest first.", repeats: true, (calls, result, stop) => calls.ListAsync($"v1/trails/{ResourceCommand.Segment(result.GetValue(trail)!)}/digests", (result.GetValue(isOrganization) ? "pageSize=1000&isOrganizationTrail=true" : "pageSize=1000") + Range(result), DigestColumns, stop), trail, start, end, isOrganization),
            make.Create("keys", "Lists the public keys that digests were signed with. Keep them where whoever may write to the container cannot.", repeats: true, (calls, result, stop) => result.GetValue(pem)
                ? calls.WriteAsync("v1/public-keys", Range(result).TrimStart('&'), PublicKeySource.ToPem, stop)
                : calls.ListAsync("v1/public-keys", Range(result).TrimStart('&'), KeyColumns, stop), start, end, pem),
            make.Create("status", "Shows the last digest of a trail and its last error.", repeats: true, (calls, result, stop) => calls.ShowAsync(Path(result, "/status"), static name => name.StartsWith("latestDigest", StringComparison.Ordinal), stop), trail, isOrganization),
            Switch("start", on: true, "Has a trail's deliveries signed from now on.", "digests are on"),
            Switch("stop", on: false, "Ends the digests of a trail. Those that are there stay.", "digests are off"),
        };
    }

    private static string Bound(string parameter, Option<string?> option, ParseResult result, Surroundings around) => result.GetValue(option) is not { } text ? ""
        : TimeText.TryParse(text, around.Time.GetUtcNow(), out var time) ? $"&{parameter}={Uri.EscapeDataString(TimeText.Format(time))}"
        : throw new CliException(ExitCode.Usage, $"{option.Name} is {TimeText.Rule}.");
}
