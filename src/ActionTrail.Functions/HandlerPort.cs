namespace ActionTrail.Functions;

/// <summary>The port that the Functions host gave this handler.</summary>
internal sealed record HandlerPort(int Number);
