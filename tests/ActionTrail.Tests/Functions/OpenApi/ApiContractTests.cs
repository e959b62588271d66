using System.Net;
using System.Text;

namespace ActionTrail.Tests.Functions.OpenApi;

/// <summary>The judge of all other tests sees what is wrong.</summary>
public class ApiContractTests : IAsyncLifetime
{
    private const string Account = """{"accountId":"a","displayName":"A","createdAt":"2026-11-22T07:04:25Z","source":"Operator","state":"Active","etag":"\"0123456789abcdef\""}""";

    private const string Problem = """{"type":"/problems/account-not-found","title":"T.","status":404,"code":"AccountNotFound","requestId":"R"}""";

    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public void What_is_as_described_passes()
    {
        Assert.Empty(Judge("GET", "/v1/accounts/a", 200, Account));
        Assert.Empty(Judge("GET", "/v1/accounts?pageSize=10", 200, $$"""{"value":[{{Account}}],"nextLink":"http://localhost/v1/accounts?after=a"}"""));
        Assert.Empty(Judge("GET", "/v1/accounts/a", 404, Problem, "x-ms-error-code: AccountNotFound"));
    }

    [Theory]
    [InlineData("GET", "/v1/nowhere", 200, "{}", "", "is not described but answered")]
    [InlineData("PUT", "/v1/accounts", 200, "{}", "", "is not described but answered")]
    [InlineData("GET", "/v1/accounts/a", 202, Account, "", "status 202")]
    [InlineData("GET", "/v1/accounts/a", 200, "{}", "", "/accountId is missing")]
    [InlineData("GET", "/v1/accounts?noSuch=1", 200, """{"value":[]}""", "", "?noSuch is not described")]
    [InlineData("GET", "/v1/accounts?pageSize=5000", 200, """{"value":[]}""", "", "?pageSize: 5000 is above 1000")]
    [InlineData("GET", "/v1/accounts", 200, """{"value":[],"more":1}""", "", "/more is not described")]
    [InlineData("GET", "/v1/accounts", 200, """[]""", "", "Array instead of object")]
    [InlineData("GET", "/v1/accounts", 200, """{"value":[]}""", "X-New: 1", "header X-New is not described")]
    [InlineData("GET", "/v1/accounts", 404, Problem, "", "header x-ms-error-code is missing")]
    [InlineData("GET", "/v1/trails", 429, """{"type":"/problems/x","title":"T.","status":429,"code":"TooManyRequests","requestId":"R"}""", "x-ms-error-code: TooManyRequests", "header Retry-After is missing")]
    [InlineData("GET", "/v1/trails", 404, """{"type":"/problems/x","title":"T.","status":404,"code":"TrailNotFound","requestId":"R"}""", "x-ms-error-code: TrailNotFound", "problem TrailNotFound is not described")]
    public void What_is_not_as_described_is_named(string method, string path, int status, string body, string header, string fault) =>
        Assert.Contains(Judge(method, path, status, body, header), told => told.Contains(fault, StringComparison.Ordinal));

    [Fact]
    public void A_body_that_was_accepted_against_its_description_is_named() =>
        Assert.Contains("request /unheard is not described, but accepted", Judge("PATCH", "/v1/accounts/a", 200, Account, sent: """{"unheard":1}"""));

    private List<string> Judge(string method, string path, int status, string body, string header = "", string? sent = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (sent is not null)
            request.Content = new StringContent(sent, Encoding.UTF8, "application/json");
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, status < 400 ? "application/json" : "application/problem+json") };
        response.Headers.Add("ActionTrail-Request-Id", "R");
        if (header.Split(": ") is [var name, var value])
            response.Headers.Add(name, value);
        return app.Contract.Judge(new Exchange(request, sent is null ? null : Encoding.UTF8.GetBytes(sent), response, Encoding.UTF8.GetBytes(body)));
    }
}
