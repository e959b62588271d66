using ActionTrail.LocalRunner.Triggers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActionTrail.EndToEnd.Tests.HostContract;

/// <summary>A handler in this process, on a free port.</summary>
internal sealed class WebDouble : IHandlerEndpoint, IAsyncDisposable
{
    private readonly WebApplication app;

    private WebDouble(WebApplication app, Uri address)
    {
        this.app = app;
        Address = address;
    }

    public Uri? Address { get; set; }

    /// <summary>Names of the functions whose timeout killed the handler.</summary>
    public List<string> Killed { get; } = [];

    public static async Task<WebDouble> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var web = builder.Build();
        web.Run(answer);
        await web.StartAsync();
        var address = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new WebDouble(web, new Uri(address + "/"));
    }

    public Task<Uri> WaitReadyAsync(CancellationToken cancellationToken) => Task.FromResult(Address!);

    public void KillAfterTimeout(string functionName) => Killed.Add(functionName);

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
    }
}
