using System.CommandLine;
using ActionTrail.Cli.Output;
using static ActionTrail.Cli.Resources.ResourceCalls;

namespace ActionTrail.Cli.Commands;

/// <summary><c>account …</c> and <c>accesskey …</c>.</summary>
internal static class AccountCommands
{
    private static readonly Column[] AccountColumns =
    [
        Column.At("accountId", 64, "accountId"), Column.At("displayName", 40, "displayName"), Column.At("state", 10, "state"), Column.At("source", 10, "source"), Column.At("createdAt", 28, "createdAt"),
    ];

    private static readonly Column[] KeyColumns =
    [
        Column.At("accessKeyId", 24, "accessKeyId"), Column.At("role", 20, "role"), Column.At("state", 10, "state"), Column.At("createdAt", 28, "createdAt"), Column.At("rotatedFrom", 24, "rotatedFrom"),
    ];

    public static Command Accounts(ResourceCommand make)
    {
        var id = ResourceCommand.Argument("ACCOUNT", "Id of the account.");
        var name = ResourceCommand.Option("--name", "TEXT", "Name for people.");
        string Path(ParseResult result) => "v1/accounts/" + ResourceCommand.Segment(result.GetValue(id)!);
        Command Switch(string verb, string state, string description) =>
            make.Create(verb, description, repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Patch, Path(result), Body(("state", state)), "done", stop), id);
        return new Command("account", "Accounts: the tenants that own events.")
        {
            make.Create("create", "Makes an account (operator).", repeats: false, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Post, "v1/accounts", Body(("accountId", result.GetValue(id)), ("displayName", result.GetValue(name))), "created", stop), id, name),
            make.Create("list", "Lists all accounts (operator).", repeats: true, (calls, _, stop) => calls.ListAsync("v1/accounts", "pageSize=1000", AccountColumns, stop)),
            make.Create("show", "Shows an account.", repeats: true, (calls, result, stop) => calls.ShowAsync(Path(result), stop), id),
            make.Create("rename", "Gives an account another name (operator).", repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Patch, Path(result), Body(("displayName", result.GetValue(name) ?? throw new CliException(ExitCode.Usage, "Give --name TEXT."))), "renamed", stop), id, name),
            Switch("disable", "Disabled", "Stops all keys of an account (operator). Its events are stored all the same."),
            Switch("enable", "Active", "Lets the keys of an account work again (operator)."),
        };
    }

    public static Command Keys(ResourceCommand make)
    {
        var id = ResourceCommand.Argument("KEY", "Id of the access key.");
        var role = new Option<string>("--role") { Description = "What the key may do.", Required = true };
        role.AcceptOnlyFromAmong("Administrator", "TrailAdministrator", "Auditor", "Publisher");
        string All(ParseResult result) => $"v1/accounts/{ResourceCommand.Segment(make.AccountOf(result))}/access-keys";
        string Path(ParseResult result) => $"{All(result)}/{ResourceCommand.Segment(result.GetValue(id)!)}";
        Command Switch(string verb, string state, string description) =>
            make.Create(verb, description, repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Patch, Path(result), Body(("state", state)), "done", stop), id);
        return new Command("accesskey", "Access keys of the account that --account or the profile names.")
        {
            make.Create("create", "Issues a key. Its secret is shown this once.", repeats: false, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Post, All(result), Body(("role", result.GetValue(role))), "keep the secret: nobody can show it again", stop), role),
            make.Create("list", "Lists the keys of the account.", repeats: true, (calls, result, stop) => calls.ListAsync(All(result), "", KeyColumns, stop)),
            make.Create("show", "Shows a key, without its secret.", repeats: true, (calls, result, stop) => calls.ShowAsync(Path(result), stop), id),
            make.Create("rotate", "Issues a key that takes over from another, which stays active until it is disabled.", repeats: false, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Post, Path(result) + "/rotate", body: null, "keep the secret: nobody can show it again", stop), id),
            Switch("disable", "Inactive", "Stops a key."),
            Switch("enable", "Active", "Lets a key work again."),
            make.Create("delete", "Deletes a key. What it did stays in the audit trail.", repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Delete, Path(result), body: null, "deleted", stop), id),
            make.Create("last-used", "Shows what a key did last.", repeats: true, (calls, result, stop) => calls.ShowAsync(Path(result) + "/last-used", stop), id),
        };
    }
}
