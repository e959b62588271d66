using System.Net;
using System.Security;
using System.Text.Json;
using ActionTrail.Cli.Validate;
using ActionTrail.Digests;
using ActionTrail.Tests.Digests;

namespace ActionTrail.Tests.Cli;

public sealed class ValidateLogsTests : IDisposable
{
    private const string End = "2026-03-01T14:03:00Z";

    private readonly string folder = Directory.CreateTempSubdirectory("validate-logs").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("AccountName=acme;AccountKey=c2VjcmV0", "https://acme.blob.core.windows.net/logs?sv=2021-12-02&sr=c&sp=rl&se=2026-11-23T12%3A00%3A00Z&sig=")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=c2VjcmV0;EndpointSuffix=core.chinacloudapi.cn", "https://acme.blob.core.chinacloudapi.cn/logs?sv=")]
    [InlineData("BlobEndpoint=http://127.0.0.1:10000/dev;AccountName=dev;AccountKey=c2VjcmV0", "http://127.0.0.1:10000/dev/logs?sv=")]
    [InlineData("BlobEndpoint=https://acme.example/;SharedAccessSignature=?sv=1&sig=abc", "https://acme.example/logs?sv=1&sig=abc")]
    public void A_connection_string_gives_the_address_of_a_container(string text, string address) =>
        Assert.StartsWith(address, StorageConnectionString.AddressOf(text, "logs", new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero)).AbsoluteUri, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("AccountName=acme")]
    [InlineData("AccountName=acme;AccountKey=no-base64")]
    [InlineData("AccountKey=c2VjcmV0")]
    [InlineData("BlobEndpoint=ftp://acme;AccountName=acme;AccountKey=c2VjcmV0")]
    public async Task A_connection_string_that_is_none_is_refused_and_not_repeated(string text)
    {
        var bench = new CliBench();
        bench.Variables["ACTIONTRAIL_STORAGE"] = text;
        Assert.Equal(2, await bench.RunAsync("validate-logs", "logs", "--connection-string", "-", "--public-keys", "none"));
        Assert.Contains("--connection-string (or ACTIONTRAIL_STORAGE)", bench.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", bench.Errors, StringComparison.Ordinal);
        Assert.Empty(bench.Calls);
    }

    [Fact]
    public async Task A_copy_is_proved_offline_and_a_changed_byte_is_named()
    {
        var (files, keys) = await PrepareAsync();
        Write(files);
        var bench = new CliBench();
        Assert.Equal(0, await bench.RunAsync("validate-logs", Copy, "--public-keys", keys, "--end", End));
        Assert.StartsWith("valid: 2 digests and 2 files with 4 events are as they were written; ", bench.Output, StringComparison.Ordinal);
        Assert.Contains("trail    acme trail-one  2026-03-01T12:00:00Z to 2026-03-01T14:00:00Z\n", bench.Output, StringComparison.Ordinal);
        Assert.Empty(bench.Calls);

        var victim = files.All.Keys.First(static name => name.EndsWith(".gz", StringComparison.Ordinal));
        files.All[victim][20] ^= 4;
        Write(files);
        var tampered = new CliBench();
        Assert.Equal(7, await tampered.RunAsync("validate-logs", Copy, "--public-keys", keys, "--end", End, "--output", "json"));
        var finding = JsonDocument.Parse(tampered.Output).RootElement.GetProperty("findings")[0];
        Assert.Equal(("altered", victim), (finding.GetProperty("kind").GetString(), finding.GetProperty("object").GetString()));
        Assert.StartsWith($"error: the logs are not as they were delivered: altered: {victim}: ", tampered.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_is_read_under_its_signed_address_and_keys_come_from_the_service()
    {
        var (files, keys) = await PrepareAsync();
        var key = new PemSigningKeys(await File.ReadAllTextAsync(keys)).Keys[0];
        var bench = new CliBench();
        var names = files.All.Keys.ToList();
        bench.Api = (request, _) =>
        {
            var uri = request.RequestUri!;
            if (uri.AbsolutePath == "/v1/public-keys")
                return CliBench.Answer(HttpStatusCode.OK, $$"""{"value":[{"publicKey":"{{Convert.ToBase64String(key.PublicKey)}}","validityStartTime":"2026-02-28T12:00:00Z"}]}""");
            Assert.EndsWith("sig=secret", uri.Query, StringComparison.Ordinal);
            if (uri.Query.Contains("comp=list", StringComparison.Ordinal))
            {
                var second = uri.Query.Contains("marker=next", StringComparison.Ordinal);
                var page = second ? names.Skip(3) : names.Take(3);
                return CliBench.Answer(HttpStatusCode.OK, $"<EnumerationResults><Blobs>{string.Concat(page.Select(static n => $"<Blob><Name>{SecurityElement.Escape(n)}</Name></Blob>"))}</Blobs><NextMarker>{(second ? "" : "next")}</NextMarker></EnumerationResults>");
            }

            return files.All.TryGetValue(Uri.UnescapeDataString(uri.AbsolutePath)["/audit-logs/".Length..], out var content)
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(content) }
                : CliBench.Answer(HttpStatusCode.NotFound, "");
        };
        Assert.Equal(0, await bench.RunAsync("validate-logs", "https://acme.blob.example/audit-logs?sig=secret", "--end", End));
        Assert.DoesNotContain("secret", bench.Output + bench.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_used_is_told_before_anything_is_read()
    {
        var (files, keys) = await PrepareAsync();
        Write(files);
        Assert.Equal(2, await new CliBench().RunAsync("validate-logs", Path.Combine(folder, "nowhere"), "--public-keys", keys));
        Assert.Equal(2, await new CliBench().RunAsync("validate-logs", Copy, "--public-keys", Path.Combine(folder, "nowhere")));
        await File.WriteAllTextAsync(Path.Combine(folder, "bad"), "{}");
        Assert.Equal(2, await new CliBench().RunAsync("validate-logs", Copy, "--public-keys", Path.Combine(folder, "bad")));
        Assert.Equal(2, await new CliBench().RunAsync("validate-logs", Copy, "--public-keys", keys, "--start", "2026-03-02", "--end", "2026-03-01"));
        var refused = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.Forbidden, "") };
        Assert.Equal(3, await refused.RunAsync("validate-logs", "https://acme.blob.example/audit-logs?sig=secret", "--public-keys", keys));
        Assert.DoesNotContain("secret", refused.Errors, StringComparison.Ordinal);
    }

    private string Copy => Path.Combine(folder, "copy");

    private void Write(CopiedFiles files)
    {
        foreach (var (name, content) in files.All)
        {
            var path = Path.Combine(Copy, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
    }

    private async Task<(CopiedFiles Files, string Keys)> PrepareAsync()
    {
        var bench = await DigestBench.StartAsync();
        await bench.Delivery.StartTrailAsync("acme", "trail-one");
        for (var hour = 0; hour < 2; hour++)
        {
            await bench.DeliverAsync();
            bench.NextHour();
            await bench.SealAsync();
        }

        var keys = Path.Combine(folder, "keys.pem");
        await File.WriteAllTextAsync(keys, PemSigningKeys.FormatPublic(bench.Keys.Keys));
        return (await CopiedFiles.OfAsync(bench.Delivery.Objects, "audit-logs"), keys);
    }
}
