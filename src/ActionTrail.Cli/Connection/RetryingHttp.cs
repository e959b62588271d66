using System.Globalization;
using ActionTrail.Cli.Output;

namespace ActionTrail.Cli.Connection;

/// <summary>
/// Makes a call until it is answered: what may pass (no answer, 408, 429, 5xx) is tried again after Retry-After, else after a growing
/// pause. Only for calls that are harmless when made twice, as all of this program are.
/// </summary>
internal sealed class RetryingHttp : IDisposable
{
    /// <summary>A server may ask for patience, not for the whole day.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(10);

    private readonly HttpClient http;
    private readonly int retries;
    private readonly TimeProvider time;
    private readonly Random chance;

    public RetryingHttp(Surroundings around, int retries)
    {
        http = new HttpClient(around.Network(), disposeHandler: true) { Timeout = TimeSpan.FromSeconds(240) };
        this.retries = retries;
        time = around.Time;
        chance = around.Chance;
    }

    /// <summary>Answers with any status that repeating would not change.</summary>
    /// <param name="make">Makes the request anew for each try.</param>
    /// <param name="readsBody">False: a 200 answer is handed over when its headers are there.</param>
    /// <param name="cancellationToken">Ends tries and pauses.</param>
    /// <exception cref="CliException"><see cref="ExitCode.Throttled"/> or <see cref="ExitCode.Unavailable"/> after the last try; <see cref="ExitCode.Damaged"/> at once.</exception>
    public async Task<HttpAnswer> SendAsync(Func<HttpRequestMessage> make, bool readsBody, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (answer, wait, failure) = await TryAsync(make, readsBody, cancellationToken);
            if (failure is null)
                return answer!;
            if (attempt == retries || failure.ExitCode == ExitCode.Damaged)
                throw failure;
            await Task.Delay(Pause(attempt, wait), time, cancellationToken);
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>What Retry-After asks for within bounds, else a quarter of a second doubled with each try, up to a quarter more by chance.</summary>
    internal TimeSpan Pause(int attempt, TimeSpan? asked)
    {
        if (asked is { } wait)
            return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestPause ? LongestPause : wait;
        var pause = FirstPause * Math.Pow(2, Math.Min(attempt, 20));
        pause = pause > LongestBackoff ? LongestBackoff : pause;
        double spread;
        lock (chance)
            spread = chance.NextDouble();
        return pause * (1 + (spread / 4));
    }

    private async Task<(HttpAnswer? Answer, TimeSpan? Wait, CliException? Failure)> TryAsync(Func<HttpRequestMessage> make, bool readsBody, CancellationToken cancellationToken)
    {
        using var request = make();
        var where = request.RequestUri!.GetLeftPart(UriPartial.Authority);
        try
        {
            var response = await http.SendAsync(request, readsBody ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!readsBody && response.StatusCode == System.Net.HttpStatusCode.OK)
                return (new HttpAnswer(response.StatusCode, [], null) { Unread = response }, null, null);
            using var read = response;
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var status = (int)response.StatusCode;
            if (status is not (408 or 429) and < 500)
                return (new HttpAnswer(response.StatusCode, body, response.Headers.TryGetValues("ActionTrail-Request-Id", out var ids) ? ids.First() : null), null, null);
            var problem = Problem.Parse(body);
            var exit = status == 429 ? ExitCode.Throttled : problem.Code == "StoreDamaged" ? ExitCode.Damaged : ExitCode.Unavailable;
            var told = string.Create(CultureInfo.InvariantCulture, $"{where} answered {status}: {problem.Text}");
            return (null, Wait(response), new CliException(exit, told));
        }
        catch (HttpRequestException e)
        {
            return (null, null, new CliException(ExitCode.Unavailable, $"{where} does not answer: {TerminalText.Clean(e.Message)}"));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, null, new CliException(ExitCode.Unavailable, $"{where} did not answer within {http.Timeout.TotalSeconds:0} s."));
        }
        catch (IOException e)
        {
            return (null, null, new CliException(ExitCode.Unavailable, $"{where} broke off its answer: {TerminalText.Clean(e.Message)}"));
        }
    }

    private TimeSpan? Wait(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after ? after.Delta ?? (after.Date - time.GetUtcNow()) : null;
}
