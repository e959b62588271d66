using System.Net;
using ActionTrail.Tests.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Tests.Functions;

/// <summary>The app with tokens of a local issuer, and accounts <c>demo</c> and <c>other</c>; one for all rows of a class.</summary>
public sealed class SignInApp : IAsyncLifetime
{
    private static int addresses;
    private WebApplication issuer = null!;

    internal TestApp App { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        issuer = builder.Build();
        issuer.Run(static context => context.Response.WriteAsync(TokenIssuer.Jwks));
        await issuer.StartAsync();
        App = await TestApp.StartAsync(change: settings =>
        {
            settings["ActionTrail:Entra:Issuers"] = TokenIssuer.Issuer;
            settings["ActionTrail:Entra:Audiences"] = TokenIssuer.Audience;
            settings["ActionTrail:Entra:Tenants"] = $"{TokenIssuer.Tenant},{TokenIssuer.OtherTenant}";
            settings["ActionTrail:Entra:KeysAddress"] = issuer.Urls.Single();
            settings["ActionTrail:Entra:Roles"] = "Trail.Admin=Administrator,Trail.Read=Auditor";
            settings["ActionTrail:Entra:Accounts"] = $"{TokenIssuer.Tenant}=demo,{TokenIssuer.OtherTenant}=none-such,sleeping=disabled";
        });
        await App.IssueAsync("demo");
        await App.IssueAsync("disabled");
        await App.SendAsync("PATCH", "/v1/accounts/disabled", """{"state":"Disabled"}""");
    }

    public async Task DisposeAsync()
    {
        await App.DisposeAsync();
        await issuer.DisposeAsync();
    }

    /// <summary>A client address that nobody had before: failures of one row shall not count against another.</summary>
    internal static string NewAddress() => $"10.1.{Interlocked.Increment(ref addresses) / 200}.{addresses % 200}";

    internal async Task<Answer> SendAsync(SignedCall call)
    {
        using var message = call.ToMessage(NewAddress());
        using var response = await App.Client.SendAsync(message);
        return await Answer.ReadAsync(response);
    }

    internal async Task<Answer> SendTokenAsync(string authorization, string path = "/v1/trails")
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, path);
        message.Headers.TryAddWithoutValidation("Authorization", authorization);
        message.Headers.TryAddWithoutValidation("X-Forwarded-For", NewAddress());
        using var response = await App.Client.SendAsync(message);
        return await Answer.ReadAsync(response);
    }

    /// <summary>The one answer to every failure: nothing in it differs but the request id.</summary>
    internal async Task AssertRefusedAsync(Answer answer)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, "/v1/trails");
        message.Headers.TryAddWithoutValidation("X-Forwarded-For", NewAddress());
        using var response = await App.Client.SendAsync(message);
        var plain = await Answer.ReadAsync(response);
        Assert.Equal((HttpStatusCode.Unauthorized, "Unauthenticated"), (answer.Status, answer.Code));
        Assert.Equal(WithoutId(plain), WithoutId(answer));
        Assert.Equal(plain.Headers.WwwAuthenticate.ToString(), answer.Headers.WwwAuthenticate.ToString());
    }

    private static string WithoutId(Answer answer) => answer.Text.Replace(answer.Json.GetProperty("requestId").GetString()!, "id", StringComparison.Ordinal);
}
