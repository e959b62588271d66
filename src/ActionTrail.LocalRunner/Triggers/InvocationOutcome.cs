namespace ActionTrail.LocalRunner.Triggers;

/// <summary>How one POST to the handler ended. <paramref name="StatusCode"/> is 0 when there was no answer; <paramref name="Reason"/> is for people.</summary>
internal sealed record InvocationOutcome(bool Succeeded, int StatusCode, string Reason)
{
    public static InvocationOutcome Success { get; } = new(true, 200, "");

    public static InvocationOutcome Failure(int statusCode, string reason) => new(false, statusCode, reason);
}
