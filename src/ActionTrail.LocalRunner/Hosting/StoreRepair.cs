using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ActionTrail.LocalRunner.Triggers;

namespace ActionTrail.LocalRunner.Hosting;

/// <summary>Asks the handler, as operator, to put right what an unclean stop of the storage left: <c>POST /v1/store/repair</c>.</summary>
internal sealed class StoreRepair(HttpClient client, IHandlerEndpoint handler, string operatorKey, TimeProvider clock, RunnerOutput output)
{
    private const int Tries = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await TryAsync(cancellationToken);
            if (result is null)
            {
                return;
            }

            if (attempt == Tries)
            {
                output.Warn($"the store could not be repaired ({result}); what was written in the last seconds before the storage was killed may be missing");
                return;
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <summary>Null when there is nothing more to do.</summary>
    private async Task<string?> TryAsync(CancellationToken cancellationToken)
    {
        var address = await handler.WaitReadyAsync(cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "v1/store/repair"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("operator:" + operatorKey)));
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                output.Say("the handler has no /v1/store/repair; nothing more is repaired");
                return null;
            }

            if (!response.IsSuccessStatusCode)
            {
                return $"status {(int)response.StatusCode}";
            }

            output.Say("the store is repaired: " + await response.Content.ReadAsStringAsync(cancellationToken));
            return null;
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }
}
