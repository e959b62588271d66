using Azure;

namespace ActionTrail.Azure.Tables;

/// <summary>The answer when there is no such entity.</summary>
internal sealed class TableNoEntity<T>(Response response) : NullableResponse<T>
{
    public override bool HasValue => false;

    public override T? Value => throw new InvalidOperationException("There is no such entity.");

    public override Response GetRawResponse() => response;
}
