using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActionTrail.EndToEnd.Tests.Cli;

/// <summary>The command line as a process against an API that takes everything, or nothing.</summary>
public sealed class CliUnderLoadTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task Two_hundred_megabytes_pass_through_in_bounded_memory()
    {
        long lines = 0;
        await using var api = await StartAsync(async http =>
        {
            var buffer = new byte[64 << 10];
            int read;
            while ((read = await http.Request.Body.ReadAsync(buffer)) > 0)
                Interlocked.Add(ref lines, buffer.AsSpan(0, read).Count((byte)'\n'));
            await http.Response.WriteAsync("""{"accepted":0,"eventIds":[]}""");
        });
        using var cli = CliProcess.Start(new Uri(api.Urls.Single()), "k:s", "events", "send", "-", "--output", "json");
        var sent = 0L;
        var count = 0L;
        var peak = 0L;
        while (sent < 200 * MiB)
        {
            var block = new StringBuilder();
            for (var i = 0; i < 2_000; i++)
                block.Append(CultureInfo.InvariantCulture, $$"""{"eventId":"e{{count++}}","eventName":"Do","eventTime":"2026-11-22T07:00:00Z","padding":"{{new string('x', 900)}}"}""").Append('\n');
            var bytes = Encoding.UTF8.GetBytes(block.ToString());
            await cli.Input.WriteAsync(bytes);
            sent += bytes.Length;
            peak = Math.Max(peak, cli.PeakBytes());
        }

        cli.Input.Close();
        var result = await cli.WaitAsync();
        Assert.Equal((0, $$"""{"state":"done","accepted":{{count}},"refused":0,"records":{{count}}}""" + "\n"), (result.ExitCode, result.Output));
        Assert.Equal(count, lines);
        Assert.InRange(peak, MiB, 160 * MiB);
    }

    [Fact]
    public async Task A_service_that_always_says_later_ends_with_5()
    {
        var calls = 0;
        await using var api = await StartAsync(http =>
        {
            Interlocked.Increment(ref calls);
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "1";
            return Task.CompletedTask;
        });
        var result = await CliProcess.RunAsync(new Uri(api.Urls.Single()), "k:s", "{\"a\":1}"u8.ToArray(), "events", "send", "-", "--retries", "2");
        Assert.Equal(5, result.ExitCode);
        Assert.Equal(3, calls);
    }

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
