using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ActionTrail.Functions;
using ActionTrail.Functions.OpenApi;
using ActionTrail.Functions.Rest;
using ActionTrail.Tests.Infrastructure;
using Microsoft.AspNetCore.Routing;

namespace ActionTrail.Tests.Functions.OpenApi;

/// <summary>The document is the code's, the copy is the document, and everything that is offered is in it and no more.</summary>
public class OpenApiDocumentTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Theory]
    [InlineData("/openapi.json")]
    [InlineData("/v1/openapi.json")]
    public async Task Anybody_gets_the_document_and_it_is_the_committed_copy(string address)
    {
        var path = Path.Combine(Root(), "docs/openapi.json");
        var served = await app.Client.GetByteArrayAsync(address);
        if (Environment.GetEnvironmentVariable("ACTIONTRAIL_WRITE") is "1")
            await File.WriteAllBytesAsync(path, served);

        var copy = await File.ReadAllBytesAsync(path);
        Assert.True(served.AsSpan().SequenceEqual(copy), "docs/openapi.json is not the document of the routes: run this test with ACTIONTRAIL_WRITE=1 and commit what it writes");
    }

    [Fact]
    public void The_reference_is_that_of_the_document() => Repository.IsCurrent("docs/api-reference.md", ReferencePage.Write(app.Contract.Document));

    [Fact]
    public void Every_link_within_the_reference_leads_somewhere()
    {
        var page = ReferencePage.Write(app.Contract.Document);
        var headings = page.Split('\n').Where(static line => line.StartsWith('#')).Select(static line => ReferencePage.Anchor(line.TrimStart('#', ' '))).ToList();

        Assert.Equal(headings.Count, headings.Distinct(StringComparer.Ordinal).Count());
        Assert.All(Regex.Matches(page, @"\]\(#(?<to>[^)]+)\)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)), link => Assert.Contains(link.Groups["to"].Value, headings));
    }

    [Fact]
    public void The_same_routes_give_the_same_bytes_in_any_order()
    {
        var routes = FunctionsApp.DescribedRoutes(app.App.Services).ToList();

        Assert.Equal(OpenApiDocument.Write(routes), OpenApiDocument.Write(Enumerable.Reverse(routes)));
    }

    [Fact]
    public void Every_route_is_in_the_document_and_the_document_has_no_other()
    {
        var mapped =
            from source in ((IEndpointRouteBuilder)app.App).DataSources
            from endpoint in source.Endpoints.OfType<RouteEndpoint>()
            from method in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
            where method != "HEAD" && !ApiContract.IsConsole(endpoint.RoutePattern.RawText!)
            select $"{method} {endpoint.RoutePattern.RawText}";
        var described =
            from path in app.Contract.Document.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            select $"{operation.Name.ToUpperInvariant()} {path.Name}";

        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    /// <summary>Each route is called once with one parameter more than it has, and once with one member more.</summary>
    [Fact]
    public async Task Every_route_refuses_a_parameter_and_a_member_that_it_does_not_know()
    {
        await app.IssueAsync("demo");
        foreach (var route in FunctionsApp.Routes(app.App.Services))
        {
            var path = Regex.Replace(route.Pattern.Replace("{accountId}", "demo", StringComparison.Ordinal), @"\{\w+\}", "none-such", RegexOptions.None, TimeSpan.FromSeconds(1));
            var example = route.Description.Takes?.Example;
            var answer = await app.SendAsync(route.Method, path + "?noSuchParameter=1", example, headers: ("ActionTrail-Account", "demo"));
            Assert.True(answer.Code == "InvalidParameter" && answer.Pointers.Contains("?noSuchParameter"), $"{route.Method} {path}: {answer.Text}");
            if (route.Body != BodyForm.Json)
                continue;
            answer = await app.SendAsync(route.Method, path, example![..^1] + ""","no/such~member":1}""", headers: ("ActionTrail-Account", "demo"));
            Assert.True(answer.Code == "InvalidParameter" && answer.Pointers.Contains("/no~1such~0member"), $"{route.Method} {path}: {answer.Text}");
        }
    }

    /// <summary>Whatever a description promises to read is read: none of the parameters is unknown to the route.</summary>
    [Fact]
    public async Task Every_described_parameter_is_known_to_its_route()
    {
        await app.IssueAsync("demo");
        foreach (var route in FunctionsApp.Routes(app.App.Services))
        {
            var path = Regex.Replace(route.Pattern.Replace("{accountId}", "demo", StringComparison.Ordinal), @"\{\w+\}", "none-such", RegexOptions.None, TimeSpan.FromSeconds(1));
            var query = route.Description.Parameters.Where(p => !route.Pattern.Contains($"{{{p.Name}}}", StringComparison.Ordinal)).Select(static p => p.Name).ToList();
            var answer = await app.SendAsync(route.Method, $"{path}?{string.Concat(query.Select(static name => name + "=~&"))}noSuchParameter=1", route.Description.Takes?.Example, headers: ("ActionTrail-Account", "demo"));
            var unknown = answer.Json.GetProperty("errors").EnumerateArray().Where(static e => e.GetProperty("rule").GetString() == "Unknown parameter.").Select(static e => e.GetProperty("pointer").GetString());
            Assert.True(unknown.SequenceEqual(["?noSuchParameter"]), $"{route.Method} {path}: {answer.Text}");
        }
    }

    [Fact]
    public async Task A_trace_context_is_accepted_and_every_answer_has_an_id_of_its_own()
    {
        var answers = new List<Answer>();
        foreach (var traceparent in new[] { "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "not a trace" })
            answers.Add(await app.SendAsync("GET", "/v1/accounts", headers: ("traceparent", traceparent)));

        Assert.All(answers, static answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(2, answers.Select(static answer => answer.Headers.GetValues("ActionTrail-Request-Id").Single()).Distinct().Count());
    }

    [Fact]
    public void A_version_that_is_not_the_present_one_changes_no_account_and_no_key() => Assert.All(
        // A record of the query history has one version as long as it is there.
        FunctionsApp.Routes(app.App.Services).Where(static r => r.Method is "PATCH" or "DELETE"
            && !r.Pattern.StartsWith("/v1/retention", StringComparison.Ordinal) && !r.Pattern.StartsWith("/v1/queries/history", StringComparison.Ordinal)),
        static route => Assert.True(route.Description.HonoursIfMatch, $"{route.Method} {route.Pattern} changes a resource and honours If-Match"));

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../../.."));
}
