using System.Net;
using System.Text;
using System.Text.Json;
using ActionTrail.Functions.Triggers;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Functions;

/// <summary>History jobs over REST and RPC, and the function that works them off.</summary>
public class HistoryJobApiTests : IAsyncLifetime
{
    private TestApp app = null!;
    private (string, string) admin;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync(change: static s => s["ActionTrail:DeliverySettle"] = "00:00:00");
        await app.Get<IObjectStore>().CreateContainerAsync("demo-audit", default);
        admin = await app.IssueAsync("demo");
        Assert.Equal(HttpStatusCode.Created, (await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","container":"demo-audit"}""", admin)).Status);
    }

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task A_job_is_accepted_watched_and_deleted_and_delivers_what_was_there_before()
    {
        await PublishAsync("old-1");
        var accepted = await app.SendAsync("POST", "/v1/history-jobs", """{"trailName":"demo-trail","clientToken":"a"}""", admin);
        Assert.Equal((HttpStatusCode.Accepted, "Delivering"), (accepted.Status, State(accepted)));
        Assert.Equal("http://localhost/v1/history-jobs/1", accepted.Headers.GetValues("Operation-Location").Single());
        Assert.Equal(HttpStatusCode.Accepted, (await app.SendAsync("POST", "/v1/history-jobs", """{"trailName":"demo-trail","clientToken":"a"}""", admin)).Status);
        var second = await app.SendAsync("POST", "/v1/history-jobs", """{"trailName":"demo-trail"}""", admin);
        Assert.Equal((HttpStatusCode.Conflict, "HistoryJobRunning"), (second.Status, second.Code));

        await WorkAsync();
        var done = await app.SendAsync("GET", "/v1/history-jobs/1", user: admin);
        Assert.Equal(("Complete", 100), (State(done), done.Json.GetProperty("percentComplete").GetInt32()));
        Assert.True(done.Json.GetProperty("events").GetInt32() >= 1);
        Assert.Equal("Done", done.Json.GetProperty("items").EnumerateArray().Last().GetProperty("state").GetString());
        Assert.Contains("old-1", await DeliveredAsync(), StringComparison.Ordinal);
        Assert.Equal("Conflict", (await app.SendAsync("POST", "/v1/history-jobs/1/cancel", user: admin)).Code);
        Assert.Equal("Conflict", (await app.SendAsync("POST", "/v1/history-jobs/1/retry", user: admin)).Code);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await app.SendAsync("DELETE", "/v1/history-jobs/1", user: admin, headers: ("If-Match", "\"0\""))).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", "/v1/history-jobs/1", user: admin, headers: ("If-Match", done.ETag!))).Status);
        Assert.Equal("HistoryJobNotFound", (await app.SendAsync("GET", "/v1/history-jobs/1", user: admin)).Code);
    }

    [Fact]
    public async Task Jobs_are_listed_page_by_page_and_belong_to_their_account()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.Accepted, (await app.SendAsync("POST", "/v1/history-jobs", """{"trailName":"demo-trail"}""", admin)).Status);
            Assert.Equal(HttpStatusCode.Accepted, (await app.SendAsync("POST", $"/v1/history-jobs/{i + 1}/cancel", user: admin)).Status);
        }

        var first = await app.SendAsync("GET", "/v1/history-jobs?pageSize=2", user: admin);
        var rest = await app.SendAsync("GET", new Uri(first.Json.GetProperty("nextLink").GetString()!).PathAndQuery, user: admin);
        Assert.Equal([3, 2], Ids(first));
        Assert.Equal([1], Ids(rest));
        Assert.Equal("Cancelled", first.Json.GetProperty("value")[0].GetProperty("state").GetString());

        var other = await app.IssueAsync("other");
        foreach (var (method, path) in new[] { ("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/retry") })
            Assert.Equal("HistoryJobNotFound", (await app.SendAsync(method, "/v1/history-jobs/1" + path, user: other)).Code);
        Assert.Empty(Ids(await app.SendAsync("GET", "/v1/history-jobs", user: other)));
        Assert.Equal("TrailNotFound", (await app.SendAsync("POST", "/v1/history-jobs", """{"trailName":"demo-trail"}""", other)).Code);
        foreach (var id in (string[])["0", "-1", "x", "99999999999999999999"])
            Assert.Equal("HistoryJobNotFound", (await app.SendAsync("GET", $"/v1/history-jobs/{id}", user: admin)).Code);
    }

    [Theory]
    [InlineData("{}", "/trailName")]
    [InlineData("""{"trailName":"demo-trail","clientToken":"ü"}""", "/clientToken")]
    [InlineData("""{"trailName":"demo-trail","clientToken":"","more":1}""", "/clientToken,/more")]
    public async Task What_a_job_may_not_be_is_named(string body, string pointers) =>
        Assert.Equal(pointers, string.Join(',', (await app.SendAsync("POST", "/v1/history-jobs", body, admin)).Pointers.Order(StringComparer.Ordinal)));

    [Fact]
    public async Task The_original_actions_tell_the_same_under_their_own_names()
    {
        await PublishAsync("old-2");
        var made = await RpcAsync("CreateDeliveryHistoryJob", "TrailName=demo-trail&ClientToken=t");
        Assert.Equal(1, made.Json.GetProperty("JobId").GetInt32());
        Assert.Equal("DeliveryHistoryJobRunningException", (await RpcAsync("CreateDeliveryHistoryJob", "TrailName=demo-trail")).Json.GetProperty("Code").GetString());
        Assert.Equal(1, (await RpcAsync("GetDeliveryHistoryJob", "JobId=1")).Json.GetProperty("JobStatus").GetInt32());
        await WorkAsync();

        var got = (await RpcAsync("GetDeliveryHistoryJob", "JobId=1")).Json;
        Assert.Equal(
            ["RequestId", "JobId", "TrailName", "HomeRegion", "JobStatus", "CreatedTime", "UpdatedTime", "StartTime", "EndTime", "Status"],
            got.EnumerateObject().Select(static member => member.Name));
        Assert.Equal((2, "demo-trail", "local"), (got.GetProperty("JobStatus").GetInt32(), got.GetProperty("TrailName").GetString(), got.GetProperty("HomeRegion").GetString()));
        Assert.Equal(2, got.GetProperty("Status")[0].GetProperty("Status").GetInt32());
        Assert.Equal(TimeSpan.FromDays(90), got.GetProperty("EndTime").GetDateTime() - got.GetProperty("StartTime").GetDateTime());
        var listed = (await RpcAsync("ListDeliveryHistoryJobs", "PageSize=1&PageNumber=2")).Json;
        Assert.Equal((1, 0), (listed.GetProperty("TotalCount").GetInt32(), listed.GetProperty("DeliveryHistoryJobs").GetArrayLength()));
        Assert.Equal(1, (await RpcAsync("ListDeliveryHistoryJobs")).Json.GetProperty("DeliveryHistoryJobs").GetArrayLength());

        Assert.Equal(HttpStatusCode.OK, (await RpcAsync("DeleteDeliveryHistoryJob", "JobId=1")).Status);
        foreach (var action in (string[])["GetDeliveryHistoryJob", "DeleteDeliveryHistoryJob"])
        {
            Assert.Equal("DeliveryHistoryJobNotFoundException", (await RpcAsync(action, "JobId=1")).Json.GetProperty("Code").GetString());
            Assert.Equal("MissingParameter", (await RpcAsync(action)).Json.GetProperty("Code").GetString());
        }

        Assert.Equal("TrailNotFoundException", (await RpcAsync("CreateDeliveryHistoryJob", "TrailName=no-such-trail")).Json.GetProperty("Code").GetString());
    }

    [Fact]
    public async Task Events_are_counted_by_day()
    {
        await PublishAsync("today");
        var today = DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var usual = (await RpcAsync("DescribeUserLogCount")).Json.GetProperty("Data");
        Assert.Equal((30, 30), (usual.GetProperty("Dates").GetArrayLength(), usual.GetProperty("Counts").GetArrayLength()));
        var one = (await RpcAsync("DescribeUserLogCount", $"StartDate={today}&EndDate={today}")).Json.GetProperty("Data");
        Assert.Equal(today, one.GetProperty("Dates")[0].GetString());
        Assert.True(one.GetProperty("Counts").EnumerateArray().Single().GetInt64() >= 1);
        Assert.Equal(0, (await RpcAsync("DescribeUserLogCount", "StartDate=2020-01-01&EndDate=2020-01-02")).Json.GetProperty("Data").GetProperty("Counts")[1].GetInt64());
        foreach (var wrong in (string[])["StartDate=2026-01-02&EndDate=2026-01-01", "StartDate=1990-01-01", "StartDate=today"])
            Assert.Equal("InvalidParameterValue", (await RpcAsync("DescribeUserLogCount", wrong)).Json.GetProperty("Code").GetString());
    }

    [Fact]
    public async Task A_queue_message_that_is_none_of_ours_fails_so_that_the_host_parks_it() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync("DeliverHistory", Queued("""{"account":"demo","job":1,"day":"yesterday","destination":"blob"}""")));

    private async Task WorkAsync()
    {
        for (var round = 0; round < 200 && State(await app.SendAsync("GET", "/v1/history-jobs/1", user: admin)) == "Delivering"; round++)
        {
            foreach (var message in await app.Get<IWorkQueue>().ReceiveAsync(Queues.DeliverHistory, 32, TimeSpan.FromMinutes(1), default))
                await RunAsync("DeliverHistory", Queued(message.Text));
            await RunAsync("ScheduleDeliveries", "{}");
        }
    }

    private async Task<string> DeliveredAsync()
    {
        var all = new StringBuilder();
        await foreach (var found in app.Get<IObjectStore>().ListAsync("demo-audit", "", default))
        {
            await using var stored = await app.Get<IObjectStore>().OpenReadAsync("demo-audit", found.Name, default);
            await using var content = new System.IO.Compression.GZipStream(stored, System.IO.Compression.CompressionMode.Decompress);
            using var reader = new StreamReader(content);
            all.Append(await reader.ReadToEndAsync());
        }

        return all.ToString();
    }

    private async Task PublishAsync(string id)
    {
        var answer = await app.SendAsync("POST", "/v1/events", $$$"""{"eventId":"{{{id}}}","eventName":"A","eventTime":"{{{DateTime.UtcNow.AddSeconds(-5):yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Write","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"demo"}}""", admin);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    private Task<Answer> RpcAsync(string action, string parameters = "") => app.SendAsync("GET", $"/?Action={action}&Version=2020-07-06{(parameters.Length == 0 ? "" : "&" + parameters)}", user: admin);

    private Task RunAsync(string function, string invocation) =>
        app.Get<IEnumerable<ITrigger>>().Single(t => t.Function == function).RunAsync(Encoding.UTF8.GetBytes(invocation), default);

    /// <summary>JSON in a JSON string in JSON, as the host sends it.</summary>
    private static string Queued(string text) => $"{{\"Data\":{{\"message\":\"{JsonEncodedText.Encode($"\"{JsonEncodedText.Encode(text)}\"")}\"}},\"Metadata\":{{}}}}";

    private static string? State(Answer answer) => answer.Json.GetProperty("state").GetString();

    private static int[] Ids(Answer answer) => [.. answer.Json.GetProperty("value").EnumerateArray().Select(static one => one.GetProperty("jobId").GetInt32())];
}
