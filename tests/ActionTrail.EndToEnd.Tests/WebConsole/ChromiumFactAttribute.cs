namespace ActionTrail.EndToEnd.Tests.WebConsole;

/// <summary>A test that needs Chromium: that of <c>ACTIONTRAIL_CHROMIUM</c>, or Debian's. Without one it is skipped and says so; CI takes that for a failure.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (!File.Exists(Path))
            Skip = $"The web console is tested in Chromium, and {Path} is not there: install it, or name it in ACTIONTRAIL_CHROMIUM.";
    }

    public static string Path { get; } = Environment.GetEnvironmentVariable("ACTIONTRAIL_CHROMIUM") is { Length: > 0 } named ? named : "/usr/bin/chromium";
}
