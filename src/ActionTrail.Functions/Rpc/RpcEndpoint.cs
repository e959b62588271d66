using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.Rpc;

/// <summary>
/// <c>GET</c> and <c>POST</c> at <c>/</c>: 1 reads query, form and headers, 2 has every answer from here on written in this API's form, 3 finds the action, 4 hands it to
/// the same pipeline as REST. What names no action is not audited, as an unknown path is not.
/// </summary>
internal sealed class RpcEndpoint(ApiPipeline pipeline, RpcOperations operations, TimeProvider time)
{
    public async Task RunAsync(HttpContext context)
    {
        using var deadline = new CancellationTokenSource(ApiPipeline.Deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        var request = await RpcRequest.ReadAsync(context.Request, both.Token);
        context.Features.Set<IAnswerForm>(new RpcAnswerForm(request.Action, request.IsXml));
        var operation = request.Action is null ? null : operations.Find(request.Action);
        if ((request.Problem ?? Refuse(request, operation)) is { } problem)
        {
            await ProblemWriter.WriteAsync(context, problem);
            return;
        }

        await pipeline.RunAsync(context, new ApiRoute(context.Request.Method, "/", operation!.Operation, call => operation.HandleAsync(call, request), RootDescriptions.Call) { Parameters = request.Parameters });
    }

    private static Problem? Refuse(RpcRequest request, RpcOperation? operation) => request switch
    {
        { Action: null } => new Problem(RpcErrors.MissingAction),
        _ when operation is null => new Problem(RpcErrors.InvalidAction),
        { Version: null } => new Problem(RpcErrors.MissingParameter) { Errors = [new Fault("Version", "Required.")] },
        { Version: not RpcAnswerForm.Version } => RpcErrors.Invalid("Version", RpcAnswerForm.Version + "."),
        _ => null,
    };
}
