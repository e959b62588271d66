using System.Globalization;
using System.Net;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Functions.Rpc;

/// <summary>The app in process with an account that calls the RPC API.</summary>
internal sealed class RpcWorld : IAsyncDisposable
{
    public const string Container = "demo-audit";

    private RpcWorld(TestApp app, (string KeyId, string Secret) user)
    {
        App = app;
        User = user;
    }

    public TestApp App { get; }

    public (string KeyId, string Secret) User { get; }

    public static async Task<RpcWorld> StartAsync(Action<Dictionary<string, string?>>? change = null)
    {
        var app = await TestApp.StartAsync(change: change);
        await app.Get<IObjectStore>().CreateContainerAsync(Container, default);
        return new RpcWorld(app, await app.IssueAsync("demo"));
    }

    /// <summary>Calls an action with these parameters in the query.</summary>
    public Task<Answer> CallAsync(string action, string parameters = "", (string KeyId, string Secret)? user = null) =>
        App.SendAsync("GET", $"/?Action={action}&Version=2020-07-06{(parameters.Length == 0 ? "" : "&" + parameters)}", user: user ?? User);

    /// <summary>Calls an action that must succeed.</summary>
    public async Task<Answer> DoAsync(string action, string parameters = "")
    {
        var answer = await CallAsync(action, parameters);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal(answer.Headers.GetValues("ActionTrail-Request-Id").Single(), answer.Json.GetProperty("RequestId").GetString());
        return answer;
    }

    /// <summary>Calls an action that must be refused; its status and code.</summary>
    public async Task<string> RefusedAsync(string action, string parameters = "", (string KeyId, string Secret)? user = null)
    {
        var answer = await CallAsync(action, parameters, user);
        Assert.Equal(["RequestId", "HostId", "Code", "Message"], answer.Json.EnumerateObject().Select(static member => member.Name));
        Assert.Equal(answer.Headers.GetValues("x-ms-error-code").Single(), answer.Json.GetProperty("Code").GetString());
        Assert.NotEmpty(answer.Json.GetProperty("Message").GetString()!);
        return string.Create(CultureInfo.InvariantCulture, $"{(int)answer.Status} {answer.Json.GetProperty("Code").GetString()}");
    }

    /// <summary>Publishes events; each one that many seconds ago, its name, and more members that start with a comma.</summary>
    public async Task PublishAsync(params (int SecondsAgo, string Name, string More)[] events)
    {
        var now = DateTimeOffset.UtcNow;
        var lines = events.Select((one, i) =>
            $$"""{"eventId":"{{one.Name}}-{{one.SecondsAgo}}-{{i}}","eventName":"{{one.Name}}","eventTime":"{{now.AddSeconds(-one.SecondsAgo).UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}}","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"demo","userName":"alice"}{{one.More}}}""");
        var answer = await App.SendAsync("POST", "/v1/events", $"[{string.Join(',', lines)}]", User);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
