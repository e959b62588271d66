using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Cli.Output;
using ActionTrail.Cli.Proofs;
using ActionTrail.Cli.Store;
using ActionTrail.Proofs;

namespace ActionTrail.Cli.Commands;

/// <summary><c>checkpoint save</c>, <c>list</c>, <c>keys</c> and <c>verify</c>.</summary>
internal static class CheckpointCommands
{
    private const int TableItems = 50;
    private const string OfLogstore = "The log of this Logstore instead of the history's.";

    public static Command Save(ConnectionOptions connection, Surroundings around)
    {
        var file = new Argument<string>("FILE") { Description = "File to write it to; - for the standard output. A file that is there is held against it first, if --public-key is given, and replaced.", Arity = ArgumentArity.ExactlyOne };
        var size = Numbers.Option("--size", "N", 1, int.MaxValue, "Size of the checkpoint. Default: the newest.");
        var keys = new Option<string?>("--public-key") { Description = "File with the public keys that you trust: the signature is verified, and that the log continues the one in FILE.", HelpName = "FILE" };
        var logstore = FilterOptions.Logstore(OfLogstore);
        var command = new Command("save", "Saves a signed checkpoint, to be kept elsewhere.") { file, size, keys, logstore };
        command.SetAction(async (result, cancellationToken) =>
        {
            string note;
            var root = FilterOptions.Root(result.GetValue(logstore));
            using (var api = connection.Open(result))
                note = await FetchAsync(api, root, result.GetValue(size)?.ToString(CultureInfo.InvariantCulture) ?? "latest", cancellationToken);
            var name = result.GetValue(file)!;
            if (result.GetValue(keys) is { } trusted)
            {
                var known = ProofFiles.ReadKeys(trusted);
                var fetched = ProofFiles.Open("the checkpoint of the service", note, known);
                if (name != "-" && File.Exists(name))
                {
                    var kept = ProofFiles.Open(name, ProofFiles.ReadText(name, SignedNote.MaxBytes), known);
                    var path = await CheckpointProof.ReadPathAsync(() => connection.Open(result), root, file: null, kept, fetched, cancellationToken);
                    if (CheckpointProof.FaultOf(kept, fetched, path) is { } fault)
                        throw new CliException(ExitCode.Damaged, $"{fault} {name} is left as it is.");
                }
            }

            if (name == "-")
                StoreText.Write(around, note);
            else
                ProofFiles.Write(name, Encoding.UTF8.GetBytes(note));
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command List(ConnectionOptions connection, Surroundings around)
    {
        var most = Numbers.Option("--max-items", "N", 1, int.MaxValue, $"Most checkpoints. Default {TableItems}.");
        var output = new Option<string>("--output") { Description = "How to write them.", DefaultValueFactory = static _ => "table" };
        output.AcceptOnlyFromAmong("table", "ndjson");
        var logstore = FilterOptions.Logstore(OfLogstore);
        var command = new Command("list", "Lists signed checkpoints, newest first.") { most, output, logstore };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = connection.Open(result);
            var isTable = result.GetValue(output) == "table";
            var (left, before) = (result.GetValue(most) ?? TableItems, "");
            while (left > 0)
            {
                var asked = Math.Min(left, 1000);
                var (json, _) = await api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"{FilterOptions.Root(result.GetValue(logstore))}checkpoints?pageSize={asked}{before}"), cancellationToken);
                using (json)
                {
                    var count = 0;
                    foreach (var item in json.RootElement.GetProperty("value").EnumerateArray())
                    {
                        StoreText.Write(around, isTable ? Row(item) : item.GetRawText() + "\n");
                        before = "&before=" + item.GetProperty("size").GetRawText();
                        count++;
                    }

                    left = count < asked ? 0 : left - count;
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Keys(ConnectionOptions connection, Surroundings around)
    {
        var logstore = FilterOptions.Logstore(OfLogstore);
        var command = new Command("keys", "Writes the public keys that checkpoints were signed with. Compare them with somebody you trust, once, and keep them.") { logstore };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = connection.Open(result);
            var (json, _) = await api.GetAsync(FilterOptions.Root(result.GetValue(logstore)) + "checkpoints/keys", cancellationToken);
            using (json)
            {
                foreach (var item in json.RootElement.GetProperty("value").EnumerateArray())
                    StoreText.Write(around, TerminalText.Clean(item.GetProperty("key").GetString()!) + "\n");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Verify(ConnectionOptions connection, Surroundings around)
    {
        var older = new Argument<string>("OLDER") { Description = "File with the checkpoint that you kept." };
        var newer = new Argument<string>("NEWER") { Description = "File with a newer one; without it the newest of the service.", Arity = ArgumentArity.ZeroOrOne };
        var keys = ProofCommands.PublicKey();
        var proof = new Option<string?>("--proof") { Description = "File with the consistency proof. Default: asks the service for it.", HelpName = "FILE" };
        var logstore = FilterOptions.Logstore(OfLogstore);
        var command = new Command("verify", "Verifies that the log of a newer checkpoint continues that of an older one.") { older, newer, keys, proof, logstore };
        command.SetAction(async (result, cancellationToken) =>
        {
            var trusted = ProofFiles.ReadKeys(result.GetValue(keys)!);
            var kept = ProofFiles.Open(result.GetValue(older)!, ProofFiles.ReadText(result.GetValue(older)!, SignedNote.MaxBytes), trusted);
            Checkpoint now;
            var root = FilterOptions.Root(result.GetValue(logstore));
            if (result.GetValue(newer) is { } file)
            {
                now = ProofFiles.Open(file, ProofFiles.ReadText(file, SignedNote.MaxBytes), trusted);
            }
            else
            {
                using var api = connection.Open(result);
                now = ProofFiles.Open("the checkpoint of the service", await FetchAsync(api, root, "latest", cancellationToken), trusted);
            }

            var path = await CheckpointProof.ReadPathAsync(() => connection.Open(result), root, result.GetValue(proof), kept, now, cancellationToken);
            if (CheckpointProof.FaultOf(kept, now, path) is { } fault)
                throw new CliException(ExitCode.Damaged, "NOT CONSISTENT: " + fault);
            StoreText.Write(around, string.Create(CultureInfo.InvariantCulture, $"consistent: the {now.Size} commits of {now.Origin} begin with the {kept.Size} of the older checkpoint\n"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<string> FetchAsync(Connection.ApiClient api, string root, string size, CancellationToken cancellationToken)
    {
        var (json, _) = await api.GetAsync($"{root}checkpoints/{size}", cancellationToken);
        using (json)
        {
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("note", out var note) && note.GetString() is { } text
                ? text
                : throw new CliException(ExitCode.Unavailable, "The answer is no checkpoint. Is the endpoint the address of the service?");
        }
    }

    private static string Row(JsonElement item) => string.Create(
        CultureInfo.InvariantCulture,
        $"{item.GetProperty("size").GetInt64(),12}  {TerminalText.Clean(item.GetProperty("signedAt").GetString()!),-28}  {TerminalText.Clean(item.GetProperty("root").GetString()!)}\n");
}
