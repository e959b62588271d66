using System.Globalization;

namespace ActionTrail.Cli.Send;

/// <summary>One line on a terminal that is written over twice a second; nothing elsewhere.</summary>
internal sealed class SendProgress : IDisposable
{
    private readonly Surroundings around;
    private readonly long begin;
    private readonly ITimer? timer;
    private long accepted;
    private long refused;

    public SendProgress(Surroundings around)
    {
        this.around = around;
        begin = around.Time.GetTimestamp();
        if (around.IsErrorTerminal)
            timer = around.Time.CreateTimer(_ => Draw(), state: null, TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(500));
    }

    public TimeSpan Elapsed => around.Time.GetElapsedTime(begin);

    public void Add(long acceptedRecords, long refusedRecords)
    {
        Interlocked.Add(ref accepted, acceptedRecords);
        Interlocked.Add(ref refused, refusedRecords);
    }

    /// <summary>What this run did so far.</summary>
    public string Text()
    {
        var seconds = Math.Max(Elapsed.TotalSeconds, 0.001);
        var count = Interlocked.Read(ref accepted);
        return string.Create(CultureInfo.InvariantCulture, $"{count:N0} events sent in {seconds:0.0} s ({count / seconds:N0}/s), {Interlocked.Read(ref refused):N0} refused");
    }

    /// <summary>Clears the line, so that messages begin in the first column.</summary>
    public void Clear()
    {
        if (timer is not null)
            around.Error.Write("\r\u001b[K");
    }

    public void Dispose()
    {
        timer?.Dispose();
        Clear();
    }

    private void Draw() => around.Error.Write($"\r\u001b[K{Text()}");
}
