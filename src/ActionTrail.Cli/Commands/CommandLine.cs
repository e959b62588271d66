using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text;

namespace ActionTrail.Cli.Commands;

/// <summary>The whole program behind <c>Main</c>: parses, runs, and turns every end into an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Surroundings around, CancellationToken cancellationToken)
    {
        try
        {
            var result = Create(around).Parse([.. args]);
            if (result is { Errors.Count: > 0, Action: ParseErrorAction })
            {
                foreach (var error in result.Errors)
                    around.Tell("error: " + Output.TerminalText.Clean(error.Message));
                around.Tell($"{CommandPath(result.CommandResult.Command)} --help shows how");
                return ExitCode.Usage;
            }

            await using var output = new StreamWriter(around.Output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
            // Signals and exceptions are ours.
            var configuration = new InvocationConfiguration { Output = output, Error = around.Error, ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
            return await result.InvokeAsync(configuration, cancellationToken);
        }
        catch (CliException e)
        {
            around.Tell("error: " + e.Message);
            return e.ExitCode;
        }
        catch (OutputClosedException)
        {
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            around.Tell("interrupted");
            return ExitCode.Interrupted;
        }
    }

    internal static RootCommand Create(Surroundings around)
    {
        var connection = new ConnectionOptions(around);
        var make = new ResourceCommand(connection, around);
        var root = new RootCommand("Sends audit events to ActionTrail.Functions, looks them up, and manages trails, Logstores, accounts, keys and directories.")
        {
            new Command("events", "Send, look up, follow, count and export events.")
            {
                SendCommand.Create(connection, around), LookupCommands.Query(connection, around),
                LookupCommands.Get(connection, around), LookupCommands.Tail(connection, around),
                CountCommands.Histogram(connection, around), CountCommands.Top(connection, around), ExportCommand.Create(connection, around),
            },
            TrailCommands.Create(make),
            LogstoreCommands.Create(make),
            HistoryCommands.Create(make),
            DigestCommands.Create(make, around),
            AccountCommands.Accounts(make),
            AccountCommands.Keys(make),
            DirectoryCommands.Create(make),
            new Command("quarantine", "Records from the event hub that were refused (operator).")
            {
                QuarantineCommands.List(connection, around), QuarantineCommands.Show(connection, around), QuarantineCommands.Replay(connection, around),
            },
            new Command("proof", "Proves single events, to anybody.") { ProofCommands.Get(connection, around), ProofCommands.Verify(around) },
            new Command("checkpoint", "Signed checkpoints of everything stored, to be kept elsewhere.")
            {
                CheckpointCommands.Save(connection, around), CheckpointCommands.List(connection, around),
                CheckpointCommands.Keys(connection, around), CheckpointCommands.Verify(connection, around),
            },
            new Command("verify", "Proves what is stored (operator).") { StoreCommands.Verify(connection, around) },
            ValidateLogsCommand.Create(connection, around),
            new Command("store", "Mends what is stored (operator).") { StoreCommands.Repair(connection, around) },
            ConfigureCommand.Create(connection, around),
            CompletionCommands.Create(around),
        };
        foreach (var option in connection.All)
            root.Add(option);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    /// <summary><c>actiontrail events send</c>, whatever the executable is called.</summary>
    internal static string CommandPath(Command command)
    {
        var names = new List<string>();
        for (var at = command; at is not RootCommand; at = at.Parents.OfType<Command>().First())
            names.Insert(0, at.Name);
        return string.Join(' ', names.Prepend("actiontrail"));
    }

    /// <summary>The usual help, and below it how the command is used.</summary>
    private sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var output = parseResult.InvocationConfiguration.Output;
            using var text = new StringWriter();
            parseResult.InvocationConfiguration.Output = text;
            usual.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output = output;
            output.Write(text.ToString().Replace(RootCommand.ExecutableName, "actiontrail", StringComparison.Ordinal));
            if (Examples.Of(CommandPath(parseResult.CommandResult.Command)) is { } examples)
            {
                output.WriteLine("Examples:");
                foreach (var line in examples)
                    output.WriteLine("  " + line);
            }

            return ExitCode.Ok;
        }
    }
}
