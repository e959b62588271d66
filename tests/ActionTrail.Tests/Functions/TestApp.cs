using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Functions;
using ActionTrail.Functions.OpenApi;
using ActionTrail.Functions.Triggers;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Access;
using ActionTrail.Tests.Functions.OpenApi;
using ActionTrail.Verify;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Tests.Functions;

/// <summary>The whole app over memory twins with faults on demand; in process, or on a real port where the wire matters.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    public const string OperatorKey = "operator-key-of-the-tests";

    private TestApp(WebApplication app, HttpMessageHandler handler, StorageFaults faults, int port)
    {
        Contract = new ApiContract(OpenApiDocument.Write(FunctionsApp.DescribedRoutes(app.Services)), app.Services.GetServices<ITrigger>().Select(static trigger => "/" + trigger.Function));
        App = app;
        Client = new HttpClient(new ContractHandler(Contract, handler)) { BaseAddress = new Uri($"http://{(handler is SocketsHttpHandler ? $"127.0.0.1:{port}" : "localhost")}") };
        Faults = faults;
        Port = port;
    }

    public WebApplication App { get; }

    /// <summary>Every call of it, and of <see cref="SendAsync"/>, is held against the OpenAPI document.</summary>
    public HttpClient Client { get; }

    public ApiContract Contract { get; }

    public StorageFaults Faults { get; }

    public int Port { get; }

    public T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    public static Dictionary<string, string?> Settings(int port) => new(StringComparer.Ordinal)
    {
        ["FUNCTIONS_CUSTOMHANDLER_PORT"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["ActionTrailStorage"] = "UseDevelopmentStorage=true",
        ["ActionTrail:OperatorKey"] = OperatorKey,
        ["ActionTrail:EncryptionKey"] = Convert.ToBase64String(AccessBench.EncryptionKey),
    };

    public static async Task<TestApp> StartAsync(bool onPort = false, Action<Dictionary<string, string?>>? change = null, TimeProvider? clock = null)
    {
        var port = onPort ? FreePort() : 7071;
        var settings = Settings(port);
        change?.Invoke(settings);
        var faults = new StorageFaults();
        var app = FunctionsApp.Build(settings, builder =>
        {
            var services = builder.Services;
            services.Replace(ServiceDescriptor.Singleton<ITableStore>(new FaultyTableStore(new MemoryTableStore(), faults)));
            services.Replace(ServiceDescriptor.Singleton<IObjectStore>(new FaultyObjectStore(new MemoryObjectStore(TimeProvider.System), faults)));
            services.Replace(ServiceDescriptor.Singleton<IWorkQueue>(new FaultyWorkQueue(new MemoryWorkQueue(TimeProvider.System), faults)));
            services.Replace(ServiceDescriptor.Singleton<IRandomSource>(new SeededRandom(1)));
            if (clock is not null)
                services.Replace(ServiceDescriptor.Singleton(clock));
            builder.Logging.ClearProviders();
            if (!onPort)
                builder.WebHost.UseTestServer();
        });
        await FunctionsApp.StartAsync(app);
        return new TestApp(app, onPort ? new SocketsHttpHandler() : app.GetTestServer().CreateHandler(), faults, port);
    }

    /// <summary>An account with a key of the role; user and password for <see cref="SendAsync"/>.</summary>
    public async Task<(string KeyId, string Secret)> IssueAsync(string accountId, string role = "Administrator")
    {
        await SendAsync("POST", "/v1/accounts", $$"""{"accountId":"{{accountId}}"}""");
        var answer = await SendAsync("POST", $"/v1/accounts/{accountId}/access-keys", $$"""{"role":"{{role}}"}""");
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return (answer.Json.GetProperty("accessKeyId").GetString()!, answer.Json.GetProperty("secret").GetString()!);
    }

    /// <summary>Sends as the operator, or as <paramref name="user"/>.</summary>
    public Task<Answer> SendAsync(string method, string path, string? body = null, (string KeyId, string Secret)? user = null, params (string Name, string Value)[] headers) =>
        SendContentAsync(method, path, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"), user, headers);

    public async Task<Answer> SendContentAsync(string method, string path, HttpContent? body, (string KeyId, string Secret)? user, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body };
        var (name, password) = user ?? ("operator", OperatorKey);
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(AccessBench.Basic(name, password));
        foreach (var (header, value) in headers)
        {
            request.Headers.Remove(header);
            request.Headers.TryAddWithoutValidation(header, value);
        }

        using var response = await Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    /// <summary>Every stored event, as parsed JSON, once all queued audit events are in.</summary>
    public async Task<List<JsonElement>> StoredEventsAsync(int atLeast)
    {
        for (var attempt = 0; ; attempt++)
        {
            var events = new List<JsonElement>();
            var report = await Get<StoreVerifier>().VerifyAsync(
                Layout.StoreName.History,
                new VerifyOptions { Visit = found => events.Add(JsonDocument.Parse(found.Body).RootElement.Clone()) },
                default);
            Assert.True(report.IsSound);
            if (events.Count >= atLeast || attempt == 100)
                return events;
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>An answer, read.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, string? ContentType)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The stable code of a problem.</summary>
    public string? Code => ContentType == "application/problem+json" ? Json.GetProperty("code").GetString() : null;

    /// <summary>Pointers of all errors of a problem.</summary>
    public string[] Pointers => Json.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateArray().Select(static e => e.GetProperty("pointer").GetString()!)] : [];

    public string? ETag => Headers.ETag?.ToString();

    public static async Task<Answer> ReadAsync(HttpResponseMessage response) =>
        new(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers.ContentType?.MediaType);
}
