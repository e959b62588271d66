namespace ActionTrail.Cli;

/// <summary>How the program ends. docs/cli.md lists them; scripts depend on them: add, never change.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command ran, but records were refused.</summary>
    public const int Refused = 1;

    /// <summary>Wrong options, or a file that cannot be read or written.</summary>
    public const int Usage = 2;

    /// <summary>401 or 403.</summary>
    public const int Denied = 3;

    public const int NotFound = 4;

    /// <summary>429 to the last try.</summary>
    public const int Throttled = 5;

    /// <summary>No answer, or an error of the server, to the last try.</summary>
    public const int Unavailable = 6;

    /// <summary>Something in the store is not as it was written, or missing, or a proof does not hold: a person must look at it.</summary>
    public const int Damaged = 7;

    /// <summary>409 or 412: what was asked does not fit how things are.</summary>
    public const int Conflict = 8;

    /// <summary>Ctrl+C, as shells number it.</summary>
    public const int Interrupted = 130;
}

/// <summary>Ends the program with a message for the person at the terminal.</summary>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
/// <param name="message">What went wrong and what to do; without secrets.</param>
internal sealed class CliException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>Whoever read our output has gone, as <c>| head</c> does: end quietly.</summary>
internal sealed class OutputClosedException(IOException cause) : Exception(cause.Message, cause);
