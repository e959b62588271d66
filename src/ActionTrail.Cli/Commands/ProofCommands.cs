using System.CommandLine;
using ActionTrail.Cli.Proofs;
using ActionTrail.Cli.Store;
using ActionTrail.Proofs;

namespace ActionTrail.Cli.Commands;

/// <summary><c>proof get</c> and <c>proof verify</c>.</summary>
internal static class ProofCommands
{
    private const int MaxEventBytes = 64 * 1024 * 1024;

    public static Command Get(ConnectionOptions connection, Surroundings around)
    {
        var id = new Argument<string>("ID") { Description = "Id of the event." };
        var eventFile = new Option<string?>("--event") { Description = "Writes the event to this file, byte for byte as the proof is for it.", HelpName = "FILE" };
        var checkpoint = Numbers.Option("--size", "N", 1, int.MaxValue, "Size of the checkpoint that the proof shall lead to. Default: the newest.");
        var logstore = FilterOptions.Logstore("An event of this Logstore, in its log.");
        var command = new Command("get", "Writes the proof that an event is in the sealed log.") { id, eventFile, checkpoint, logstore };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var api = connection.Open(result);
            var address = FilterOptions.Path(result.GetValue(logstore)) + "/" + Uri.EscapeDataString(result.GetValue(id)!);
            var size = result.GetValue(checkpoint) is { } number ? FormattableString.Invariant($"?checkpoint={number}") : "";
            var proof = await ProofFiles.FetchAsync(api, $"{address}/proof{size}", cancellationToken);
            if (result.GetValue(eventFile) is { } file)
                ProofFiles.Write(file, await ProofFiles.FetchAsync(api, $"{address}?original=true", cancellationToken));
            StoreText.Write(around, System.Text.Encoding.UTF8.GetString(proof) + "\n");
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Verify(Surroundings around)
    {
        var proofFile = new Argument<string>("PROOF") { Description = "File that proof get wrote." };
        var eventFile = new Option<string>("--event") { Description = "File with the event.", HelpName = "FILE", Required = true };
        var checkpointFile = new Option<string?>("--checkpoint") { Description = "File with the checkpoint that you kept. Default: the one in the proof.", HelpName = "FILE" };
        var keys = PublicKey();
        var command = new Command("verify", "Verifies a proof without the service.") { proofFile, eventFile, checkpointFile, keys };
        command.SetAction(result =>
        {
            // 1. What must be trusted: the keys that were given, and what they signed.
            var trusted = ProofFiles.ReadKeys(result.GetValue(keys)!);
            EventProof proof;
            string? note;
            try
            {
                (proof, note) = ProofJson.Read(ProofFiles.Read(result.GetValue(proofFile)!, ProofJson.MaxBytes));
            }
            catch (FormatException e)
            {
                throw new CliException(ExitCode.Damaged, $"{result.GetValue(proofFile)}: {e.Message}");
            }

            var source = result.GetValue(checkpointFile) ?? "the checkpoint in the proof";
            if (result.GetValue(checkpointFile) is { } file)
                note = ProofFiles.ReadText(file, SignedNote.MaxBytes);
            if (note is null)
                throw new CliException(ExitCode.Usage, "There is no checkpoint in the proof: give one with --checkpoint.");
            var checkpoint = ProofFiles.Open(source, note, trusted);

            // 2. The event as it is in the file; editors and shells end files with a line break that is not in the event.
            var body = ProofFiles.Read(result.GetValue(eventFile)!, MaxEventBytes);
            var fault = proof.FaultWith(body, checkpoint);
            if (fault is not null && proof.FaultWith(body.AsSpan().TrimEnd("\r\n"u8), checkpoint) is null)
                fault = null;
            if (fault is not null)
                throw new CliException(ExitCode.Damaged, "NOT PROVED: " + fault);
            StoreText.Write(around, FormattableString.Invariant(
                $"proved: the event was committed at {proof.CommittedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} as commit {proof.LogIndex} of {checkpoint.Size} in {checkpoint.Origin}\n"));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The keys that are trusted.</summary>
    internal static Option<string> PublicKey() => new("--public-key")
    {
        Description = "File with the public keys that you trust, one a line, as checkpoint keys writes them.",
        HelpName = "FILE",
        Required = true,
    };
}
