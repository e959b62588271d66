using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Generator;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.EventHub;

/// <summary>The local event hub as a Node process: its own tests, and the C# sender against it.</summary>
public sealed class LocalEventHubTests
{
    [Fact]
    public async Task The_event_hubs_own_tests_pass_under_node()
    {
        var tools = Path.Combine(HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory), "tools");
        foreach (var folder in new[] { "azurite", "eventhubs", Path.Combine("eventhubs", "sdk"), Path.Combine("eventhubs", "bridge") })
            await NodeTool.InstallAsync(Path.Combine(tools, folder), new RunnerOutput(TextWriter.Null, verbose: false), TimeProvider.System, CancellationToken.None);
        using var node = Start("--test", "--test-force-exit");
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await output + await errors);
        Assert.Matches("pass [1-9][0-9]", await output);
    }

    [Fact]
    public async Task What_the_sender_sends_comes_out_of_the_feed_byte_for_byte()
    {
        await NodeTool.InstallAsync(Path.Combine(HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory), "tools", "eventhubs"), new RunnerOutput(TextWriter.Null, verbose: false), TimeProvider.System, CancellationToken.None);
        var data = Directory.CreateTempSubdirectory("hub-");
        using var node = Start("server.mjs", "--data", data.FullName, "--key", "a+b/c=");
        try
        {
            var ready = await node.StandardOutput.ReadLineAsync();
            Assert.StartsWith("ready ", ready, StringComparison.Ordinal);
            var address = new Uri($"http://127.0.0.1:{int.Parse(ready!.Split(' ')[1], CultureInfo.InvariantCulture)}/");
            using var http = new HttpClient();
            var sender = new EventHubSender(http, new EventHubEndpoint(address, "audit-events", "RootManageSharedAccessKey", "a+b/c="), TimeProvider.System);

            var sent = Events(700);
            var batch = new EventHubBatch();
            foreach (var text in sent)
            {
                if (batch.TryAdd(Encoding.UTF8.GetBytes(text), 500))
                    continue;
                await sender.SendAsync(batch, CancellationToken.None);
                Assert.True(batch.TryAdd(Encoding.UTF8.GetBytes(text), 500));
            }
            await sender.SendAsync(batch, CancellationToken.None);
            byte[] raw = [0x1f, 0x8b, 0x00, 0xff];
            await sender.SendAsync(raw, "application/json", "gzip", CancellationToken.None);

            var received = new List<JsonElement>();
            for (var partition = 0; partition < 4; partition++)
            {
                using var page = JsonDocument.Parse(await http.GetStringAsync(new Uri(address, $"$runner/audit-events/partitions/{partition}/events?from=0&max=1000")));
                received.AddRange(page.RootElement.GetProperty("events").EnumerateArray().Select(e => e.Clone()));
            }
            Assert.Equal(701, received.Count);
            var single = Assert.Single(received, e => e.GetProperty("contentType").ValueKind == JsonValueKind.String);
            Assert.Equal(raw, single.GetProperty("body").GetBytesFromBase64());
            Assert.Equal("gzip", single.GetProperty("properties").GetProperty("Content-Encoding").GetString());
            var texts = received.Where(e => e.GetProperty("contentType").ValueKind == JsonValueKind.Null).Select(e => Encoding.UTF8.GetString(e.GetProperty("body").GetBytesFromBase64()));
            Assert.Equal(sent.Order(StringComparer.Ordinal), texts.Order(StringComparer.Ordinal));

            node.StandardInput.Close();
            await node.WaitForExitAsync();
            Assert.Equal(0, node.ExitCode);
        }
        finally
        {
            if (!node.HasExited)
                node.Kill();
            await node.WaitForExitAsync();
            data.Delete(recursive: true);
        }
    }

    private static List<string> Events(int count)
    {
        using var generator = new EventGenerator(3, new GeneratorOptions { Start = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero) });
        var buffer = new ArrayBufferWriter<byte>();
        var events = new List<string>();
        for (var i = 0; i < count; i++)
        {
            buffer.ResetWrittenCount();
            generator.Next(buffer);
            events.Add(Encoding.UTF8.GetString(buffer.WrittenSpan));
        }
        return events;
    }

    private static Process Start(params string[] arguments)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "ActionTrail.Functions.sln")))
            root = root.Parent;
        var start = new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = Path.Combine(root!.FullName, "tools", "eventhubs"),
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}
