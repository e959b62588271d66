using System.CommandLine;
using System.Globalization;
using ActionTrail.Cli.Output;
using static ActionTrail.Cli.Resources.ResourceCalls;

namespace ActionTrail.Cli.Commands;

/// <summary><c>history …</c>: jobs that deliver what a trail did not.</summary>
internal static class HistoryCommands
{
    private static readonly Column[] Columns =
    [
        Column.At("jobId", 8, "jobId"), Column.At("trailName", 36, "trailName"), Column.At("state", 12, "state"), Column.At("fromTime", 28, "fromTime"), Column.At("untilTime", 28, "untilTime"),
        Column.At("destinations", 24, "destinations"), Column.At("createTime", 28, "createTime"),
    ];

    public static Command Create(ResourceCommand make)
    {
        var trail = ResourceCommand.Argument("TRAIL", "Name of the trail.");
        var job = new Argument<long>("JOB") { Description = "Number of the job." };
        var token = ResourceCommand.Option("--client-token", "TEXT", "Of two creations with one token the second answers the job of the first, so that it may be repeated.");
        string Path(ParseResult result) => string.Create(CultureInfo.InvariantCulture, $"v1/history-jobs/{result.GetValue(job)}");
        Command Post(string verb, string description, string done) =>
            make.Create(verb, description, repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Post, $"{Path(result)}/{verb}", body: null, done, stop), job);
        return new Command("history", "History jobs: have a trail's container and Logstore get what was committed while it did not log.")
        {
            make.Create("create", "Makes a job for a trail; one runs at a time.", repeats: false, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Post, "v1/history-jobs", Body(("trailName", result.GetValue(trail)), ("clientToken", result.GetValue(token))), "under way; history wait JOB waits for its end", stop), trail, token),
            make.Create("list", "Lists the jobs of the account, newest first.", repeats: true, (calls, _, stop) => calls.ListAsync("v1/history-jobs", "pageSize=100", Columns, stop)),
            make.Create("show", "Shows a job and how far it is, by day and destination.", repeats: true, (calls, result, stop) => calls.ShowAsync(Path(result), stop), job),
            Wait(make, job, Path),
            Post("cancel", "Has a job begin nothing more. What was begun is brought to its end.", "it begins nothing more"),
            Post("retry", "Has a failed job try again what it gave up.", "under way"),
            make.Create("delete", "Deletes a job. What it delivered stays.", repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Delete, Path(result), body: null, "deleted", stop), job),
        };
    }

    private static Command Wait(ResourceCommand make, Argument<long> job, Func<ParseResult, string> path)
    {
        var interval = LookupCommands.Age("--interval", "5s", "How long to wait between two looks.");
        var timeout = LookupCommands.Age("--timeout", "1d", "How long to wait at most.");
        return make.Create(
            "wait",
            "Waits until a job has ended, and shows it. Exit code 0: everything is delivered; 1: it failed or was cancelled; 6: it still runs.",
            repeats: true,
            async (calls, result, stop) =>
            {
                var state = await calls.WaitAsync(path(result), "state", static text => text is "Complete" or "Failed" or "Cancelled", LookupCommands.Span(result, interval), LookupCommands.Span(result, timeout), stop);
                return state == "Complete" ? ExitCode.Ok : ExitCode.Refused;
            },
            job,
            interval,
            timeout);
    }
}
