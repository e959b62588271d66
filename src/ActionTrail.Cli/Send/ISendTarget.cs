using ActionTrail.Cli.Connection;

namespace ActionTrail.Cli.Send;

/// <summary>What became of a body.</summary>
/// <param name="IsAccepted">All its records are stored, or with the hub.</param>
/// <param name="Faults">Else why: pointers into the body, and none when only the body as a whole was refused.</param>
internal sealed record SendAnswer(bool IsAccepted, IReadOnlyList<ProblemFault> Faults)
{
    public static SendAnswer Accepted { get; } = new(true, []);
}

/// <summary>Takes bodies of records, whole or not at all. Sending one again is harmless.</summary>
internal interface ISendTarget : IDisposable
{
    /// <summary>Tells targets apart in a resume file; without secrets.</summary>
    string Description { get; }

    /// <summary>Most bytes of a body.</summary>
    int MaxBodyBytes { get; }

    /// <param name="body">The body.</param>
    /// <param name="contentType">Its media type.</param>
    /// <param name="cancellationToken">Ends the call; what became of the body is then unknown.</param>
    /// <exception cref="CliException">The target is away, refuses the caller, or refuses for a reason that is not in the records.</exception>
    Task<SendAnswer> SendAsync(ReadOnlyMemory<byte> body, string contentType, CancellationToken cancellationToken);
}
