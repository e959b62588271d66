using System.CommandLine;
using System.Text;
using ActionTrail.Cli.Connection;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Commands;

/// <summary><c>configure</c>: keeps endpoint, key and account under a name.</summary>
internal static class ConfigureCommand
{
    public static Command Create(ConnectionOptions connection, Surroundings around)
    {
        var command = new Command("configure", "Keeps --endpoint, --key and --account in the profile that --profile names. What is not given is asked for, a line each; an empty line keeps what is there.");
        command.SetAction(async (result, cancellationToken) =>
        {
            var name = connection.ProfileName(result) ?? ProfileFile.DefaultName;
            if (!ProfileFile.IsName(name))
                throw new CliException(ExitCode.Usage, "The name of a profile is 1 to 64 letters, digits, dots, underscores and hyphens.");
            var file = ProfileFile.Read(around.Variable);
            var profile = file.Open(name);
            using var input = new StreamReader(around.Input, Encoding.UTF8);
            var given = connection.Given(result);
            profile.Endpoint = given.Endpoint ?? await AskAsync($"endpoint [{TerminalText.Clean(profile.Endpoint ?? ConnectionSettings.DefaultEndpoint)}]", input, around, cancellationToken) ?? profile.Endpoint;
            profile.Key = given.Key ?? await AskAsync($"key ID:SECRET [{(profile.Key is { } key ? TerminalText.Clean(key.Split(':')[0]) + ":…" : "none")}]", input, around, cancellationToken) ?? profile.Key;
            profile.Account = given.Account ?? await AskAsync($"account [{TerminalText.Clean(profile.Account ?? "that of the key")}]", input, around, cancellationToken) ?? profile.Account;

            // What cannot be used is not kept.
            ConnectionSettings.Resolve(profile.Endpoint, profile.Key, profile.Account, static _ => null);
            if (profile.Account is { } account && !ActionTrail.Events.AccountIds.IsValid(account))
                throw new CliException(ExitCode.Usage, "An account is named by its id: 1 to 64 letters, digits, dots, underscores or hyphens.");
            file.Write();
            around.Tell($"profile {name} is kept in {TerminalText.Clean(file.Path!)}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<string?> AskAsync(string what, StreamReader input, Surroundings around, CancellationToken cancellationToken)
    {
        around.Tell(what + ":");
        var line = (await input.ReadLineAsync(cancellationToken))?.Trim();
        return string.IsNullOrEmpty(line) ? null : line;
    }
}
