using System.Text;
using ActionTrail.LocalRunner.Options;
using Microsoft.AspNetCore.Connections;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>The host's HTTP port: its admin paths, and the routes of the HTTP functions.</summary>
internal static class HttpFace
{
    /// <summary>The host's own limit, 100 MB.</summary>
    private const long LongestBody = 100 * 1024 * 1024;

    /// <summary>Starts listening on loopback; the caller disposes the result to stop.</summary>
    public static async Task<WebApplication> StartAsync(int port, string routePrefix, IReadOnlyList<FunctionDefinition> functions, AdminApi admin, HttpForwarder forwarder, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LongestBody;
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.ListenLocalhost(port);
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Use(async (context, next) =>
        {
            if (!await admin.TryAnswerAsync(context))
            {
                await next(context);
            }
        });
        app.UseRouting();
        foreach (var http in functions.Select(function => function.Trigger).OfType<HttpTriggerDefinition>())
        {
            var pattern = string.Join('/', new[] { routePrefix, http.Route }.Where(part => part.Length > 0));
            if (http.Methods.Count > 0)
            {
                app.MapMethods(pattern, http.Methods, forwarder.ForwardAsync);
            }
            else
            {
                app.Map(pattern, forwarder.ForwardAsync);
            }
        }

        try
        {
            await app.StartAsync(cancellationToken);
            return app;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await app.DisposeAsync();
            throw new RunnerException($"Port {port} (--http-port) is taken. Choose another port with --http-port; 0 takes a free one.", e);
        }
    }
}
