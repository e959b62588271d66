using System.Net;
using System.Text.Json;
using ActionTrail.Azure;
using ActionTrail.EndToEnd.Tests.Cli;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.Storage;
using Azure.Storage.Sas;

namespace ActionTrail.EndToEnd.Tests.Digests;

/// <summary>The runner seals digests of what it delivers; a container and a copy of it are proved by the program, and one changed byte is named.</summary>
[Collection(nameof(NothingLostTests))]
public sealed class ValidateLogsTests : IAsyncLifetime, IDisposable
{
    private const string Container = "digested-audit";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly RunnerUnderTest runner = new() { DigestInterval = "00:00:10" };
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly string folder = Directory.CreateTempSubdirectory("validate-logs").FullName;

    public Task InitializeAsync()
    {
        runner.Start();
        return runner.WaitReadyAsync();
    }

    public Task DisposeAsync() => runner.DisposeAsync().AsTask();

    public void Dispose()
    {
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_was_delivered_is_proved_from_a_copy_and_from_the_container_and_one_changed_byte_is_named()
    {
        var service = StorageConnection.FromConnectionString(runner.StorageConnection).CreateBlobServiceClient();
        await service.GetBlobContainerClient(Container).CreateIfNotExistsAsync();
        var caller = new ApiClient(http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        await caller.CallAsync(HttpMethod.Post, "v1/accounts", """{"accountId":"acme"}""", HttpStatusCode.Created);
        var key = await caller.CallAsync(HttpMethod.Post, "v1/accounts/acme/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);
        var (user, secret) = (key.GetProperty("accessKeyId").GetString()!, key.GetProperty("secret").GetString()!);
        var api = new ApiClient(http, runner.Api, user, secret);
        await api.CallAsync(HttpMethod.Post, "v1/trails", $$"""{"name":"trail-one","container":"{{Container}}"}""", HttpStatusCode.Created);
        await api.CallAsync(HttpMethod.Post, "v1/trails/trail-one/start", json: null, HttpStatusCode.OK);
        await api.CallAsync(
            HttpMethod.Post,
            "v1/events",
            $$$"""{"eventId":"e-1","eventName":"A","eventTime":"{{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Write","serviceName":"Ecs","acsRegion":"here","userIdentity":{"type":"ram-user","accountId":"acme"}}""",
            HttpStatusCode.OK);

        var files = 0;
        for (var until = DateTime.UtcNow + Patience; files == 0 && DateTime.UtcNow < until; await Task.Delay(500))
        {
            var digests = await api.CallAsync(HttpMethod.Get, "v1/trails/trail-one/digests?pageSize=1000", json: null, HttpStatusCode.OK);
            files = digests.GetProperty("value").EnumerateArray().Sum(static d => d.TryGetProperty("files", out var count) ? count.GetInt32() : 0);
        }

        Assert.True(files > 0, runner.Tail());
        var keys = Path.Combine(folder, "keys.json");
        await File.WriteAllTextAsync(keys, (await api.CallAsync(HttpMethod.Get, "v1/public-keys", json: null, HttpStatusCode.OK)).GetRawText());
        var copy = Path.Combine(folder, "copy");
        var objects = StorageConnection.FromConnectionString(runner.StorageConnection).CreateObjectStore();
        await CopyAsync(objects, copy);

        var sound = await ValidateAsync(copy, "--public-keys", keys, "--container", Container);
        Assert.True(sound.ExitCode == 0, sound.Output + sound.Errors);
        var report = JsonDocument.Parse(sound.Output).RootElement;
        Assert.True(report.GetProperty("files").GetInt64() >= 1);

        var address = service.GetBlobContainerClient(Container).GenerateSasUri(BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List, DateTimeOffset.UtcNow.AddHours(1));
        var remote = await CliProcess.RunAsync(runner.Api, $"{user}:{secret}", input: null, "validate-logs", address.AbsoluteUri, "--output", "json");
        Assert.True(remote.ExitCode == 0, remote.Output + remote.Errors);

        var named = await CliProcess.RunAsync(runner.Api, $"{user}:{secret}", input: null, "validate-logs", Container, "--connection-string", runner.StorageConnection, "--output", "json");
        Assert.True(named.ExitCode == 0, named.Output + named.Errors);
        Assert.Equal(JsonDocument.Parse(remote.Output).RootElement.GetProperty("files").GetInt64(), JsonDocument.Parse(named.Output).RootElement.GetProperty("files").GetInt64());

        var victim = Directory.EnumerateFiles(copy, "*.json.gz", SearchOption.AllDirectories).Single(static path => path.Contains("ActionTrail_here_", StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(victim);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(victim, bytes);
        var tampered = await ValidateAsync(copy, "--public-keys", keys);
        Assert.Equal(7, tampered.ExitCode);
        var finding = JsonDocument.Parse(tampered.Output).RootElement.GetProperty("findings")[0];
        Assert.Equal(("altered", Path.GetRelativePath(copy, victim)), (finding.GetProperty("kind").GetString(), finding.GetProperty("object").GetString()));
        Assert.Contains(Path.GetFileName(victim), tampered.Errors, StringComparison.Ordinal);
    }

    /// <summary>Without keys to the service: everything comes from the files.</summary>
    private static Task<CliResult> ValidateAsync(string copy, params string[] options) =>
        CliProcess.RunAsync(new Uri("http://127.0.0.1:9/"), "nobody:nothing", input: null, ["validate-logs", copy, "--output", "json", .. options]);

    private static async Task CopyAsync(IObjectStore objects, string folder)
    {
        await foreach (var item in objects.ListAsync(Container, "", default))
        {
            var path = Path.Combine(folder, item.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var stored = await objects.OpenReadAsync(Container, item.Name, default);
            await using var file = File.Create(path);
            await stored.CopyToAsync(file);
        }
    }
}
