namespace ActionTrail.LocalRunner.Options;

/// <summary>Something the person at the terminal can put right. The message is shown as it is and the runner ends with exit code 1.</summary>
internal sealed class RunnerException(string message, Exception? inner = null) : Exception(message, inner);
