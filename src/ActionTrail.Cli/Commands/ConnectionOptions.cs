using System.CommandLine;
using ActionTrail.Cli.Connection;
using ActionTrail.Events;

namespace ActionTrail.Cli.Commands;

/// <summary>The options that every command takes, before or behind its name.</summary>
internal sealed class ConnectionOptions
{
    private readonly Surroundings around;
    private readonly Option<string?> endpoint = new("--endpoint") { Description = $"Address of the service. Else {ConnectionSettings.EndpointVariable}, else {ConnectionSettings.DefaultEndpoint}.", HelpName = "URL", Recursive = true };
    private readonly Option<string?> key = new("--key") { Description = $"Access key, or operator with the operator key. Better in {ConnectionSettings.KeyVariable}: others on the machine see options.", HelpName = "ID:SECRET", Recursive = true };
    private readonly Option<string?> account = new("--account") { Description = "Account the operator acts for.", HelpName = "ID", Recursive = true };
    private readonly Option<string?> profile = new("--profile") { Description = $"Profile that actiontrail configure made. Else {ProfileFile.NameVariable}, else {ProfileFile.DefaultName}.", HelpName = "NAME", Recursive = true };
    private readonly Option<int?> retries = Numbers.Option("--retries", "N", 0, 100, "How often a call is tried again after no answer, 429 or 5xx. Default 4, for sending 8.");

    public ConnectionOptions(Surroundings around)
    {
        this.around = around;
        retries.Recursive = true;
        account.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && !AccountIds.IsValid(token.Value))
                result.AddError("--account is the id of an account: 1 to 64 letters, digits, dots, underscores or hyphens.");
        });
    }

    public IEnumerable<Option> All => [endpoint, key, account, profile, retries];

    public ApiClient Open(ParseResult result, int defaultRetries = 4) =>
        new(around, Resolve(result), Retries(result, defaultRetries));

    /// <summary>Option, environment, profile, default: the first that says something.</summary>
    public ConnectionSettings Resolve(ParseResult result)
    {
        var name = ProfileName(result);
        var found = ProfileFile.Read(around.Variable).Find(name ?? ProfileFile.DefaultName);
        if (name is not null && found is null)
            throw new CliException(ExitCode.Usage, $"There is no profile {Output.TerminalText.Clean(name)}; actiontrail configure --profile makes one.");
        return ConnectionSettings.Resolve(result.GetValue(endpoint), result.GetValue(key), result.GetValue(account), around.Variable, found);
    }

    /// <summary>The profile that is asked for by name, or null.</summary>
    public string? ProfileName(ParseResult result) => result.GetValue(profile) ?? (around.Variable(ProfileFile.NameVariable) is { Length: > 0 } named ? named : null);

    /// <summary>What options and environment say, as they say it.</summary>
    public (string? Endpoint, string? Key, string? Account) Given(ParseResult result) =>
        (result.GetValue(endpoint) ?? around.Variable(ConnectionSettings.EndpointVariable), result.GetValue(key) ?? around.Variable(ConnectionSettings.KeyVariable), result.GetValue(account));

    public int Retries(ParseResult result, int fallback) => result.GetValue(retries) ?? fallback;
}

/// <summary>Options that are numbers.</summary>
internal static class Numbers
{
    /// <summary>A whole number within bounds; null when it is not given.</summary>
    public static Option<int?> Option(string name, string helpName, int min, int max, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
                return number;
            result.AddError(FormattableString.Invariant($"{name} is a whole number from {min} to {max}."));
            return null;
        },
    };
}
