using System.CommandLine;
using ActionTrail.Cli.Output;
using ActionTrail.Cli.Resources;

namespace ActionTrail.Cli.Commands;

/// <summary>Makes the commands that show, list and change resources: each has <c>--output table</c> or <c>json</c>.</summary>
internal sealed class ResourceCommand(ConnectionOptions connection, Surroundings around)
{
    /// <param name="name">Its name.</param>
    /// <param name="description">Its help.</param>
    /// <param name="repeats">Whether repeating the call is harmless, so that it is tried again.</param>
    /// <param name="run">Does it.</param>
    /// <param name="symbols">Its arguments and options.</param>
    public Command Create(string name, string description, bool repeats, Func<ResourceCalls, ParseResult, CancellationToken, Task<int>> run, params IReadOnlyList<Symbol> symbols)
    {
        var output = new Option<string>("--output") { Description = "How to write the answer.", DefaultValueFactory = static _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command(name, description) { output };
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }

        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = connection.Open(result, defaultRetries: repeats ? 4 : 0);
            return await run(new ResourceCalls(api, result.GetValue(output) == "json" ? OutputForm.Json : OutputForm.Table, around), result, cancellationToken);
        });
        return command;
    }

    /// <summary>The account that <c>--account</c> or the profile names, for addresses that need one.</summary>
    public string AccountOf(ParseResult result) =>
        connection.Resolve(result).Account ?? throw new CliException(ExitCode.Usage, "Whose keys? Give --account ID, or the profile an account.");

    public static Argument<string> Argument(string name, string description) => new(name) { Description = description };

    public static Option<string?> Option(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };

    public static string Segment(string text) => Uri.EscapeDataString(text);
}
