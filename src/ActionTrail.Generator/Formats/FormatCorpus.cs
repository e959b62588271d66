namespace ActionTrail.Generator.Formats;

/// <summary>A fixed number of messages of one format, for benchmarks and tests.</summary>
public static class FormatCorpus
{
    /// <summary>Messages without oddities, times within the day before <paramref name="end"/>.</summary>
    /// <param name="format">The format.</param>
    /// <param name="count">How many messages; each of a wrapped format holds 1 to 20 records.</param>
    /// <param name="seed">The same seed gives the same messages.</param>
    /// <param name="end">End of the day that event times fall into.</param>
    public static IReadOnlyList<HubMessage> Messages(TrafficFormat format, int count, int seed, DateTimeOffset end) =>
        Messages(format, count, seed, new TrafficOptions { Start = end.AddDays(-1) });

    /// <summary>Messages as the options want them.</summary>
    public static IReadOnlyList<HubMessage> Messages(TrafficFormat format, int count, int seed, TrafficOptions options)
    {
        using var generator = new TrafficGenerator(format, seed, options);
        var messages = new HubMessage[count];
        for (var i = 0; i < count; i++)
            messages[i] = generator.Next();
        return messages;
    }
}
