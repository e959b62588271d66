using System.CommandLine;
using ActionTrail.Cli.Output;
using ActionTrail.Cli.Resources;
using static ActionTrail.Cli.Resources.ResourceCalls;

namespace ActionTrail.Cli.Commands;

/// <summary><c>directory …</c>: the directory that the account is in, its members and invitations.</summary>
internal static class DirectoryCommands
{
    private static readonly Column[] MemberColumns =
        [Column.At("accountId", 64, "accountId"), Column.At("state", 10, "state"), Column.At("joinedAt", 28, "joinedAt"), Column.At("expiresAt", 28, "expiresAt")];

    private static readonly Column[] InvitationColumns = [Column.At("directoryId", 24, "directoryId"), Column.At("invitedAt", 28, "invitedAt"), Column.At("expiresAt", 28, "expiresAt")];

    public static Command Create(ResourceCommand make)
    {
        var name = ResourceCommand.Option("--name", "TEXT", "Name for people.");
        var account = ResourceCommand.Argument("ACCOUNT", "Id of the account.");
        var directory = ResourceCommand.Argument("DIRECTORY", "Id of the directory, as directory invitations shows it.");

        // What is done within the own directory asks first which that is.
        Command Within(string verb, string description, bool repeats, Func<ResourceCalls, string, ParseResult, CancellationToken, Task<int>> run, params IReadOnlyList<Symbol> symbols) => make.Create(
            verb, description, repeats, async (calls, result, stop) => await run(calls, $"v1/directories/{ResourceCommand.Segment(await calls.FindDirectoryAsync(stop))}", result, stop), symbols);
        Command Answer(string verb, string description, string done) => make.Create(
            verb, description, repeats: true, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Post, $"v1/directories/{ResourceCommand.Segment(result.GetValue(directory)!)}/{verb}", body: null, done, stop), directory);
        string Of(string place, ParseResult result) => $"/{place}/{ResourceCommand.Segment(result.GetValue(account)!)}";
        return new Command("directory", "Resource directories: accounts that belong together.")
        {
            make.Create("create", "Makes a directory, which the account manages.", repeats: false, (calls, result, stop) => calls.ChangeAsync(HttpMethod.Post, "v1/directories", Body(("displayName", result.GetValue(name))), "created", stop), name),
            Within("show", "Shows the directory that the account is in.", repeats: true, static (calls, path, _, stop) => calls.ShowAsync(path, stop)),
            Within("delete", "Dissolves the directory, once it has no other members and no trail.", repeats: true, static (calls, path, _, stop) => calls.ChangeAsync(HttpMethod.Delete, path, body: null, "dissolved", stop)),
            Within("members", "Lists members and invited accounts.", repeats: true, static (calls, path, _, stop) => calls.ListAsync(path + "/members", "pageSize=1000", MemberColumns, stop)),
            Within("add", "Makes a new account that is a member.", repeats: false, (calls, path, result, stop) => calls.ChangeAsync(HttpMethod.Post, path + "/members", Body(("displayName", result.GetValue(name))), "created", stop), name),
            Within("invite", "Asks an account to join.", repeats: true, (calls, path, result, stop) => calls.ChangeAsync(HttpMethod.Post, path + "/invitations", Body(("accountId", result.GetValue(account))), "invited", stop), account),
            Within("remove", "Takes an account out, or withdraws its invitation.", repeats: true, (calls, path, result, stop) => calls.ChangeAsync(HttpMethod.Delete, path + Of("members", result), body: null, "removed", stop), account),
            Within("delegates", "Lists delegated administrators.", repeats: true, static (calls, path, _, stop) => calls.ListAsync(path + "/administrators", "", [Column.At("accountId", 64, "accountId")], stop)),
            Within("delegate", "Makes a member a delegated administrator.", repeats: true, (calls, path, result, stop) => calls.ChangeAsync(HttpMethod.Put, path + Of("administrators", result), body: null, "delegated", stop), account),
            Within("revoke", "Makes a delegated administrator a plain member.", repeats: true, (calls, path, result, stop) => calls.ChangeAsync(HttpMethod.Delete, path + Of("administrators", result), body: null, "revoked", stop), account),
            make.Create("invitations", "Lists invitations of the account.", repeats: true, (calls, _, stop) => calls.ListAsync("v1/directories/invitations", "", InvitationColumns, stop)),
            Answer("accept", "Joins the directory that invited the account.", "joined"),
            Answer("decline", "Refuses an invitation.", "declined"),
        };
    }
}
