namespace ActionTrail.Generator;

/// <summary>A code and message of a refused call.</summary>
internal sealed record CatalogError(string Code, string Message)
{
    /// <summary>The errors that events carry, the most frequent first.</summary>
    public static IReadOnlyList<CatalogError> All { get; } =
    [
        new("NoPermission", "You are not authorized to perform this action on the specified resource."),
        new("Throttling.User", "Request was denied due to user flow control."),
        new("InvalidResource.NotFound", "The specified resource does not exist or has been released."),
        new("Forbidden.RAM", "User not authorized to operate on the specified resource, or this API doesn't support RAM."),
        new("InvalidParameter", "The specified parameter is not valid."),
        new("IncorrectStatus", "The current status of the resource does not support this operation."),
        new("OperationDenied.NoStock", "The requested resource is sold out in the specified zone; try another zone."),
        new("QuotaExceeded", "The maximum number of resources is exceeded."),
        new("MissingParameter", "An input parameter that is mandatory for processing the request is not supplied."),
        new("ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
        new("InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
        new("EntityAlreadyExists", "An entity of that name exists already."),
    ];

    /// <summary>The one error of a sign-in.</summary>
    public static CatalogError SigninFailed { get; } = new("LoginFailed", "The user name or password is incorrect.");
}
