using System.Net;
using System.Net.Sockets;
using ActionTrail.EndToEnd.Tests.HostContract;
using Microsoft.AspNetCore.Http;

namespace ActionTrail.EndToEnd.Tests.PublishedRoot;

/// <summary>The published process with settings or a storage that cannot be used: it says why, once, opens no port, and ends with an error.</summary>
[Collection(nameof(PublishedFolder))]
public class BadStartTests(PublishedFolder published)
{
    private static readonly (string Name, string Value)[] Keys = [("ActionTrail__OperatorKey", "operator-key-of-the-tests"), ("ActionTrail__EncryptionKey", Convert.ToBase64String(new byte[32]))];

    [Fact]
    public async Task Without_settings_it_names_each_that_is_missing()
    {
        var (exitCode, lines) = await published.RunAsync();

        Assert.Equal(1, exitCode);
        Assert.Equal(3, lines.Length);
        foreach (var name in new[] { "ActionTrailStorage", "ActionTrail__OperatorKey", "ActionTrail__EncryptionKey" })
            Assert.Single(lines, line => line.StartsWith("fail: ", StringComparison.Ordinal) && line.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_and_unknown_settings_are_all_told_at_once_and_no_value_is_shown()
    {
        var (exitCode, lines) = await published.RunAsync(
            ("ActionTrailStorage", "AccountName=secret-value"), ("ActionTrail__OperatorKey", "secret-value"), ("ActionTrail__EncryptionKey", "secret-value"),
            ("ActionTrail__RetentionDays", "secret-value"), ("ActionTrail__RetentionDay", "secret-value"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "secret-value"));

        Assert.Equal(1, exitCode);
        Assert.Equal(6, lines.Length);
        foreach (var name in new[] { "ActionTrailStorage", "ActionTrail__OperatorKey ", "ActionTrail__EncryptionKey", "ActionTrail__RetentionDays ", "ActionTrail__RetentionDay ", "OTEL_EXPORTER_OTLP_ENDPOINT" })
            Assert.Contains(lines, line => line.Contains(name, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, static line => line.Contains("secret-value", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_storage_that_cannot_be_reached_is_one_message()
    {
        var (exitCode, lines) = await published.RunAsync([("ActionTrailStorage", Account(PublishedFolder.FreePort())), .. Keys]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("fail: The storage account of setting ActionTrailStorage cannot be used: ", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Contains(": ConnectionError. It cannot be reached", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_identity_without_roles_is_one_message_that_names_the_roles()
    {
        await using var storage = await WebDouble.StartAsync(static context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.Headers["x-ms-error-code"] = "AuthorizationPermissionMismatch";
            return Task.CompletedTask;
        });

        var (exitCode, lines) = await published.RunAsync([("ActionTrailStorage", Account(storage.Address!.Port)), .. Keys]);

        Assert.Equal(1, exitCode);
        Assert.Contains("Storage Table, Blob and Queue Data Contributor", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_message()
    {
        // A storage that says yes to everything.
        await using var storage = await WebDouble.StartAsync(static context =>
        {
            context.Response.StatusCode = StatusCodes.Status201Created;
            return Task.CompletedTask;
        });
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        var (exitCode, lines) = await published.RunAsync([("ActionTrailStorage", Account(storage.Address!.Port)), ("FUNCTIONS_CUSTOMHANDLER_PORT", port), .. Keys]);

        Assert.Equal(1, exitCode);
        Assert.Equal("fail: The port of setting FUNCTIONS_CUSTOMHANDLER_PORT is taken by another process.", Assert.Single(lines));
    }

    private static string Account(int port)
    {
        var address = $"http://127.0.0.1:{port}/devstoreaccount1";
        return $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={Convert.ToBase64String(new byte[64])};BlobEndpoint={address};QueueEndpoint={address};TableEndpoint={address};";
    }
}
