using System.Collections.Concurrent;
using System.Net;
using System.Text;
using ActionTrail.Cli;
using ActionTrail.Cli.Commands;

namespace ActionTrail.Tests.Cli;

/// <summary>Runs the program in this process against an API that a test plays; waiting takes no time, and is written down.</summary>
internal sealed class CliBench
{

    public Func<HttpRequestMessage, string, HttpResponseMessage> Api { get; set; } = static (_, _) => new HttpResponseMessage(HttpStatusCode.NotFound);

    public ConcurrentQueue<string> Calls { get; } = new();

    public HastyClock Clock { get; } = new();

    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    public byte[] Input { get; set; } = [];

    public int? TerminalWidth { get; set; }

    public string Output { get; private set; } = "";

    public string Errors { get; private set; } = "";

    public async Task<int> RunAsync(CancellationToken cancellationToken, params string[] args)
    {
        using var output = new MemoryStream();
        await using var error = new StringWriter();
        var around = new Surroundings
        {
            Input = new MemoryStream(Input),
            Output = output,
            Error = TextWriter.Synchronized(error),
            IsOutputTerminal = TerminalWidth is not null,
            Width = TerminalWidth,
            Variable = name => Variables.GetValueOrDefault(name),
            Time = Clock,
            Network = () => new Wire(this),
            Chance = new Random(1),
        };
        var exitCode = await CommandLine.RunAsync(args, around, cancellationToken);
        Output += Encoding.UTF8.GetString(output.ToArray());
        Errors += error.ToString();
        return exitCode;
    }

    public Task<int> RunAsync(params string[] args) => RunAsync(CancellationToken.None, args);

    public static HttpResponseMessage Answer(HttpStatusCode status, string body) => new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Refuse(params (string Pointer, string Rule)[] faults) => Answer(
        HttpStatusCode.BadRequest,
        $$"""{"code":"InvalidEvents","title":"Events were refused.","errors":[{{string.Join(',', faults.Select(static f => $$"""{"pointer":"{{f.Pointer}}","rule":"{{f.Rule}}"}"""))}}]}""");

    public static string Event(int number, string time = "2026-11-22T07:00:00Z", string service = "Ecs") =>
        $$"""{"eventId":"e{{number}}","eventName":"Do","eventTime":"{{time}}","serviceName":"{{service}}","recipientAccountId":"acme","requestId":"r{{number}}"}""";

    private sealed class Wire(CliBench bench) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bench.Calls.Enqueue($"{request.Method} {request.RequestUri!.PathAndQuery}");
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            lock (bench.Calls)
                return bench.Api(request, body);
        }
    }
}

/// <summary>A clock on which every wait ends at once and moves the time on by as much.</summary>
internal sealed class HastyClock : TimeProvider
{
    private long now = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero).Ticks;

    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref now), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= TimeSpan.Zero || dueTime == Timeout.InfiniteTimeSpan)
            return base.CreateTimer(callback, state, dueTime, period);
        Waits.Enqueue(dueTime);
        Interlocked.Add(ref now, dueTime.Ticks);
        return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
