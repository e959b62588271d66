namespace ActionTrail.LocalRunner.Triggers.EventHub;

/// <summary>
/// Reads the event hub's log. Throws <see cref="HttpRequestException"/> while the hub is not reachable, and one with status 416 when a position is past the log's
/// end: the log is another one, or lost events.
/// </summary>
internal interface IHubReceiver
{
    Task<HubDescription> DescribeAsync(string hub, CancellationToken cancellationToken);

    /// <summary>
    /// Events from sequence number <paramref name="from"/> on (up to <paramref name="to"/>, inclusive), at most <paramref name="max"/>.
    /// Answers when <paramref name="minCount"/> are there or <paramref name="wait"/> has passed, perhaps with fewer or none.
    /// </summary>
    Task<HubPage> ReceiveAsync(string hub, string partition, long from, long? to, int max, int minCount, TimeSpan wait, CancellationToken cancellationToken);
}
