using System.Net;

namespace ActionTrail.LocalRunner.Demo;

/// <summary>Access keys of the demo account. An account has at most ten, and every tour makes two: the oldest give way.</summary>
internal sealed class DemoKeys(DemoApi caller, string account)
{
    private const string Step = "make room for new keys";
    private const int Kept = 8;
    private readonly string _path = $"v1/accounts/{account}/access-keys";

    /// <summary>Deletes the oldest keys until two more fit.</summary>
    public async Task MakeRoomAsync(CancellationToken cancellationToken)
    {
        var answer = await caller.CallAsync(Step, HttpMethod.Get, _path, json: null, [HttpStatusCode.OK], cancellationToken);
        var byAge = answer.Json.GetProperty("value").EnumerateArray()
            .OrderBy(static key => key.GetProperty("createdAt").GetDateTimeOffset())
            .Select(static key => DemoApi.Text(Step, key, "accessKeyId")).ToList();
        foreach (var id in byAge.Take(Math.Max(0, byAge.Count - Kept)))
            await caller.CallAsync(Step, HttpMethod.Delete, $"{_path}/{id}", json: null, [HttpStatusCode.NoContent, HttpStatusCode.NotFound], cancellationToken);
    }

    /// <summary>Makes a key. Its secret is in the answer, this once.</summary>
    public async Task<(string Id, string Secret)> NewAsync(string role, CancellationToken cancellationToken)
    {
        var step = $"create a key for a {role}";
        var answer = await caller.CallAsync(step, HttpMethod.Post, _path, $$"""{"role":"{{role}}"}""", [HttpStatusCode.Created], cancellationToken);
        return (DemoApi.Text(step, answer.Json, "accessKeyId"), DemoApi.Text(step, answer.Json, "secret"));
    }
}
