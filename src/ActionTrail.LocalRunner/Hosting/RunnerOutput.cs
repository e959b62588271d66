namespace ActionTrail.LocalRunner.Hosting;

/// <summary>The terminal: whole lines, each with the name of the part it comes from. Safe to call from any thread.</summary>
internal sealed class RunnerOutput(TextWriter writer, bool verbose)
{
    private readonly TextWriter writer = TextWriter.Synchronized(writer);
    private volatile bool tourIsLast;

    public TextWriter Writer => writer;

    public bool Verbose { get; } = verbose;

    public void Say(string text)
    {
        if (!tourIsLast)
        {
            writer.WriteLine($"[runner] {text}");
        }
    }

    /// <summary>The tour's summary was the last line: from here on only warnings are shown.</summary>
    public void LeaveLastLineToTour() => tourIsLast = true;

    /// <summary>Something is wrong and the runner goes on.</summary>
    public void Warn(string text) => writer.WriteLine($"[runner] WARNING: {text}");

    /// <summary>Shown with <c>--verbose</c> only.</summary>
    public void Detail(string text)
    {
        if (Verbose)
        {
            Say(text);
        }
    }

    /// <summary>A line that another process printed.</summary>
    public void Relay(string source, string line)
    {
        if (!tourIsLast)
        {
            writer.WriteLine($"[{source}] {line}");
        }
    }
}
